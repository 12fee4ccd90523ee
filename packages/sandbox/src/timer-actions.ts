/** What each kind of timer does when it comes due. */
import type { Call } from './api/call.ts'
import { attachBalanceTransaction } from './resources/charge-payment.ts'
import type { TimerKind } from './timers.ts'

export const timerActions: Record<TimerKind, (call: Call, objectId: string) => void> = {
  attach_balance_transaction: attachBalanceTransaction,
  dispute_charge: () => {},
  expire_hold: () => {},
  settle_debit: () => {},
  settle_refund: () => {},
}
