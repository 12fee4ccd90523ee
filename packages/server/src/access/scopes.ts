/** What a server key may do. docs/decisions/0013 says what each scope opens, and why. */

export const SCOPES = ['read', 'payments', 'refunds', 'ui', 'admin'] as const
export type Scope = (typeof SCOPES)[number]

/** Of the first key of an app, and of keys that are older than scopes. */
export const FIRST_KEY_SCOPES: readonly Scope[] = ['read', 'payments', 'refunds', 'ui']

export function isScope(text: string): text is Scope {
  return (SCOPES as readonly string[]).includes(text)
}

/** In the order of SCOPES, each once. */
export function inOrder(scopes: Iterable<Scope>): readonly Scope[] {
  const given = new Set(scopes)
  return SCOPES.filter((scope) => given.has(scope))
}
