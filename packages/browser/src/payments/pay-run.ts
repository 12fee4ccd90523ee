/** One payment, from its creation to the outcome that the server verified. */
import { takeTurn } from '../dialog/page-turns.ts'
import type { Page } from '../page.ts'
import type { PageRequest } from '../page-api.ts'
import { type PageWorld, pageWorld } from '../sse/page-world.ts'
import { TollbridgeError } from '../tollbridge-error.ts'
import { isNewer } from '../watch/newer-payment.ts'
import type { Watch, Watching } from '../watch/watch-payment.ts'
import { createCaptchaGate } from './captcha.ts'
import { createOrReprice } from './create-payment.ts'
import { deferred } from './deferred.ts'
import type { Memory } from './memory.ts'
import { openPayForm, type PayForm } from './pay-form.ts'
import type { PaymentRun, PayOutcome, PayRequest, PayStep } from './pay-types.ts'
import type { Payment } from './payment.ts'
import { type PriceWords, priceBody } from './price-words.ts'
import { isUnsettled, newKey, repeat } from './repeat.ts'
import { stripeFailure } from './stripe-failure.ts'

export interface PayDeps {
  readonly page: Page
  readonly watch: Watch
  readonly memory: Memory
  readonly world?: PageWorld
}

/** A card at a price that its owner has seen; under its key it is tried once. */
interface Try {
  readonly key: string
  readonly body: { readonly payment_method: string; readonly amount: number; readonly currency: string }
}

/** A form that would only flash is not opened: an order may be paid already. */
const BEFORE_FORM_MS = 300
const ENDS = ['succeeded', 'processing', 'requires_capture', 'canceled']
/** Families of errors whose words are meant for shoppers. */
const FOR_SHOPPERS = ['card_error', 'rate_limit_error']

/** @param onEnd called before the outcome is told, while `close` still runs: the order is free again */
export function startPayment(deps: PayDeps, request: PayRequest, onEnd: () => void): PaymentRun {
  const { page, watch, memory, world = pageWorld } = deps
  const { api, texts } = page
  const { promise: settled, resolve } = deferred<PayOutcome>()
  /** When the form is there, for a captcha that is asked for before. */
  const opened = deferred<PayForm>()
  const left = deferred<never>()
  const over = new AbortController()
  let payment: Payment | null = null
  let watching: Watching | null = null
  let form: PayForm | null = null
  let endTurn = (): void => {}
  /** A card whose answer was lost: before another one, what became of it must be known. */
  let lostTry: Try | null = null
  let lastError: TollbridgeError | undefined
  /** Whether money may have moved without our knowing. */
  let isUnknown = false
  let isTrying = false
  let isLeft = false

  const repeated = <T>(ask: (signal: AbortSignal) => Promise<T>): Promise<T> =>
    repeat(ask, { world, onTrouble: () => form?.showError(texts.reconnecting) })
  const withCaptcha = createCaptchaGate(request, page.ready, async (hook) => {
    const { withPlace } = await opened.promise
    return Promise.race([withPlace(hook), left.promise])
  })
  /** Of this payment, as its payer. */
  const ask = (method: string, path = '', options: PageRequest = {}): Promise<Payment> => {
    const id = payment?.id ?? request.paymentId ?? ''
    const token = memory.get(id)
    const headers = token ? { 'Tollbridge-Watch-Token': token } : {}
    const all = `/v1/payments/${encodeURIComponent(id)}${path}`
    return repeated((signal) => api.request<Payment>(method, all, { ...options, headers, signal }))
  }

  function settle(status: PayOutcome['status'], error?: TollbridgeError): void {
    if (over.signal.aborted) return
    over.abort()
    onEnd()
    watching?.close()
    form?.close()
    endTurn()
    resolve({ status, payment, ...(error && { error }) })
  }

  const step = (name: PayStep): void => {
    if (!over.signal.aborted) request.onStep?.(name)
  }

  /** Each news of the payment comes through here, whoever brings it. */
  function note(next: Payment): void {
    if (over.signal.aborted || !isNewer(next, payment)) return
    payment = next
    if (next.watch_token) memory.set(next.id, next.watch_token)
    watching ??= watch(next.id, note, { onError: () => {} })
    form?.showPrice(next)
    if (ENDS.includes(next.status)) settle(next.status as PayOutcome['status'])
  }

  async function read(): Promise<void> {
    note(await ask('GET'))
  }

  async function begin(): Promise<void> {
    await Promise.race([created, new Promise<void>((go) => world.after(BEFORE_FORM_MS, go))])
    if (over.signal.aborted) return
    endTurn = await takeTurn(over.signal)
    // Closed in the moment between.
    if (over.signal.aborted) return endTurn()
    form = openPayForm({
      page,
      kind: request.element ?? 'payment',
      title: request.title,
      elementOptions: request.elementOptions,
      onSubmit: () => void submit(),
      onCancel: close,
    })
    opened.resolve(form)
    if (payment !== null) form.showPrice(payment)
    await created
    const stripe = await page.stripe()
    if (over.signal.aborted || payment === null) return
    // Left from before a reload.
    if (payment.status === 'requires_action') await attempt(() => authenticate(payment as Payment))
    if (over.signal.aborted) return
    await form.mount(stripe, payment)
    step('form')
  }

  async function submit(): Promise<void> {
    await attempt(async () => {
      lostTry ??= await newTry()
      const { key, body } = lostTry
      isUnknown = true
      const next = await withCaptcha((captcha) =>
        ask('POST', '/confirm', { body: { ...body, ...captcha }, idempotencyKey: key }),
      )
      lostTry = null
      isUnknown = false
      note(next)
      if (next.status === 'requires_action') await authenticate(next)
    })
  }

  async function newTry(): Promise<Try> {
    // Before Stripe is asked: what stands on the form now is what the shopper agreed to.
    const { amount, currency } = payment as Payment
    const payment_method = await (form as PayForm).createPaymentMethod(await page.stripe())
    return { key: newKey(), body: { payment_method, amount, currency } }
  }

  async function authenticate({ client_secret }: Payment): Promise<void> {
    if (isLeft || over.signal.aborted) return
    const stripe = await page.stripe()
    isUnknown = true
    step('authenticating')
    const { error } = await stripe.handleNextAction({ clientSecret: client_secret ?? '' })
    step('paying')
    await read()
    isUnknown = false
    if (over.signal.aborted) return
    const { code, decline_code, message } = payment?.last_payment_error ?? {}
    throw stripeFailure(
      error ?? {
        code: code ?? undefined,
        decline_code: decline_code ?? undefined,
        message: message ?? undefined,
      },
    )
  }

  /** One thing at a time; what goes wrong is said in the form, where another try can be made. */
  async function attempt(act: () => Promise<void>): Promise<void> {
    if (isTrying || over.signal.aborted) return
    isTrying = true
    step('paying')
    form?.showError(null)
    form?.setBusy(true)
    try {
      await act()
    } catch (thrown) {
      await explain(thrown as TollbridgeError)
    }
    isTrying = false
    if (over.signal.aborted) return
    if (isLeft) return leave()
    form?.setBusy(false)
    step('form')
  }

  async function explain(error: TollbridgeError): Promise<void> {
    if (error.status >= 400) {
      const isSettled = !isUnsettled(error)
      if (isSettled) lostTry = null
      try {
        // Paid in another tab, or of another price by now.
        if (error.type !== 'card_error') await read()
        if (isSettled) isUnknown = false
      } catch {
        // A refusal alone does not tell what became of what was asked before.
      }
    }
    if (over.signal.aborted) return
    if (error.type !== 'validation_error') lastError = error
    // What Stripe.js answers is meant for shoppers as well.
    const isOfStripeJs = error.status === 0 && error.code !== 'server_unreachable'
    const isForShoppers = isOfStripeJs || FOR_SHOPPERS.includes(error.type)
    if (error.code === 'price_mismatch') form?.showError(texts.priceChanged)
    else if (isUnknown && !isOfStripeJs) form?.showError(texts.unreachable)
    else form?.showError((isForShoppers && error.message) || texts.failed)
  }

  function leave(): void {
    settle(
      isUnknown ? 'failed' : 'canceled',
      new TollbridgeError({
        type: isUnknown ? 'api_connection_error' : 'user_canceled',
        code: isUnknown ? 'outcome_unknown' : 'canceled',
        message: isUnknown ? texts.unreachable : texts.canceled,
        cause: lastError,
      }),
    )
  }

  function close(): void {
    isLeft = true
    left.reject(new Error(texts.canceled))
    form?.close()
    if (!isTrying) leave()
  }

  if (request.paymentId && request.watchToken) memory.set(request.paymentId, request.watchToken)
  const created = request.paymentId
    ? read()
    : withCaptcha((captcha) => createOrReprice({ api, memory, repeated }, request, captcha)).then(note)
  // Comes up where it is waited for; a page that has closed the form by then need not hear of it.
  created.catch(() => {})
  left.promise.catch(() => {})
  let changes: Promise<unknown> = created

  begin().catch((error: TollbridgeError) => settle('failed', error))
  return {
    settled,
    // biome-ignore lint/suspicious/noThenProperty: `await tollbridge.pay(…)` is what people write
    then: (onSettled, onFailed) => settled.then(onSettled, onFailed),
    close,
    update(price: PriceWords) {
      const options = { body: priceBody(price), idempotencyKey: newKey() }
      const changing = changes
        .then(() => ask('POST', '/price', options))
        .then((next) => {
          note(next)
          return next
        })
      changes = changing.catch(() => {})
      return changing
    },
  }
}
