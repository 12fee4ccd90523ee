/** What Slingr's scripts expect around them: `sys` and `app`, so that its pages' samples run unchanged. */
import type { PageConfig } from '../page-config.ts'
import type { Ui } from '../ui/create-ui.ts'

export interface SlingrGlobals {
  readonly sys: {
    readonly ui: Pick<Ui, 'sendMessage' | 'sendPluginMessage'>
    readonly logs: Pick<Console, 'debug' | 'info' | 'warn' | 'error'>
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
  ready()
    .then(({ publishable_key: key }) => {
      configuration.publishableKey = key
    })
    // A failure is told where the key is used.
    .catch(() => {})
  return {
    sys: {
      ui,
      logs: console,
    },
    app: { endpoints: { stripe: { _configuration: configuration } } },
  }
}
