#!/usr/bin/env node
/** Runs a sandbox on its own: `tollbridge-sandbox --port 4243`. */
import { parseArgs } from 'node:util'
import { createSandbox } from './create-sandbox.ts'

const USAGE = `Usage: tollbridge-sandbox [options]

  --port <number>        port to listen on (4243; 0 takes a free one)
  --host <address>       address to listen on (127.0.0.1)
  --file <path>          SQLite file that keeps everything (in memory without it)
  --webhook-url <url>    sends every event to this address
  --seed <text>          the same ids at every run
  --verbose              one line per request and delivery
  --help                 this text`

try {
  await main()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '4243' },
      host: { type: 'string', default: '127.0.0.1' },
      file: { type: 'string' },
      'webhook-url': { type: 'string' },
      seed: { type: 'string' },
      verbose: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    console.log(USAGE)
    return
  }
  const port = Number(values.port)
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new Error(`--port must be a number from 0 to 65535, not ${values.port}.`)
  }
  const webhookUrl = values['webhook-url']
  if (webhookUrl !== undefined && !/^https?:$/.test(URL.parse(webhookUrl)?.protocol ?? '')) {
    throw new Error(`--webhook-url must be an http or https address, not ${webhookUrl}.`)
  }
  const sandbox = createSandbox({
    ...(values.file !== undefined && { file: values.file }),
    ...(values.seed !== undefined && { seed: values.seed }),
    ...(values.verbose && { log: (line: string) => console.log(line) }),
  })
  const { url } = await sandbox.listen({ port, host: values.host }).catch(async (error) => {
    await sandbox.close()
    if (error.code === 'EADDRINUSE') throw new Error(`Port ${port} is taken. Choose another with --port.`)
    throw error
  })
  console.log(`Local Stripe on ${url}`)
  console.log(
    'Keys: sk_test_sandbox (secret), pk_test_sandbox (publishable); any sk_test_ or pk_test_ key works.',
  )
  if (webhookUrl !== undefined) {
    const { secret } = sandbox.ensureWebhookEndpoint({ url: webhookUrl, enabledEvents: ['*'] })
    console.log(`Events go to ${webhookUrl}, signed with ${secret}`)
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void sandbox.close())
  }
}
