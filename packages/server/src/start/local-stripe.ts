/** Runs the sandbox beside the server. The only place that loads it, and only when the mode asks for it. */
import type { Sandbox } from '@tollbridge/sandbox'
import type { Config } from '../config.ts'
import type { Log } from '../log.ts'
import { dataFiles } from './data-files.ts'
import { listenError, StartError } from './start-error.ts'

export interface LocalStripe {
  readonly url: string
  /** A made-up test key; the sandbox takes any. */
  readonly secretKey: string
  readonly sandbox: Sandbox
  /** Tells the sandbox where webhooks go; the first goes out once `learn` has taken in their signing secret. */
  deliverTo(webhookUrl: string, learn: (signingSecret: string) => Promise<void>): Promise<void>
  stop(): Promise<void>
}

/** The stand-in is for this machine alone. */
const HOST = '127.0.0.1'
export const LOCAL_SECRET_KEY = 'sk_test_tollbridgeLocalSandbox'
export const LOCAL_PUBLISHABLE_KEY = 'pk_test_tollbridgeLocalSandbox'

export async function startLocalStripe(
  config: Pick<Config, 'TOLLBRIDGE_DATA_DIR' | 'SANDBOX_PORT'>,
  log: Log,
): Promise<LocalStripe> {
  const { createSandbox } = await import('@tollbridge/sandbox')
  const file = dataFiles(config.TOLLBRIDGE_DATA_DIR).sandbox
  const sandbox = opened(file, () => createSandbox({ file }))
  // What an earlier run still has to deliver waits until the server is listening.
  sandbox.deliveries.pause()
  const { url } = await sandbox.listen({ port: config.SANDBOX_PORT, host: HOST }).catch((error: unknown) => {
    throw listenError(error, HOST, config.SANDBOX_PORT, 'SANDBOX_PORT')
  })
  log.info({ url }, 'local Stripe is listening')
  return {
    url,
    secretKey: LOCAL_SECRET_KEY,
    sandbox,
    async deliverTo(webhookUrl, learn) {
      const { secret } = sandbox.ensureWebhookEndpoint({ url: webhookUrl, enabledEvents: ['*'] })
      await learn(secret)
      sandbox.deliveries.resume()
    },
    stop: () => sandbox.close(),
  }
}

function opened<T>(file: string, open: () => T): T {
  try {
    return open()
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new StartError(
      `The database of the local Stripe, ${file}, cannot be opened: ${why}. It holds nothing but what was tried: move it away, and the next start makes an empty one.`,
      { cause: error },
    )
  }
}
