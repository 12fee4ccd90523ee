/** Runs one server in a process of its own, so that its CPU is counted apart from the load generator's. */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export interface ChildServer {
  readonly url: string
  /** Empty where the server has none. */
  readonly serverKey: string
  /** CPU seconds used so far, user and system. */
  cpuSeconds(): Promise<number>
  stop(): Promise<void>
}

type Message = { readonly url: string; readonly serverKey?: string } | { readonly cpuSeconds: number }

/** @param file below bench/servers; it calls `serveAsChild`. */
export async function startChildServer(
  file: string,
  env: Readonly<Record<string, string>> = {},
): Promise<ChildServer> {
  const child = fork(fileURLToPath(new URL(`servers/${file}`, import.meta.url)), [], {
    execArgv: ['--conditions=source'],
    env: { ...process.env, NODE_ENV: 'production', ...env },
  })
  const first = await nextMessage(child)
  if (!('url' in first)) throw new Error(`${file} did not say its address`)
  return {
    url: first.url,
    serverKey: first.serverKey ?? '',
    async cpuSeconds() {
      const answer = nextMessage(child)
      child.send('cpu')
      const message = await answer
      if (!('cpuSeconds' in message)) throw new Error(`${file} did not say its CPU time`)
      return message.cpuSeconds
    },
    async stop() {
      const exited = new Promise((resolve) => child.once('exit', resolve))
      child.send('stop')
      await exited
    },
  }
}

function nextMessage(child: ChildProcess): Promise<Message> {
  return new Promise((resolve, reject) => {
    const died = (code: number | null) => reject(new Error(`A server ended with exit code ${code}`))
    child.once('exit', died)
    child.once('message', (message) => {
      child.off('exit', died)
      resolve(message as Message)
    })
  })
}
