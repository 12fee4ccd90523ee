/** One small event for each kind of object and family of API versions, with the columns that it must have. */
import type { EventFacts } from '../../packages/server/src/store/event-store.ts'

type Columns = Partial<
  Pick<
    EventFacts,
    'id' | 'chargeId' | 'paymentIntentId' | 'customerId' | 'orderId' | 'amount' | 'currency' | 'status'
  >
>

export interface EventShape {
  readonly version: string | null
  readonly type: string
  readonly object: Readonly<Record<string, unknown>>
  readonly columns: Columns
}

const shape = (
  version: string,
  type: string,
  object: EventShape['object'],
  columns: Columns,
): EventShape => ({
  version,
  type,
  object,
  columns,
})

const NOW = '2026-10-28.endive'
const order = { metadata: { order_id: 'order-1' } }
const money = { amount: 500, currency: 'usd' }
const ofCharge = { charge: 'ch_1', payment_intent: 'pi_1' }
const isOfCharge = { id: 'ch_1', chargeId: 'ch_1', paymentIntentId: 'pi_1' }

export const eventShapes: readonly EventShape[] = [
  // Charges
  shape(
    NOW,
    'charge.succeeded',
    {
      id: 'ch_1',
      object: 'charge',
      ...money,
      status: 'succeeded',
      payment_intent: 'pi_1',
      customer: 'cus_1',
      ...order,
    },
    { ...isOfCharge, ...money, status: 'succeeded', customerId: 'cus_1', orderId: 'order-1' },
  ),
  shape(
    '2015-10-16',
    'charge.refunded',
    {
      id: 'ch_1',
      object: 'charge',
      ...money,
      status: 'succeeded',
      customer: 'cus_1',
      invoice: 'in_1',
      ...order,
    },
    { id: 'ch_1', chargeId: 'ch_1', paymentIntentId: null, orderId: 'order-1', amount: 500 },
  ),
  // Payment intents
  shape(
    NOW,
    'payment_intent.succeeded',
    {
      id: 'pi_1',
      object: 'payment_intent',
      ...money,
      status: 'succeeded',
      latest_charge: 'ch_1',
      customer: 'cus_1',
      ...order,
    },
    {
      id: 'pi_1',
      chargeId: 'ch_1',
      paymentIntentId: 'pi_1',
      customerId: 'cus_1',
      orderId: 'order-1',
      ...money,
    },
  ),
  shape(
    '2022-11-15',
    'payment_intent.payment_failed',
    {
      id: 'pi_1',
      object: 'payment_intent',
      ...money,
      status: 'requires_payment_method',
      latest_charge: null,
    },
    { id: 'pi_1', chargeId: null, paymentIntentId: 'pi_1', status: 'requires_payment_method' },
  ),
  shape(
    '2020-08-27',
    'payment_intent.succeeded',
    {
      id: 'pi_1',
      object: 'payment_intent',
      ...money,
      status: 'succeeded',
      customer: 'cus_1',
      ...order,
      charges: {
        object: 'list',
        data: [
          { id: 'ch_declined', object: 'charge', status: 'failed', paid: false, created: 1 },
          { id: 'ch_paid', object: 'charge', status: 'succeeded', paid: true, created: 5 },
        ],
      },
    },
    {
      id: 'ch_paid',
      chargeId: 'ch_paid',
      paymentIntentId: 'pi_1',
      customerId: 'cus_1',
      orderId: 'order-1',
      ...money,
    },
  ),
  shape(
    '2019-02-11',
    'payment_intent.payment_failed',
    {
      id: 'pi_1',
      object: 'payment_intent',
      ...money,
      status: 'requires_payment_method',
      charges: {
        object: 'list',
        data: [
          { id: 'ch_2', paid: false, created: 2 },
          { id: 'ch_1', paid: false, created: 1 },
        ],
      },
    },
    { id: 'ch_2', chargeId: 'ch_2', paymentIntentId: 'pi_1' },
  ),
  shape(
    '2019-02-11',
    'payment_intent.created',
    {
      id: 'pi_1',
      object: 'payment_intent',
      ...money,
      status: 'requires_source',
      charges: { object: 'list', data: [] },
    },
    { id: 'pi_1', chargeId: null, paymentIntentId: 'pi_1' },
  ),
  // Refunds and disputes
  ...[NOW, '2018-07-27'].flatMap((version) => [
    shape(
      version,
      'charge.refund.updated',
      { id: 're_1', object: 'refund', ...money, status: 'succeeded', ...ofCharge, ...order },
      { ...isOfCharge, ...money, status: 'succeeded', orderId: 'order-1' },
    ),
    shape(
      version,
      'charge.dispute.created',
      { id: 'dp_1', object: 'dispute', ...money, status: 'needs_response', ...ofCharge },
      { ...isOfCharge, ...money, status: 'needs_response' },
    ),
  ]),
  shape(
    NOW,
    'refund.created',
    { id: 're_1', object: 'refund', ...money, status: 'pending', charge: null, payment_intent: 'pi_1' },
    { id: 're_1', chargeId: null, paymentIntentId: 'pi_1' },
  ),
  shape(
    NOW,
    'review.opened',
    { id: 'prv_1', object: 'review', ...ofCharge, charge: { id: 'ch_1', object: 'charge' } },
    isOfCharge,
  ),
  shape(
    NOW,
    'radar.early_fraud_warning.created',
    { id: 'issfr_1', object: 'radar.early_fraud_warning', ...ofCharge },
    isOfCharge,
  ),
  // Invoices
  shape(
    NOW,
    'invoice.paid',
    {
      id: 'in_1',
      object: 'invoice',
      amount_due: 700,
      amount_paid: 500,
      total: 700,
      currency: 'usd',
      status: 'paid',
      customer: 'cus_1',
      metadata: {},
      parent: {
        type: 'subscription_details',
        subscription_details: { metadata: { order_id: 'order-1' }, subscription: 'sub_1' },
      },
      payments: {
        object: 'list',
        data: [
          {
            id: 'inpay_1',
            status: 'canceled',
            is_default: false,
            payment: { type: 'payment_intent', payment_intent: 'pi_old' },
          },
          {
            id: 'inpay_2',
            status: 'paid',
            is_default: true,
            payment: { type: 'payment_intent', payment_intent: 'pi_1' },
          },
        ],
      },
    },
    {
      id: 'in_1',
      chargeId: null,
      paymentIntentId: 'pi_1',
      customerId: 'cus_1',
      orderId: 'order-1',
      amount: 500,
      currency: 'usd',
    },
  ),
  shape(
    '2025-03-31.basil',
    'invoice.paid',
    {
      id: 'in_1',
      object: 'invoice',
      amount_due: 500,
      amount_paid: 500,
      status: 'paid',
      payments: { data: [{ status: 'paid', payment: { type: 'charge', charge: 'ch_1' } }] },
    },
    { id: 'ch_1', chargeId: 'ch_1', paymentIntentId: null, amount: 500 },
  ),
  shape(
    '2025-03-31.basil',
    'invoice.paid',
    {
      id: 'in_1',
      object: 'invoice',
      amount_paid: 500,
      status: 'paid',
      payments: { data: [{ payment: { payment_intent: { id: 'pi_1', latest_charge: 'ch_1' } } }] },
    },
    isOfCharge,
  ),
  shape(
    '2022-11-15',
    'invoice.paid',
    {
      id: 'in_1',
      object: 'invoice',
      amount_due: 500,
      amount_paid: 500,
      currency: 'usd',
      status: 'paid',
      ...ofCharge,
      customer: 'cus_1',
      subscription_details: { metadata: { order_id: 'order-1' } },
      metadata: {},
    },
    { ...isOfCharge, ...money, customerId: 'cus_1', orderId: 'order-1', status: 'paid' },
  ),
  shape(
    '2019-12-03',
    'invoice.payment_failed',
    {
      id: 'in_1',
      object: 'invoice',
      amount_due: 500,
      amount_paid: 0,
      status: 'open',
      ...ofCharge,
      lines: { data: [{ metadata: { order_id: 'order-1' } }, { metadata: { order_id: 'order-1' } }] },
    },
    { ...isOfCharge, amount: 500, orderId: 'order-1', status: 'open' },
  ),
  shape(
    '2019-12-03',
    'invoice.created',
    {
      id: 'in_1',
      object: 'invoice',
      total: 300,
      lines: { data: [{ metadata: { order_id: 'a' } }, { metadata: { order_id: 'b' } }] },
    },
    { id: 'in_1', amount: 300, orderId: null },
  ),
  shape(
    '2017-08-15',
    'invoice.payment_succeeded',
    {
      id: 'in_1',
      object: 'invoice',
      amount_due: 500,
      paid: true,
      charge: 'ch_1',
      metadata: { order_id: 'order-1' },
    },
    { id: 'ch_1', chargeId: 'ch_1', amount: 500, status: 'paid', orderId: 'order-1' },
  ),
  shape(
    NOW,
    'invoice_payment.paid',
    {
      id: 'inpay_1',
      object: 'invoice_payment',
      amount_paid: 500,
      amount_requested: 700,
      currency: 'usd',
      status: 'paid',
      payment: { type: 'payment_intent', payment_intent: 'pi_1' },
    },
    { id: 'inpay_1', paymentIntentId: 'pi_1', ...money, status: 'paid' },
  ),
  // Checkout
  shape(
    NOW,
    'checkout.session.completed',
    {
      id: 'cs_1',
      object: 'checkout.session',
      amount_total: 500,
      currency: 'usd',
      client_reference_id: 'cart-1',
      customer: 'cus_1',
      payment_intent: 'pi_1',
      payment_status: 'paid',
      status: 'complete',
      metadata: {},
    },
    {
      id: 'cs_1',
      chargeId: null,
      paymentIntentId: 'pi_1',
      customerId: 'cus_1',
      orderId: 'cart-1',
      ...money,
      status: 'complete',
    },
  ),
  shape(
    '2020-08-27',
    'checkout.session.completed',
    {
      id: 'cs_1',
      object: 'checkout.session',
      amount_total: 500,
      currency: 'usd',
      client_reference_id: 'cart-1',
      payment_status: 'paid',
      ...order,
    },
    { id: 'cs_1', orderId: 'order-1', ...money, status: 'paid' },
  ),
  shape(
    '2019-05-16',
    'checkout.session.completed',
    {
      id: 'cs_1',
      object: 'checkout.session',
      client_reference_id: 'cart-1',
      payment_intent: 'pi_1',
      display_items: [
        { amount: 200, currency: 'usd', quantity: 2 },
        { amount: 100, currency: 'usd', quantity: 1 },
      ],
    },
    { id: 'cs_1', orderId: 'cart-1', ...money, paymentIntentId: 'pi_1' },
  ),
  // What is about a customer, and set up for later
  shape(
    NOW,
    'customer.updated',
    { id: 'cus_1', object: 'customer', currency: 'usd', ...order },
    { id: 'cus_1', customerId: 'cus_1', orderId: 'order-1' },
  ),
  shape(
    NOW,
    'payment_method.attached',
    { id: 'pm_1', object: 'payment_method', customer: 'cus_1', type: 'card' },
    { id: 'pm_1', customerId: 'cus_1', chargeId: null },
  ),
  shape(
    NOW,
    'setup_intent.succeeded',
    {
      id: 'seti_1',
      object: 'setup_intent',
      status: 'succeeded',
      customer: 'cus_1',
      payment_method: 'pm_1',
      ...order,
    },
    {
      id: 'seti_1',
      status: 'succeeded',
      customerId: 'cus_1',
      orderId: 'order-1',
      paymentIntentId: null,
      amount: null,
    },
  ),
  shape(
    NOW,
    'customer.subscription.updated',
    { id: 'sub_1', object: 'subscription', status: 'active', currency: 'usd', customer: 'cus_1', ...order },
    {
      id: 'sub_1',
      status: 'active',
      currency: 'usd',
      customerId: 'cus_1',
      orderId: 'order-1',
      chargeId: null,
    },
  ),
  shape(
    '2020-08-27',
    'customer.subscription.created',
    {
      id: 'sub_1',
      object: 'subscription',
      status: 'active',
      customer: 'cus_1',
      items: { data: [{ price: { currency: 'eur' } }] },
    },
    { id: 'sub_1', currency: 'eur' },
  ),
  shape(
    '2018-02-28',
    'customer.subscription.created',
    {
      id: 'sub_1',
      object: 'subscription',
      status: 'active',
      customer: 'cus_1',
      plan: { amount: 500, currency: 'gbp' },
    },
    { id: 'sub_1', currency: 'gbp' },
  ),
  // Money that leaves, notes and links
  shape(
    NOW,
    'payout.paid',
    {
      id: 'po_1',
      object: 'payout',
      ...money,
      status: 'paid',
      destination: 'ba_1',
      balance_transaction: 'txn_1',
    },
    {
      id: 'po_1',
      chargeId: null,
      paymentIntentId: null,
      customerId: null,
      orderId: null,
      ...money,
      status: 'paid',
    },
  ),
  shape(
    NOW,
    'transfer.created',
    { id: 'tr_1', object: 'transfer', ...money, source_transaction: 'ch_1', destination: 'acct_1', ...order },
    { id: 'tr_1', chargeId: 'ch_1', ...money, orderId: 'order-1' },
  ),
  shape(
    NOW,
    'credit_note.created',
    {
      id: 'cn_1',
      object: 'credit_note',
      ...money,
      status: 'issued',
      customer: 'cus_1',
      invoice: 'in_1',
      ...order,
    },
    { id: 'cn_1', chargeId: null, ...money, status: 'issued', customerId: 'cus_1', orderId: 'order-1' },
  ),
  shape(
    NOW,
    'payment_link.created',
    { id: 'plink_1', object: 'payment_link', active: true, currency: 'usd', ...order },
    { id: 'plink_1', chargeId: null, amount: null, currency: 'usd', orderId: 'order-1' },
  ),
  shape(
    NOW,
    'application_fee.created',
    { id: 'fee_1', object: 'application_fee', ...money, charge: 'ch_1' },
    { id: 'ch_1', chargeId: 'ch_1', ...money },
  ),
  shape(
    '2026-03-25.dahlia',
    'payment_record.created',
    {
      id: 'pr_1',
      object: 'payment_record',
      amount: { currency: 'usd', value: 500 },
      customer_details: { customer: 'cus_1' },
      ...order,
    },
    { id: 'pr_1', ...money, customerId: 'cus_1', orderId: 'order-1' },
  ),
  shape(
    NOW,
    'balance.available',
    { object: 'balance', livemode: false },
    { id: 'evt_1', chargeId: null, amount: null },
  ),
]
