/** What each kind of timer does when it comes due. */
import type { Call } from './api/call.ts'
import { attachBalanceTransaction } from './resources/charge-payment.ts'
import { disputeCharge } from './resources/dispute-object.ts'
import { expireHold, settleDebit } from './resources/finish-payment-intent.ts'
import { settleRefund } from './resources/refunds.ts'
import type { TimerKind } from './timers.ts'

export const timerActions: Record<TimerKind, (call: Call, objectId: string) => void> = {
  attach_balance_transaction: attachBalanceTransaction,
  dispute_charge: disputeCharge,
  expire_hold: expireHold,
  settle_debit: settleDebit,
  settle_refund: settleRefund,
}
