/** The whole product, and the client of an app's server at it. */
import {
  type Tollbridge as Server,
  type StartOptions,
  startTollbridge,
} from '../../../test/support/start-tollbridge.ts'
import { createTollbridge, type Tollbridge, type TollbridgeOptions, type UiErrorPlace } from '../src/index.ts'

export interface ClientUnderTest {
  readonly server: Server
  readonly tollbridge: Tollbridge
  /** What `onError` heard. */
  readonly errors: { readonly error: unknown; readonly place: UiErrorPlace }[]
  /** Another process of the app, or the same after a restart. */
  another(options?: Partial<TollbridgeOptions>): Tollbridge
  stop(): Promise<void>
}

export async function startClient(options: StartOptions = {}): Promise<ClientUnderTest> {
  const server = await startTollbridge(options)
  const clients: Tollbridge[] = []
  const errors: ClientUnderTest['errors'] = []

  function another(given: Partial<TollbridgeOptions> = {}): Tollbridge {
    const client = createTollbridge({
      url: server.url,
      serverKey: server.serverKey,
      onError: (error, place) => errors.push({ error, place }),
      ...given,
    })
    clients.push(client)
    return client
  }

  return {
    server,
    tollbridge: another(),
    errors,
    another,
    async stop() {
      await Promise.all(clients.map((client) => client.close()))
      await server.stop()
    },
  }
}
