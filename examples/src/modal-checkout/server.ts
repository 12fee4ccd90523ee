/** The server of a shop that keeps cards. It never holds Stripe's secret key: Tollbridge does. */
import { randomUUID } from 'node:crypto'
import { createTollbridge } from '@tollbridge/node'
import { type OpenShop, type Shop, ShopError, type Visitor } from '../harness/shop.ts'

/** What a shop has in its database. */
interface Customer {
  readonly id: string
  card: { readonly paymentMethod: string; readonly brand: string; readonly last4: string } | null
  /** This month's. */
  order: string
  /** Its PaymentIntent. */
  payment: string | null
  isPaid: boolean
  /** The server's message that is under way; resolves with what went wrong, or null. */
  asking: Promise<string | null> | null
}

/** What the shop reads of Stripe's objects; the package `stripe` has types for all of it. */
interface Intent {
  readonly id: string
  readonly status: string
  readonly client_secret: string
}

interface SavedCard extends Intent {
  readonly customer: string
  readonly payment_method: {
    readonly id: string
    readonly card: { readonly brand: string; readonly last4: string }
  }
}

/** The price is the server's; the page only shows it. Minor units. */
const BAG = { product: 'Espresso beans, 1 kg', amount: 2400, currency: 'eur' }

export const modalCheckout: Shop = {
  name: 'modal-checkout',
  title: 'Save a card',
  summary:
    'Plain HTML and one script tag. The page, or the shop’s own server, asks for a card; a later payment asks for 3-D Secure.',
  files: {
    'shop.css': 'src/shop.css',
    'page.js': 'src/modal-checkout/page.js',
    'slingr-samples.js': 'src/modal-checkout/slingr-samples.js',
  },
  open({ url, serverKey }) {
    const tollbridge = createTollbridge({ url, serverKey })
    const { stripe } = tollbridge
    const customers = new Map<string, Promise<Customer>>()

    function customerOf(visitor: Visitor): Promise<Customer> {
      const known = customers.get(visitor.id)
      if (known !== undefined) return known
      const made = stripe.customers.post({ description: 'A visitor of the example shop' }).then(
        ({ id }): Customer => ({
          id,
          card: null,
          order: randomUUID(),
          payment: null,
          isPaid: false,
          asking: null,
        }),
      )
      customers.set(visitor.id, made)
      made.catch(() => customers.delete(visitor.id))
      return made
    }

    function shown({ card, isPaid }: Customer) {
      return { ...BAG, card: card === null ? null : `${card.brand} •••• ${card.last4}`, isPaid }
    }

    function told(customer: Customer, problem: string | null) {
      if (problem !== null) throw new ShopError(409, problem)
      return shown(customer)
    }

    function newSetupIntent(customer: Customer) {
      return stripe.setupIntents.post<Intent>({
        customer: customer.id,
        payment_method_types: ['card'],
        usage: 'off_session',
      })
    }

    /** Asks Stripe itself: what a page says of a card is not believed. */
    async function keepCard(customer: Customer, setupIntentId: string): Promise<void> {
      const intent = await stripe.setupIntents.get<SavedCard>(setupIntentId, { expand: ['payment_method'] })
      if (intent.status !== 'succeeded' || intent.customer !== customer.id)
        throw new ShopError(409, 'This card was not saved.')
      const { id, card } = intent.payment_method
      customer.card = { paymentMethod: id, brand: card.brand, last4: card.last4 }
      // Next month's bag, so that the page can be tried again.
      customer.order = randomUUID()
      customer.payment = null
      customer.isPaid = false
    }

    /** What the page has to do next. */
    async function outcome(customer: Customer, intent: Intent) {
      if (intent.status === 'requires_action') return { clientSecret: intent.client_secret }
      if (intent.status !== 'succeeded') throw new ShopError(402, 'The payment did not go through.')
      customer.isPaid = true
      return shown(customer)
    }

    const routes: OpenShop['routes'] = {
      start: async (_request, { visitor }) => {
        const customer = await customerOf(visitor)
        return { ...shown(customer), isAsking: customer.asking !== null }
      },

      // The page asks for the card.
      'setup-intent': async (_request, { visitor }) => {
        const { id, client_secret } = await newSetupIntent(await customerOf(visitor))
        return { id, client_secret }
      },
      'card-saved': async (_request, { visitor, body }) => {
        const customer = await customerOf(visitor)
        await keepCard(customer, String(body['setupIntent']))
        return shown(customer)
      },

      // The server asks for the card: the callbacks run here, after Tollbridge has asked Stripe whether it is true.
      session: async (_request, { visitor }) => {
        const { token } = await tollbridge.ui.createSession({ user: visitor.id, origin: visitor.origin })
        return { token }
      },
      'ask-for-card': tollbridge.ui.fetch(async (_request, { visitor }) => {
        const customer = await customerOf(visitor)
        const setupIntent = await newSetupIntent(customer)
        const asking = new Promise<string | null>((resolve, reject) => {
          const sent = tollbridge.ui.sendMessage({
            scope: 'plugin:stripe',
            name: 'collectPaymentInformation',
            data: {
              title: 'The shop asks for your card',
              dataSecret: setupIntent,
              elementType: 'card',
            },
            callbacks: {
              onSuccess: async (_message, { setupIntent: saved }) => {
                await keepCard(customer, saved.id).catch(reject)
                resolve(null)
              },
              onFail: (_message, { error }) => resolve(error.message),
            },
          })
          // A message that nobody answers ends as well.
          sent
            .then((receipt) => receipt.settled)
            .then((end) => 'callback' in end || resolve('Nobody answered.'), reject)
        })
        customer.asking = asking
        try {
          return told(customer, await asking)
        } finally {
          if (customer.asking === asking) customer.asking = null
        }
      }),
      // The page was loaded anew in between.
      asked: async (_request, { visitor }) => {
        const customer = await customerOf(visitor)
        return told(customer, await customer.asking)
      },

      // A payment with the saved card: the server confirms, and the page helps out when the bank asks.
      pay: async (_request, { visitor }) => {
        const customer = await customerOf(visitor)
        if (customer.isPaid) return shown(customer)
        if (customer.card === null) throw new ShopError(409, 'Save a card first.')
        const { amount, currency, product } = BAG
        const { id } = await stripe.paymentIntents.post({
          // Two clicks, in two tabs, are one order, and one order is one payment.
          idempotencyKey: customer.order,
          body: {
            amount,
            currency,
            description: product,
            customer: customer.id,
            payment_method_types: ['card'],
            confirmation_method: 'manual',
          },
        })
        customer.payment = id
        const intent = await stripe.paymentIntents.confirm.post<Intent>(id, {
          payment_method: customer.card.paymentMethod,
          use_stripe_sdk: true,
        })
        return outcome(customer, intent)
      },
      confirm: async (_request, { visitor }) => {
        const customer = await customerOf(visitor)
        if (customer.payment === null) throw new ShopError(409, 'There is no payment to confirm.')
        return outcome(customer, await stripe.paymentIntents.confirm.post<Intent>(customer.payment))
      },
    }
    return { routes, close: tollbridge.close }
  },
}
