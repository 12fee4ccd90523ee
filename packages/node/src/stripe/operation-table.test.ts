/** The names of Stripe's operations. */
import { expect, test } from 'vitest'
import { buildTree } from './build-tree.ts'
import { readCallArguments } from './call-arguments.ts'
import { fillIn } from './create-stripe.ts'
import { type Operation, operationName, parseOperations } from './operation-table.ts'
import { operations } from './operations.ts'
import { STRIPE_SECTIONS } from './sections.ts'

const table = parseOperations(operations)

/** A tree whose functions answer what they would call. */
const tree = buildTree(table, async (name, list, args) => {
  const { ids } = readCallArguments(
    name,
    list.map(({ idCount }) => idCount),
    args,
  )
  const { method, path } = list.find(({ idCount }) => idCount === ids.length) as Operation
  return `${method} ${fillIn(path, ids)}`
})

type Call = (...ids: readonly string[]) => Promise<string>

function find(names: readonly string[]): Call {
  return names.reduce<unknown>((node, name) => (node as Record<string, unknown>)[name], tree) as Call
}

const idsFor = ({ idCount }: Operation) => Array.from({ length: idCount }, (_, index) => `id_${index}`)

test('holds the whole of both versions of the API, and what Stripe has removed since Slingr', () => {
  const version = (start: string) => table.filter(({ path }) => path.startsWith(start)).length
  expect(version('/v1/')).toBeGreaterThanOrEqual(557 + 10)
  expect(version('/v2/')).toBeGreaterThanOrEqual(91)
})

test('every operation resolves to its own path', async () => {
  for (const operation of table) {
    const ids = idsFor(operation)
    const expected = `${operation.method} ${fillIn(operation.path, ids)}`
    expect(await find(operation.name)(...ids), operation.path).toBe(expected)
  }
})

test('no two operations share a name and a number of ids', () => {
  const keys = table.map(({ name, idCount }) => `${name.join('.')} ${idCount}`)
  expect(new Set(keys).size).toBe(keys.length)
})

test.each(STRIPE_SECTIONS)('the old section %s leads to every operation', async (section) => {
  for (const operation of table) {
    const ids = idsFor(operation)
    const expected = `${operation.method} ${fillIn(operation.path, ids)}`
    const [first = ''] = operation.name
    // What Stripe itself has below the section's name comes first: issuing.disputes is not disputes.
    const own = (tree[section] as Record<string, unknown> | undefined)?.[first]
    const isHidden = own !== undefined && own !== tree[first]
    if (!isHidden) expect(await find([section, ...operation.name])(...ids), operation.path).toBe(expected)
  }
})

test.each([
  ['GET', '/v1/customers', 'customers.get'],
  ['POST', '/v1/payment_intents/:id/confirm', 'paymentIntents.confirm.post'],
  ['POST', '/v1/payment_methods/:id/attach', 'paymentMethods.attach.post'],
  ['GET', '/v1/checkout/sessions/:id/line_items', 'checkout.sessions.lineItems.get'],
  [
    'POST',
    '/v1/test_helpers/treasury/outbound_payments/:id/post',
    'testHelpers.treasury.outboundPayments.post.post',
  ],
  ['POST', '/v1/apps/secrets/delete', 'apps.secrets.delete.post'],
  ['POST', '/v1/invoiceitems', 'invoiceitems.post'],
  ['GET', '/v2/core/events/:id', 'v2.core.events.get'],
  ['POST', '/v2/billing/meter_events', 'v2.billing.meterEvents.post'],
])('%s %s is %s', (method, path, name) => {
  expect(operationName(method, path).join('.')).toBe(name)
  expect(table.some((it) => it.name.join('.') === name)).toBe(true)
})

test('a name that is both a function and a namespace can be called as either', async () => {
  const both = parseOperations(
    'POST /v1/payments/:id\nPOST /v1/payments/:id/post\nGET /v1/payments/:id/post/name',
  )
  const small = buildTree(both, async (_, list, args) => `${list[0]?.path} ${args.length}`)
  // biome-ignore lint/suspicious/noExplicitAny: a tree of three made-up operations has no type.
  const { payments } = small as any
  expect(await payments.post('p_1')).toBe('/v1/payments/:id 1')
  expect(await payments.post.post('p_1')).toBe('/v1/payments/:id/post 1')
  expect(await payments.post.name.get('p_1')).toBe('/v1/payments/:id/post/name 1')
})
