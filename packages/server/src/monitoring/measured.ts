/** Measures the calls of a client whose methods are its operations. */
import { ServiceError } from '../errors.ts'

export type Observe = (operation: string, outcome: string, milliseconds: number) => void

/** @returns the same client, with each method that answers later observed: `ok`, or the code of its error. */
export function measured<Client extends object>(
  client: Client,
  observe: Observe,
  elapsed: () => number,
): Client {
  const watched = Object.entries(client).map(([name, method]: [string, unknown]) => {
    if (typeof method !== 'function') return [name, method] as const
    const call = (...given: unknown[]): unknown => {
      const startedAt = elapsed()
      const answer: unknown = Reflect.apply(method, client, given)
      if (!(answer instanceof Promise)) return answer
      const end = (outcome: string) => observe(name, outcome, elapsed() - startedAt)
      answer.then(
        (value: unknown) => end(outcomeOf(value)),
        (error: unknown) => end(error instanceof ServiceError ? error.code : 'internal'),
      )
      return answer
    }
    return [name, call] as const
  })
  return Object.fromEntries(watched) as Client
}

/** Some answers are outcomes of a fixed list themselves. */
function outcomeOf(value: unknown): string {
  const { outcome } = (value ?? {}) as { readonly outcome?: unknown }
  return outcome === 'not_sent' || outcome === 'unknown' ? outcome : 'ok'
}

/** One measured client for each client, as long as that one is used. */
export function measuring<Client extends object>(
  open: (appId: string) => Client,
  observe: Observe,
  elapsed: () => number,
): (appId: string) => Client {
  const made = new WeakMap<Client, Client>()
  return (appId) => {
    const client = open(appId)
    const held = made.get(client)
    if (held !== undefined) return held
    const watched = measured(client, observe, elapsed)
    made.set(client, watched)
    return watched
  }
}
