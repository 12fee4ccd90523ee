/** `sys` and `app` as Slingr's scripts know them: such a script runs with `await` before its calls. */
import type { StripeDoor } from './stripe/create-stripe.ts'
import type { ServerUi } from './ui/create-ui.ts'
import type { SendReceipt, UiMessage } from './ui/messages.ts'

export interface SlingrLogs {
  debug(...values: readonly unknown[]): void
  info(...values: readonly unknown[]): void
  warn(...values: readonly unknown[]): void
  error(...values: readonly unknown[]): void
}

export interface Slingr {
  readonly sys: {
    readonly ui: {
      /** Need not be awaited: what goes wrong is also told to `onError`. */
      sendMessage<D = unknown>(message: UiMessage<D>): Promise<SendReceipt>
    }
    readonly logs: SlingrLogs
  }
  readonly app: { readonly endpoints: { readonly stripe: StripeDoor } & Readonly<Record<string, StripeDoor>> }
}

export interface SlingrOptions {
  /** Where `sys.logs` writes; the console unless named. */
  readonly logs?: SlingrLogs
  /** Further endpoints by their names, such as those of other Stripe accounts. */
  readonly endpoints?: Readonly<Record<string, StripeDoor>>
}

export interface SlingrDeps {
  readonly stripe: StripeDoor
  readonly ui: Pick<ServerUi, 'sendMessage'>
  onError(error: unknown): void
}

export function createSlingr(
  deps: SlingrDeps,
  { logs = console, endpoints = {} }: SlingrOptions = {},
): Slingr {
  return {
    sys: {
      ui: {
        sendMessage(message) {
          const sending = deps.ui.sendMessage(message)
          // Slingr's returns nothing, so scripts do not await it, and a rejection would end the process.
          sending.catch(deps.onError)
          return sending
        },
      },
      logs,
    },
    app: { endpoints: { ...endpoints, stripe: deps.stripe } },
  }
}
