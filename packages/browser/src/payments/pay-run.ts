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
import type { Memory, PayerKey } from './memory.ts'
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
  readonly payerKey: PayerKey
  readonly world?: PageWorld
}

/** A card at a price that its owner has seen; under its key it is tried once. */
interface Try {
  readonly key: string
  readonly body: { readonly payment_method: string; readonly amount: number; readonly currency: string }
}

/** A form that would only flash is not opened: an order may be paid already. */
const BEFORE_FORM_MS = 300
/** Somebody waits for the outcome of a form that is closed. */
const LAST_LOOK_MS = 4_000
const ENDS = ['succeeded', 'processing', 'requires_capture', 'canceled']
/** Families of errors whose words are meant for shoppers. */
const FOR_SHOPPERS = ['card_error', 'rate_limit_error']

/** @param onEnd called before the outcome is told, while `close` still runs: the order is free again */
export function startPayment(deps: PayDeps, request: PayRequest, onEnd: () => void): PaymentRun {
  const { page, watch, memory, payerKey, world = pageWorld } = deps
  const { api, texts } = page
  const { promise: settled, resolve } = deferred<PayOutcome>()
  /** When the form is there, for a captcha that is asked for before. */
  const opened = deferred<PayForm>()
  const left = deferred<never>()
  const over = new AbortController()
  /** The order, and the place for a form, are free again; the outcome may still be looked for. */
  const gone = new AbortController()
  let payment: Payment | null = null
  let watching: Watching | null = null
  let form: PayForm | null = null
  let endTurn = (): void => {}
  /** A card whose answer was lost: before another one, what became of it must be known. */
  let lostTry: Try | null = null
  let { paymentMethod } = request
  let lastError: TollbridgeError | undefined
  /** Whether money may have moved without our knowing. */
  let isUnknown = false
  let isTrying = false
  let isLeft = false

  const repeated = <T>(ask: (signal: AbortSignal) => Promise<T>, tries?: number): Promise<T> =>
    repeat(ask, { world, tries, onTrouble: () => form?.showError(texts.reconnecting) })
  const withCaptcha = createCaptchaGate(request, page.ready, async (hook) => {
    const { withPlace } = await opened.promise
    return Promise.race([withPlace(hook), left.promise])
  })
  /** Of this payment, as its payer. */
  const ask = (method: string, path = '', options: PageRequest = {}, tries?: number): Promise<Payment> => {
    const id = payment?.id ?? request.paymentId ?? ''
    const token = memory.get(id)
    const headers = token ? { 'Tollbridge-Watch-Token': token } : {}
    const all = `/v1/payments/${encodeURIComponent(id)}${path}`
    return repeated((signal) => api.request<Payment>(method, all, { ...options, headers, signal }), tries)
  }

  function free(): void {
    if (gone.signal.aborted) return
    gone.abort()
    onEnd()
    form?.close()
    endTurn()
  }

  function settle(status: PayOutcome['status'], error?: TollbridgeError): void {
    if (over.signal.aborted) return
    over.abort()
    free()
    watching?.close()
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

  async function read(tries?: number): Promise<void> {
    note(await ask('GET', '', {}, tries))
  }

  async function begin(): Promise<void> {
    await Promise.race([created, new Promise<void>((go) => world.after(BEFORE_FORM_MS, go))])
    if (gone.signal.aborted) return
    endTurn = await takeTurn(gone.signal)
    // Closed in the moment between.
    if (gone.signal.aborted) return endTurn()
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
    if (gone.signal.aborted || payment === null) return
    // Left from before a reload.
    if (payment.status === 'requires_action') await attempt(() => authenticate(payment as Payment))
    if (gone.signal.aborted) return
    if (paymentMethod) await submit()
    if (gone.signal.aborted || payment === null) return
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
    const payment_method = paymentMethod ?? (await (form as PayForm).createPaymentMethod(await page.stripe()))
    paymentMethod = undefined
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

  /** No end is told that Stripe would contradict: the server reads it once more, as far as it can be reached. */
  async function lastLook(): Promise<void> {
    const id = payment?.id ?? request.paymentId
    if (!id) return
    try {
      await Promise.race([read(1), new Promise((_, late) => world.after(LAST_LOOK_MS, () => late()))])
      // A card whose answer was lost may still be on its way to Stripe.
      if (lostTry === null) isUnknown = false
    } catch {
      // Then it stays as unknown as it was.
    }
  }

  async function leave(): Promise<void> {
    free()
    await lastLook()
    if (isUnknown) return settle('unknown', unknown(lastError))
    const words = { type: 'user_canceled', code: 'canceled', message: texts.canceled }
    settle('canceled', new TollbridgeError({ ...words, cause: lastError }))
  }

  function unknown(cause: unknown): TollbridgeError {
    const words = { type: 'api_connection_error', code: 'outcome_unknown', message: texts.unreachable }
    return new TollbridgeError({ ...words, cause })
  }

  function close(): void {
    isLeft = true
    left.reject(new Error(texts.canceled))
    form?.close()
    if (!isTrying) void leave()
  }

  if (request.paymentId && request.watchToken) memory.set(request.paymentId, request.watchToken)
  const created = request.paymentId
    ? read()
    : withCaptcha((captcha) => createOrReprice({ api, memory, payerKey, repeated }, request, captcha)).then(
        note,
      )
  // Comes up where it is waited for; a page that has closed the form by then need not hear of it.
  created.catch(() => {})
  left.promise.catch(() => {})
  let changes: Promise<unknown> = created

  begin().catch(async (error: TollbridgeError) => {
    // Then what was left ends it.
    if (isLeft) return
    await lastLook()
    // An order that this browser has begun before may have been paid since.
    const isKnown = payment !== null || request.paymentId || memory.get(`order:${request.orderId}`)
    if (isUnknown || (isKnown && payment === null && isUnsettled(error))) settle('unknown', unknown(error))
    else settle('failed', error)
  })
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
