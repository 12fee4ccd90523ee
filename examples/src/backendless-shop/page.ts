/** The page: card element → token → Backendless charge → live message → "paid". */
import { createTollbridge } from '@tollbridge/browser'
import Backendless from 'backendless'

const { url = '', appId = '', clientKey = '' } = document.body.dataset
const at = (id: string) => document.getElementById(id) as HTMLElement
const pay = at('pay') as HTMLButtonElement

/** What is bought. The amount is what the shopper sees; Tollbridge refuses it if the catalog says another one. */
const order = { items: [{ id: 'example-teapot', quantity: 1 }], amount: 3900, currency: 'eur' }

const price = (amount: number, currency: string) =>
  new Intl.NumberFormat(undefined, { style: 'currency', currency }).format(amount / 100)

function tell(kind: 'good' | 'bad', text: string): void {
  at('status').textContent = kind === 'good' ? text : ''
  at('problem').textContent = kind === 'bad' ? text : ''
}

/** The answer of the service Stripe: the charge, or what the payer has to do first. */
interface ChargeAnswer {
  readonly requires_action?: boolean
  readonly client_secret?: string
}

interface EventRow {
  readonly type: string
  readonly amount: number
  readonly currency: string
  readonly status: string
}

async function start(): Promise<void> {
  at('price').textContent = price(order.amount, order.currency)
  Backendless.initApp({ appId, apiKey: clientKey, serverURL: url })
  // Stripe.js with the app's own publishable key: the server knows both.
  const stripe = await createTollbridge({ url, appId, clientKey }).stripe()
  const isDark = matchMedia('(prefers-color-scheme: dark)').matches
  const color = isDark ? '#eeebe4' : '#22201c'
  const placeholder = isDark ? '#b0aa9e' : '#635d53'
  const card = stripe.elements().create('card', {
    style: { base: { color, fontSize: '16px', '::placeholder': { color: placeholder } } },
  })
  card.mount('#card')
  card.on('ready', () => {
    pay.disabled = false
  })
  card.on('change', ({ error }) => {
    at('problem').textContent = error?.message ?? ''
  })

  /** One order, whatever is tried: it is charged once. */
  let orderId = crypto.randomUUID()
  /** Known to this page alone: by it Tollbridge knows that a second card comes from the same payer. */
  let payerKey = crypto.randomUUID()
  let paid: Promise<void> | null = null
  at('form').addEventListener('submit', (event) => {
    event.preventDefault()
    if (!pay.disabled) void submit()
  })

  async function submit(): Promise<void> {
    pay.disabled = true
    tell('good', 'One moment…')
    try {
      const { token, error } = await stripe.createToken(card)
      if (error !== undefined) throw new Error(error.message)
      paid ??= hearOf(orderId)
      const charge: ChargeAnswer = await Backendless.CustomServices.invoke('Stripe', 'charge', {
        ...order,
        token: token.id,
        order_id: orderId,
        payer_key: payerKey,
      })
      if (charge.requires_action === true && charge.client_secret !== undefined) {
        const { error: refusal } = await stripe.handleNextAction({ clientSecret: charge.client_secret })
        if (refusal !== undefined) throw new Error(refusal.message)
      }
      tell('good', 'Charged. Waiting for Stripe’s word…')
      await paid
      tell('good', `Paid: ${price(order.amount, order.currency)}. Thank you!`)
      await showRows(orderId)
      card.clear()
      orderId = crypto.randomUUID()
      payerKey = crypto.randomUUID()
      paid = null
    } catch (error) {
      tell('bad', (error as { readonly message?: string }).message ?? 'The card could not be charged.')
    }
    pay.disabled = false
  }
}

/** Resolves when the live message has come. Subscribed before the charge, so that none can be missed. */
function hearOf(orderId: string): Promise<void> {
  return new Promise((resolve) => {
    const channel = Backendless.Messaging.subscribe('stripe')
    channel.addMessageListener(`orderId = '${orderId}' and type = 'charge.succeeded'`, () => {
      channel.leave()
      resolve()
    })
  })
}

async function showRows(orderId: string): Promise<void> {
  const query = Backendless.DataQueryBuilder.create()
    .setWhereClause(`orderId = '${orderId}'`)
    .setSortBy('created')
  const rows = await Backendless.Data.of('StripeEvents').find<EventRow>(query)
  at('rows').replaceChildren(
    ...rows.map(({ type, amount, currency, status }) => {
      const row = document.createElement('tr')
      for (const text of [type, price(amount, currency), status]) {
        row.insertCell().textContent = text
      }
      return row
    }),
  )
  at('events').hidden = false
}

start().catch((error: unknown) => tell('bad', error instanceof Error ? error.message : String(error)))
