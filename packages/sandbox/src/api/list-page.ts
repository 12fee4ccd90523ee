/** Stripe's list pages: newest first, by cursor, 1 to 100 objects. */
import type { ListQuery } from '../store/object-store.ts'
import type { Kind } from '../store/stored-objects.ts'
import type { Call } from './call.ts'
import { either, hash, integer, type Parsed, text } from './params.ts'
import { invalidRequest, noSuch } from './stripe-error.ts'

export const pageParams = {
  limit: integer({ min: 1, max: 100 }),
  starting_after: text(),
  ending_before: text(),
}

/** `created=…` or `created[gte]=…`. */
export const createdParam = either(
  integer(),
  hash({ gt: integer(), gte: integer(), lt: integer(), lte: integer() }),
)

export interface ListObject {
  object: 'list'
  data: object[]
  has_more: boolean
  url: string
}

type Page = Parsed<typeof pageParams>
type Created = ReturnType<typeof createdParam.read> | undefined

/** @throws StripeError 400 when the cursor names no object. */
export function listPage(
  call: Pick<Call, 'store'>,
  url: string,
  query: { kind: Kind; page: Page; created?: Created } & Pick<ListQuery, 'where' | 'also'>,
): ListObject {
  const { page, created, kind, where, also } = query
  for (const cursor of ['starting_after', 'ending_before'] as const) {
    const id = page[cursor]
    if (id !== undefined && !call.store.get(kind, id)) throw noSuch(kind, id, cursor)
  }
  if (page.starting_after !== undefined && page.ending_before !== undefined) {
    throw invalidRequest('You cannot use both starting_after and ending_before in one request.', {
      param: 'ending_before',
    })
  }
  const { objects, hasMore } = call.store.list({
    kind,
    where: where ?? {},
    also,
    created: typeof created === 'number' ? { gte: created, lte: created } : created,
    limit: page.limit ?? 10,
    startingAfter: page.starting_after,
    endingBefore: page.ending_before,
  })
  return { object: 'list', data: objects, has_more: hasMore, url }
}

/** A whole list in one page, for lists inside objects. */
export function embeddedList(data: object[], url: string): ListObject {
  return { object: 'list', data, has_more: false, url }
}
