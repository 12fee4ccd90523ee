/** The command line, run as a process. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { startSandbox } from '../test/support/start-sandbox.ts'

const CLI = fileURLToPath(new URL('cli.ts', import.meta.url))

function run(...args: string[]): { child: ChildProcessWithoutNullStreams; output(): string } {
  const child = spawn(process.execPath, ['--conditions=source', CLI, ...args])
  onTestFinished(() => void child.kill('SIGKILL'))
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  return { child, output: () => output }
}

it('prints its address, a test key and the webhook secret, serves, and stops on a signal', async () => {
  const { child, output } = run('--port', '0', '--webhook-url', 'http://127.0.0.1:9/webhooks')
  await expect.poll(output, { timeout: 10_000 }).toMatch(/signed with whsec_\w+/)
  expect(output()).toContain('sk_test_sandbox')
  const url = /on (http:\S+)/.exec(output())?.[1] ?? ''
  const headers = { authorization: 'Bearer sk_test_sandbox' }
  expect((await fetch(`${url}/v1/balance`, { headers })).status).toBe(200)
  child.kill('SIGTERM')
  expect(await once(child, 'exit')).toEqual([0, null])
})

it.each([
  [['--port', 'x'], '--port must be a number'],
  [['--webhook-url', 'nowhere'], '--webhook-url must be an http or https address'],
  [['--nonsense'], "Unknown option '--nonsense'"],
])('%j is refused with a sentence', async (args, sentence) => {
  const { child, output } = run(...args)
  expect(await once(child, 'exit')).toEqual([1, null])
  expect(output()).toContain(sentence)
})

it('names a port that is taken', async () => {
  const { url } = await startSandbox()
  const { port } = new URL(url)
  const { child, output } = run('--port', port)
  expect(await once(child, 'exit')).toEqual([1, null])
  expect(output()).toContain(`Port ${port} is taken`)
})
