/** Runs one message through its plugin: in its turn, to one end. */
import { type EndTurn, takeTurn } from '../dialog/page-turns.ts'
import type { Page } from '../page.ts'
import { misuse } from '../tollbridge-error.ts'
import type { BrowserPlugin, OriginalMessage, PluginFunction } from './browser-plugin.ts'

export interface MessageRun {
  readonly message: OriginalMessage
  /** The callbacks that the sender declared. */
  readonly declared: readonly string[]
  /** Aborting it takes the dialog away, and runs no callback. */
  readonly signal: AbortSignal
  /** Asked when the turn has come, before anything is shown; false leaves the message to somebody else. */
  readonly claim?: () => Promise<boolean>
  /** Called at most once, also for a callback that was not declared. */
  callback(name: string, data: unknown): Promise<void>
}

/** How a message ended for this page; `closed`: by its signal, `left`: not claimed. */
export type MessageEnd = 'settled' | 'closed' | 'left'

export interface RunnerDeps {
  readonly plugins: ReadonlyMap<string, BrowserPlugin>
  readonly page: Page
}

/** @throws TollbridgeError `ui_plugin_unknown`, `ui_function_unknown`: nothing runs */
export function findFunction(
  plugins: ReadonlyMap<string, BrowserPlugin>,
  { scope, name }: { readonly scope: unknown; readonly name: unknown },
): PluginFunction {
  const plugin = [...plugins.values()].find((it) => scope === `plugin:${it.name}`)
  if (!plugin) {
    const known = [...plugins.keys()].map((it) => `plugin:${it}`)
    throw misuse('ui_plugin_unknown', `There is no "${scope}": scope can be ${known}.`, 'scope')
  }
  const known = Object.entries(plugin.functions)
  const found = known.find(([it]) => it === name)
  if (found) return found[1]
  const names = known.map(([it]) => it)
  throw misuse('ui_function_unknown', `${scope} has no "${name}": name can be ${names}.`, 'name')
}

/** @throws what `claim` or `callback` throw, and as findFunction */
export async function runMessage({ plugins, page }: RunnerDeps, run: MessageRun): Promise<MessageEnd> {
  const { message, declared, signal, claim } = run
  const plugin = findFunction(plugins, message)
  let endTurn: EndTurn
  try {
    endTurn = await takeTurn(signal)
  } catch {
    return 'closed'
  }
  let ended: Promise<void> | undefined
  const callback = (_message: OriginalMessage, name: string, data: unknown = {}): Promise<void> => {
    if (signal.aborted) return Promise.resolve()
    // Before the callback runs, which may well wait for the next dialog.
    endTurn()
    ended ??= run.callback(name, data)
    return ended
  }
  try {
    if (claim && !(await claim())) return 'left'
    if (signal.aborted) return 'closed'
    try {
      await plugin.run(message, { callback, declares: (name) => declared.includes(name), signal, page })
    } catch (error) {
      if (ended) throw error
      const failure = { error: thrownError(error) }
      await callback(message, plugin.onThrow, { ...failure, result: failure })
    }
    await ended
    return ended ? 'settled' : 'closed'
  } finally {
    endTurn()
  }
}

/** A thrown thing in Stripe's error shape. */
export function thrownError(error: unknown): { type: string; code: string; message: string; param?: string } {
  const { type, code, message, param, name } = (error ?? {}) as Record<string, string | undefined>
  return {
    type: type ?? 'invalid_request_error',
    code: code ?? (name === 'IntegrationError' ? 'integration_error' : 'unexpected_error'),
    message: message ?? String(error),
    ...(param && { param }),
  }
}
