/** Keeps of one object the newest snapshot that is known, whatever the order in which snapshots come. */

export interface Register<Content> {
  /** Where the snapshot stands in the object's life; compared number by number, and the greatest wins. */
  readonly key: readonly number[]
  /** The different snapshots that events showed under this key, sorted. More than one: the key does not decide. */
  readonly seen: readonly Content[]
  /** What Stripe answered when asked, and the snapshots that were known before asking: all of them are older. */
  readonly settled: { readonly content: Content; readonly over: readonly Content[] } | null
}

export function seenOnce<Content>(key: readonly number[], content: Content): Register<Content> {
  return { key, seen: [content], settled: null }
}

/** Least upper bound: the same for any order and any repetition of its arguments. */
export function join<Content>(a: Register<Content> | null, b: Register<Content>): Register<Content> {
  if (a === null) return b
  const order = compareKeys(a.key, b.key)
  if (order !== 0) return order > 0 ? a : b
  return { key: a.key, seen: union(a.seen, b.seen), settled: later(a.settled, b.settled) }
}

/**
 * Takes what Stripe answered, asked while `basis` was known. An event that came in the meantime with a greater key
 * wins; one with the same key makes the object undecided again.
 */
export function settle<Content>(
  current: Register<Content> | null,
  basis: Register<Content> | null,
  tier: number,
  content: Content,
): Register<Content> {
  const known = basis !== null && basis.key[0] === tier
  return join(current, {
    key: known ? basis.key : [tier],
    seen: known ? basis.seen : [],
    settled: { content, over: known ? basis.seen : [] },
  })
}

/** The snapshot to believe; of several that the key does not tell apart, always the same one. */
export function chosen<Content>({ seen, settled }: Register<Content>): Content {
  const content = settled?.content ?? seen.at(-1)
  if (content === undefined) throw new Error('A register holds at least one snapshot')
  return content
}

export function isUndecided<Content>({ seen, settled }: Register<Content>): boolean {
  if (settled === null) return seen.length > 1
  const known = new Set([settled.content, ...settled.over].map(textOf))
  return seen.some((content) => !known.has(textOf(content)))
}

/** Missing numbers count as lower than any. */
function compareKeys(a: readonly number[], b: readonly number[]): number {
  for (let place = 0; place < Math.max(a.length, b.length); place++) {
    const difference = (a[place] ?? -1) - (b[place] ?? -1)
    if (difference !== 0) return difference
  }
  return 0
}

function union<Content>(a: readonly Content[], b: readonly Content[]): readonly Content[] {
  const byText = new Map([...a, ...b].map((content) => [textOf(content), content]))
  if (byText.size === a.length) return a
  return [...byText].sort(([x], [y]) => (x < y ? -1 : 1)).map(([, content]) => content)
}

/** Of two answers the one that was asked for with more known. */
function later<Content>(
  a: Register<Content>['settled'],
  b: Register<Content>['settled'],
): Register<Content>['settled'] {
  if (a === null || b === null) return a ?? b
  return b.over.length >= a.over.length ? b : a
}

/** Contents are flat objects that one function makes, so their text tells them apart. */
function textOf(content: unknown): string {
  return JSON.stringify(content)
}
