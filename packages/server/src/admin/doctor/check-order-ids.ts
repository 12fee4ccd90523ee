/** Has the operator said whether order ids can be guessed: what a client reads by one depends on it. */
import type { Config } from '../../config.ts'
import type { AppMode } from '../../store/app-store.ts'
import { type Check, ok, warn } from './check.ts'

export type ReadSettings = Pick<Config, 'CLIENT_READS' | 'REQUIRE_WATCH_TOKEN' | 'ORDER_IDS_ARE_SECRET'>

/** Pure: no default is right for every shop, so an app of real Stripe is asked to choose before it is live. */
export function judgeOrderIds(mode: AppMode, settings: ReadSettings): Check {
  if (mode === 'sandbox') return ok('order_ids', 'A sandbox app has no payments of others to be guessed.')
  if (settings.CLIENT_READS === 'open') {
    return warn(
      'order_ids',
      'CLIENT_READS is open: whoever has the client key sees the events of every payer, whatever his order id.',
      'Set CLIENT_READS=pinned once no page listens to everything.',
    )
  }
  if (settings.REQUIRE_WATCH_TOKEN) {
    return ok('order_ids', 'A client shows a watch token whatever it reads, so no order id opens anything.')
  }
  const areSecret = settings.ORDER_IDS_ARE_SECRET
  if (areSecret === false) return ok('order_ids', 'An order id alone opens no events; a watch token does.')
  if (areSecret === undefined) {
    return warn(
      'order_ids',
      'Nobody has said whether order ids can be guessed; until then an order id alone opens no events to a client.',
      'Set ORDER_IDS_ARE_SECRET=false if orders are numbered, or true if each id is random (a UUID) and pages read by it without a watch token.',
    )
  }
  return mode === 'test'
    ? warn(
        'order_ids',
        'ORDER_IDS_ARE_SECRET is on: whoever guesses an order id reads its events with the client key.',
        'Before going live, see that each order id is random (a UUID); if not, set ORDER_IDS_ARE_SECRET=false and send the watch token.',
      )
    : ok(
        'order_ids',
        'An order id alone opens its events, since ORDER_IDS_ARE_SECRET says that nobody can guess one.',
      )
}
