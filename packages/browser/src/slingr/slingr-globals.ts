/** What Slingr's scripts expect around them: `sys` and `app`, so that its pages' samples run unchanged. */
import type { PageConfig } from '../page-config.ts'
import type { Ui } from '../ui/create-ui.ts'

type Log = (...what: unknown[]) => void

export interface SlingrGlobals {
  readonly sys: {
    readonly ui: Pick<Ui, 'sendMessage' | 'sendPluginMessage'>
    readonly logs: Readonly<Record<'debug' | 'info' | 'warn' | 'error', Log>>
  }
  readonly app: {
    readonly endpoints: {
      readonly stripe: {
        /** No secret is in it. The key is undefined until the server has told it, and messages then use it by themselves. */
        readonly _configuration: { readonly publishableKey: string | undefined }
      }
    }
  }
}

export function slingrGlobals(ui: Ui, ready: () => Promise<PageConfig>): SlingrGlobals {
  const configuration: { publishableKey: string | undefined } = { publishableKey: undefined }
  // A failure is told where the key is used.
  ready().then(
    (config) => {
      configuration.publishableKey = config.publishable_key
    },
    () => {},
  )
  return {
    sys: {
      ui,
      logs: {
        debug: (...what) => console.debug(...what),
        info: (...what) => console.info(...what),
        warn: (...what) => console.warn(...what),
        error: (...what) => console.error(...what),
      },
    },
    app: { endpoints: { stripe: { _configuration: configuration } } },
  }
}
