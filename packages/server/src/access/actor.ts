/** Who changes what an app is made of: told in the audit trail, and of each server key. */

export type Actor =
  /** Whoever holds this operator key. */
  | { readonly kind: 'operator'; readonly id: `opk_${string}` }
  | { readonly kind: 'server_key'; readonly id: `key_${string}` }
  /** A person at the machine; `id`: the name of the system's user. */
  | { readonly kind: 'command_line'; readonly id: string }
  /** This server by itself: at a start, for what its settings say, or at a first need. */
  | { readonly kind: 'tollbridge'; readonly id: null }

export const ACTOR_KINDS = [
  'operator',
  'server_key',
  'command_line',
  'tollbridge',
] as const satisfies Actor['kind'][]
export type ActorKind = Actor['kind']

/** Who changes something, and from where. */
export interface ChangedBy {
  readonly actor: Actor
  /** Where the request came from; null: this machine itself. */
  readonly address: string | null
}

export const BY_ITSELF: ChangedBy = { actor: { kind: 'tollbridge', id: null }, address: null }

/** `server_key:key_…`, `tollbridge`: one text, to be stored and shown. */
export function actorText({ kind, id }: Actor): string {
  return id === null ? kind : `${kind}:${id}`
}

/** @returns null for what `actorText` does not write. */
export function parseActor(text: string): Actor | null {
  if (text === 'tollbridge') return { kind: 'tollbridge', id: null }
  const [, kind, id] = /^(operator|server_key|command_line):(.*)$/s.exec(text) ?? []
  return kind === undefined || id === undefined ? null : ({ kind, id } as Actor)
}
