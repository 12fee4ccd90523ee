/** Completes a sort order so that no two events are equal in it: paging then neither repeats nor skips. */
import type { OrderTerm } from '@tollbridge/protocol'

const NEWEST_FIRST: readonly OrderTerm[] = [{ field: 'created', direction: 'desc' }]

/** The last term is the position, in the direction of the term before it. */
export function totalOrder(orderBy: readonly OrderTerm[]): readonly OrderTerm[] {
  const terms = orderBy.length === 0 ? NEWEST_FIRST : orderBy
  return [...terms, { field: 'position', direction: terms.at(-1)?.direction ?? 'desc' }]
}
