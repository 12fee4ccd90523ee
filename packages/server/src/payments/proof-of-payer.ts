/** Whether a caller is the payer of a payment: the one place that judges it, for every door. docs/decisions/0012. */
import { ServiceError } from '../errors.ts'
import type { PayerMark, PaymentAttemptStore } from '../store/payment-attempt-store.ts'
import type { PaymentStore } from '../store/payment-store.ts'
import type { Caller } from './caller.ts'
import type { ClientSecrets } from './client-secrets.ts'
import { payerKeys, sharesKey } from './payer-keys.ts'
import type { NoteRefusedProof, OrderOfQuote } from './ports.ts'

/** A payment as far as its payer is asked for. */
export interface BegunPayment {
  readonly account: string
  /** null: it has none yet. */
  readonly paymentIntentId: string | null
  readonly orderId: string | null
  readonly payer: PayerMark | null
}

export interface ProofOfPayer {
  /** What is known of a payment's beginning; of an unknown one nothing. */
  beginningOf(caller: Caller, paymentIntentId: string): Promise<BegunPayment>
  /** Whether the caller may act on the payment, and be told all of it. A server may. */
  holds(caller: Caller, of: BegunPayment): Promise<boolean>
  /** Whether he shows what only who began it has; the app's server, and a quote of it, say nothing about that. */
  isBeginner(caller: Caller, of: BegunPayment): Promise<boolean>
  /** Throws `proof_required`, or `proof_limited` after too many. */
  assert(caller: Caller, of: BegunPayment): Promise<void>
  /** The same answer for every cause. Throws. */
  refuse(caller: Caller): Promise<never>
  /** Whether anything is shown at all, right or wrong. */
  isShown(caller: Caller): boolean
  /** Counts what was shown and wrong. Throws `proof_limited` after too many. */
  noteRefusal(caller: Caller): Promise<void>
}

export interface ProofOfPayerDeps {
  readonly attempts: Pick<PaymentAttemptStore, 'findOrderByIntent' | 'history'>
  readonly stored: Pick<PaymentStore, 'find'>
  readonly clientSecrets: ClientSecrets
  readonly orderOfQuote: OrderOfQuote
  readonly noteRefusedProof: NoteRefusedProof
}

export function createProofOfPayer(deps: ProofOfPayerDeps): ProofOfPayer {
  const { attempts, stored, clientSecrets, orderOfQuote } = deps

  async function isBeginner(caller: Caller, of: BegunPayment): Promise<boolean> {
    const { principal, shown } = caller
    const { paymentIntentId } = of
    if (principal.role === 'server') return false
    const isWatching =
      paymentIntentId !== null && (principal.watch?.paymentIntentId.includes(paymentIntentId) ?? false)
    const hasKey = sharesKey(of.payer, payerKeys(caller))
    if (isWatching || hasKey) return true
    if (paymentIntentId === null || shown.clientSecret === null) return false
    return clientSecrets.fits(
      { appId: principal.appId, account: of.account },
      paymentIntentId,
      shown.clientSecret,
    )
  }

  async function hasQuote({ principal, shown }: Caller, { orderId }: BegunPayment): Promise<boolean> {
    if (orderId === null || shown.quote === null) return false
    return (await orderOfQuote(principal.appId, shown.quote)) === orderId
  }

  const holds: ProofOfPayer['holds'] = async (caller, of) =>
    caller.principal.role === 'server' || (await isBeginner(caller, of)) || (await hasQuote(caller, of))

  const noteRefusal: ProofOfPayer['noteRefusal'] = ({ principal, address, clientKey }) =>
    deps.noteRefusedProof({ appId: principal.appId, address, clientKey })

  async function refuse(caller: Caller): Promise<never> {
    await noteRefusal(caller)
    throw new ServiceError('proof_required', {
      message:
        'This order or payment was begun before, and the request does not show that it comes from its payer. Send the watch token that its answer carried (header Tollbridge-Watch-Token), its client secret, a quote for the order, or the key that began it (Tollbridge-Payer-Key).',
    })
  }

  return {
    async beginningOf({ principal: { appId }, account }, paymentIntentId) {
      const order = await attempts.findOrderByIntent(appId, account, paymentIntentId)
      if (order !== null) return order
      const history = await attempts.history(appId, { account, paymentIntentId, orderId: null })
      const create = history.find(({ call }) => call.operation === 'create')
      const orderId = create?.orderId ?? (await stored.find(appId, paymentIntentId))?.orderId ?? null
      return { account, paymentIntentId, orderId, payer: create?.payer ?? null }
    },
    holds,
    isBeginner,
    async assert(caller, of) {
      if (!(await holds(caller, of))) await refuse(caller)
    },
    refuse,
    isShown: (caller) => {
      const { principal, shown } = caller
      const hasToken = principal.role !== 'server' && principal.watch !== null
      return hasToken || shown.clientSecret !== null || shown.quote !== null || payerKeys(caller).length > 0
    },
    noteRefusal,
  }
}
