/** Writes the operations of Stripe's API for packages/node, from what the installed `stripe` package calls. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { operationName } from '../packages/node/src/stripe/operation-table.ts'

/** What Slingr names and Stripe has since removed: older API versions still answer, and Stripe says what is gone. */
const REMOVED = [
  'GET /v1/skus',
  'POST /v1/skus',
  'GET /v1/skus/:id',
  'POST /v1/skus/:id',
  'DELETE /v1/skus/:id',
  'GET /v1/invoices/upcoming',
  'GET /v1/invoices/upcoming/lines',
  'POST /v1/subscription_items/:id/usage_records',
  'GET /v1/subscription_items/:id/usage_record_summaries',
  'POST /v1/application_fees/:id/refund',
]

/** Fewer than this means that the package is laid out in another way than we read it. */
const FEWEST_OPERATIONS = 600

/** @returns one `METHOD /path` each, with `:id` for ids, by path and method */
export function stripeOperations(): string[] {
  const folder = fileURLToPath(new URL('./resources/', import.meta.resolve('stripe')))
  const calls = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.js'))
    .flatMap((file) => callsOf(readFileSync(join(folder, file), 'utf8')))
  if (new Set(calls).size < FEWEST_OPERATIONS)
    throw new Error(`Only ${new Set(calls).size} operations were found in ${folder}.`)
  return [...new Set([...calls, ...REMOVED])].sort((a, b) => (byPath(a) < byPath(b) ? -1 : 1))
}

function callsOf(code: string): string[] {
  return [...code.matchAll(/_makeRequest\('([A-Z]+)', ['`]([^'`]+)['`]/g)]
    .map(([, method = '', path = '']) => `${method} ${path.replace(/\$\{[^}]*\}/g, ':id')}`)
    .filter((call) => / \/v[12]\//.test(call))
}

function byPath(call: string): string {
  const [method = '', path = ''] = call.split(' ')
  return `${path} ${method}`
}

/** The list as `packages/node` reads it. */
export function operationsFile(notice: string): string {
  return [
    `/** Every operation of Stripe's API; ids are \`:id\`. ${notice} */`,
    '',
    'export const operations = `',
    ...stripeOperations(),
    '`',
    '',
  ].join('\n')
}

interface Node {
  readonly counts: Set<number>
  readonly children: Map<string, Node>
}

const newNode = (): Node => ({ counts: new Set(), children: new Map() })

/** The same tree as a type, so that editors complete its names. */
export function treeFile(notice: string): string {
  const root = newNode()
  for (const call of stripeOperations()) {
    const [method = '', path = ''] = call.split(' ')
    let node = root
    for (const part of operationName(method, path)) {
      const child = node.children.get(part) ?? newNode()
      node.children.set(part, child)
      node = child
    }
    node.counts.add(path.split(':id').length - 1)
  }
  return [
    `/** The names of Stripe's API by Slingr's rules; the numbers are how many ids a call takes. ${notice} */`,
    "import type { StripeCall } from './stripe-call.ts'",
    '',
    `export interface StripeTree ${membersOf(root, '')}`,
    '',
  ].join('\n')
}

function membersOf(node: Node, indent: string): string {
  const lines = [...node.children]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, child]) => `${indent}  readonly ${name}: ${typeOf(child, `${indent}  `)}`)
  return ['{', ...lines, `${indent}}`].join('\n')
}

function typeOf(node: Node, indent: string): string {
  const call = `StripeCall<${[...node.counts].sort().join(' | ')}>`
  if (node.children.size === 0) return call
  const members = membersOf(node, indent)
  return node.counts.size === 0 ? members : `${call} & ${members}`
}
