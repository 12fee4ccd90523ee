/** Which of two prices of an order is the newer one: that which the app's own server issued later, whatever arrives first. */

type Terms = Readonly<Record<string, unknown>>

/**
 * @param next what would take the place of `present`. What a client may change of its own word is judged elsewhere, and
 * the server's word is newer than any of a client.
 */
export function isNewerPrice(next: Terms, present: Terms): boolean {
  if (next['set_by'] !== 'server' || present['set_by'] === 'client') return true
  return issueOf(next) > issueOf(present)
}

/** Without a place in the order of issue it is older than whatever has one, and no newer than its like. */
function issueOf({ issued }: Terms): number {
  return typeof issued === 'number' ? issued : Number.NEGATIVE_INFINITY
}
