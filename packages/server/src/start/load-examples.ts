/** Loads the example shops for a sandbox server; where they are not installed, there are none. */
import type { Log } from '../log.ts'
import type { ExampleShops } from '../pages/examples.ts'
import type { Connection } from './connection-file.ts'

interface ExamplesModule {
  createExamples(options: Omit<Connection, 'sandboxUrl'> & { readonly path: string }): ExampleShops
}

export async function loadExamples(
  { url, appId, clientKey, serverKey }: Connection,
  log: Pick<Log, 'info'>,
  // Not a literal for the compiler: the server is built, and published, without the shops.
  load: () => Promise<ExamplesModule> = () => import('@tollbridge/examples' as string),
): Promise<ExampleShops | null> {
  try {
    const { createExamples } = await load()
    return createExamples({ url, appId, clientKey, serverKey, path: '/examples' })
  } catch (error) {
    // The published package comes without them, and a shop must never keep the server from starting.
    log.info({ err: error }, 'There are no example shops here')
    return null
  }
}
