/** Replaces ids by their objects where the caller asked for it: `expand[]=latest_charge.balance_transaction`. */
import type { ObjectStore } from '../store/object-store.ts'
import { embeddedList } from './list-page.ts'
import { invalidRequest } from './stripe-error.ts'

type Node = Record<string, unknown>
type Expander = (node: Node, store: ObjectStore) => unknown

const related =
  (kind: 'refund' | 'card', field: string, url: (id: string) => string): Expander =>
  (node, store) => {
    const { objects, hasMore } = store.list({ kind, where: { [field]: String(node['id']) }, limit: 10 })
    return { ...embeddedList(objects, url(String(node['id']))), has_more: hasMore }
  }

const none =
  (path: string): Expander =>
  (node) =>
    embeddedList([], `/v1/customers/${String(node['id'])}/${path}`)

// Fields that hold an id, and fields that are absent until they are asked for.
const EXPANDABLE: Record<string, { ids: string[]; hidden?: Record<string, Expander> }> = {
  balance_transaction: { ids: ['source'] },
  card: { ids: ['customer', 'account'] },
  charge: {
    ids: 'application application_fee balance_transaction customer failure_balance_transaction on_behalf_of payment_intent review source_transfer transfer transfer_data.destination'.split(
      ' ',
    ),
    hidden: { refunds: related('refund', 'charge', (id) => `/v1/charges/${id}/refunds`) },
  },
  customer: {
    ids: ['default_source', 'invoice_settings.default_payment_method', 'test_clock'],
    hidden: {
      sources: related('card', 'customer', (id) => `/v1/customers/${id}/sources`),
      subscriptions: none('subscriptions'),
      tax_ids: none('tax_ids'),
      cash_balance: () => null,
      tax: () => ({
        automatic_tax: 'unrecognized_location',
        ip_address: null,
        location: null,
        provider: 'stripe',
      }),
    },
  },
  dispute: { ids: ['charge', 'payment_intent'] },
  payment_intent: {
    ids: 'application customer latest_charge on_behalf_of payment_method payment_record review source transfer_data.destination'.split(
      ' ',
    ),
  },
  payment_method: { ids: ['customer'] },
  refund: {
    ids: 'balance_transaction charge customer failure_balance_transaction payment_intent payment_method source_transfer_reversal transfer_reversal'.split(
      ' ',
    ),
  },
  setup_intent: {
    ids: 'application customer latest_attempt mandate on_behalf_of payment_method single_use_mandate'.split(
      ' ',
    ),
  },
}

/**
 * Expands `paths` in `root`, an object or a list; the stored objects stay as they are.
 * @throws StripeError 400 for a path that leads nowhere or deeper than four levels.
 */
export function expand<T extends object>(root: T, paths: string[], store: ObjectStore): T {
  const copy = structuredClone(root)
  for (const path of paths) {
    const steps = path.split('.')
    if (steps.length > 4 + (steps[0] === 'data' ? 1 : 0)) {
      throw invalidRequest(`You cannot expand more than 4 levels of a property (property: ${path})`, {
        param: 'expand',
      })
    }
    walk(copy as Node, steps, path, store)
  }
  return copy
}

function walk(node: Node, steps: string[], path: string, store: ObjectStore): void {
  if (steps.length === 0) return
  if (node['object'] === 'list') {
    if (steps[0] !== 'data') {
      throw invalidRequest(
        `This property cannot be expanded (${path}). You may want to try expanding 'data.${path}'`,
        { param: 'expand' },
      )
    }
    for (const item of node['data'] as Node[]) walk(item, steps.slice(1), path, store)
    return
  }
  const known = EXPANDABLE[String(node['object'])]
  for (let length = 1; length <= steps.length; length++) {
    const name = steps.slice(0, length).join('.')
    const rest = steps.slice(length)
    const hidden = known?.hidden?.[name]
    if (hidden) {
      node[name] ??= hidden(node, store)
      if (isNode(node[name])) walk(node[name], rest, path, store)
      return
    }
    if (known?.ids.includes(name)) {
      const holder = steps.slice(0, length - 1).reduce<unknown>((at, step) => (at as Node)?.[step], node)
      if (isNode(holder)) expandId(holder, steps[length - 1] as string, rest, path, store)
      return
    }
  }
  const embedded = node[steps[0] as string]
  if (Array.isArray(embedded) && embedded.every(isNode)) {
    for (const item of embedded) walk(item, steps.slice(1), path, store)
  } else if (isNode(embedded) && typeof embedded['object'] === 'string') {
    walk(embedded, steps.slice(1), path, store)
  } else {
    throw invalidRequest(`This property cannot be expanded (${path}).`, { param: 'expand' })
  }
}

function expandId(holder: Node, key: string, rest: string[], path: string, store: ObjectStore): void {
  const value = holder[key]
  if (typeof value === 'string') {
    const object = store.find(value)
    if (object) holder[key] = object
  }
  if (isNode(holder[key])) walk(holder[key], rest, path, store)
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
