/** collectPaymentInformation: saves a card with a SetupIntent, in a dialog. */
import type { SetupIntent, SetupIntentResult, Stripe } from '@stripe/stripe-js'
import { type CardForm, type CardFormKind, mountCardForm } from '../card-form/mount-card-form.ts'
import { type Dialog, openDialog } from '../dialog/open-dialog.ts'
import { TollbridgeError } from '../tollbridge-error.ts'
import type { PluginFunction } from '../ui/browser-plugin.ts'
import { thrownError } from '../ui/run-message.ts'
import { readObject, readSecret, readStripe } from './read-data.ts'

interface Failure {
  readonly type: string
  readonly code?: string | undefined
  readonly message?: string | undefined
  readonly setup_intent?: SetupIntent | undefined
}

export const collectPaymentInformation: PluginFunction = {
  callbacks: ['onSuccess', 'onFail', 'onCancel'],
  onThrow: 'onFail',
  async run(message, api) {
    const { page, signal } = api
    const data = readObject(message.data)
    const kind = readKind(data['elementType'])
    const secret = readSecret(data, 'dataSecret', 'seti')
    const ofStripe = readStripe(data)
    const elementOptions = data['elementOptions'] as Record<string, unknown> | null | undefined
    const retry = data['retry'] === true
    const title = typeof data['title'] === 'string' ? data['title'] : ''
    const { texts, theme } = page

    let resolveEnded: (callback?: Promise<void>) => void = () => {}
    const ended = new Promise<void>((resolve) => {
      resolveEnded = resolve
    })
    let stripe: Stripe | undefined
    let form: CardForm | undefined
    let lastError: Failure | undefined
    /** Whether the answer to an earlier try got lost, which may have saved the card all the same. */
    let isLost = false
    /** The try that is under way, to its end. */
    let trying: Promise<void> | undefined
    const dialog: Dialog = openDialog({
      title,
      texts,
      theme,
      submitLabel: texts.save,
      closeOnBackdrop: data['closeOnBackdrop'] === true,
      onSubmit: trySubmit,
      onCancel: () => void giveUp(),
    })
    const end = (name: string, result: object): void => {
      tidy()
      resolveEnded(api.callback(message, name, { ...result, result }))
    }
    const fail = (error: unknown): void => end('onFail', { error })
    const tidy = (): void => {
      dialog.close()
      form?.destroy()
      signal.removeEventListener('abort', leave)
    }
    const leave = (): void => {
      tidy()
      resolveEnded()
    }
    signal.addEventListener('abort', leave)

    try {
      stripe = await page.stripe(...ofStripe)
      if (dialog.closed) return await ended
      form = mountCardForm(dialog, stripe, {
        kind,
        texts,
        elementOptions,
        ...(kind === 'payment' && { group: { clientSecret: secret } }),
        onEscape: () => void giveUp(),
      })
      await form.ready
      dialog.setLoading(false)
      form.focus()
    } catch (error) {
      if (!dialog.closed) fail(thrownError(error))
    }
    return ended

    function trySubmit(): void {
      trying = submit().finally(() => {
        trying = undefined
      })
    }

    /** Nobody hears that it was given up before it is known that no try of it saved the card. */
    async function giveUp(): Promise<void> {
      if (trying) await Promise.race([trying, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))])
      const saved = isLost || trying ? await savedIntent() : undefined
      if (dialog.closed) return
      if (saved) return end('onSuccess', { setupIntent: saved })
      const error = {
        type: 'user_canceled',
        code: 'canceled',
        message: texts.canceled,
        ...(lastError && { last_error: lastError }),
      }
      end(api.declares('onCancel') ? 'onCancel' : 'onFail', { error })
    }

    /** The intent, where Stripe says that the card was saved all the same. */
    async function savedIntent(): Promise<SetupIntent | undefined> {
      const { setupIntent } = (await stripe?.retrieveSetupIntent(secret).catch(() => undefined)) ?? {}
      return isDone(setupIntent) ? setupIntent : undefined
    }

    async function submit(): Promise<void> {
      if (!stripe || !form) return
      dialog.showError(null)
      dialog.setBusy(true)
      const { setupIntent, error } = await confirm(stripe, form, kind, secret)
      if (dialog.closed) return
      if (setupIntent) return end('onSuccess', { setupIntent })
      if (isLost && isDone(error.setup_intent)) return end('onSuccess', { setupIntent: error.setup_intent })
      if (error.type === 'api_connection_error' || error.type === 'api_error') {
        isLost = true
        const saved = await savedIntent()
        if (dialog.closed) return
        if (saved) return end('onSuccess', { setupIntent: saved })
      }
      // A form that is only not filled in has not failed.
      const unfinished = error.type === 'validation_error'
      if (!retry && !unfinished) return fail(error)
      dialog.setBusy(false)
      if (!unfinished) lastError = error
      // The payment element says itself what is missing, beside the field.
      if (!unfinished || kind !== 'payment') dialog.showError(error.message ?? texts.failed)
      form.focus()
    }
  },
}

/** So long who gives up waits for a try that Stripe is still at. */
const PATIENCE_MS = 10_000

/** @throws TollbridgeError `invalid_element_type` */
function readKind(type: unknown): CardFormKind {
  if (type === undefined || type === null || type === 'card') return 'card'
  if (type === 'payment') return type
  if (type === 'split' || type === 'cardNumber') return 'split'
  throw new TollbridgeError({
    type: 'invalid_element_type',
    code: 'invalid_element_type',
    message: `There is no form of type "${type}": elementType can be card, split (or cardNumber), or payment.`,
    param: 'elementType',
  })
}

function isDone(setupIntent: SetupIntent | undefined): boolean {
  return setupIntent?.status === 'succeeded' || setupIntent?.status === 'processing'
}

async function confirm(stripe: Stripe, { element, elements }: CardForm, kind: CardFormKind, secret: string) {
  try {
    const result: SetupIntentResult =
      kind === 'payment'
        ? await stripe.confirmSetup({ elements, redirect: 'if_required' })
        : await stripe.confirmCardSetup(secret, { payment_method: { card: element as never } })
    const { setupIntent } = result
    if (setupIntent && isDone(setupIntent)) return { setupIntent }
    // Its intent may well have succeeded before, with another card than the one that was typed now.
    const error: Failure = result.error ?? {
      type: 'invalid_request_error',
      code: 'setup_intent_unexpected_state',
      message: `The SetupIntent is ${setupIntent?.status}, not succeeded.`,
    }
    return { error }
  } catch (error) {
    return { error: thrownError(error) as Failure }
  }
}
