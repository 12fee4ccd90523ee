/** What lies within the payments of a watch token: as a test of one event, and as a condition for the store. */
import type { Expression } from '@tollbridge/protocol'
import type { WatchScope } from './principal.ts'

export function isInScope(
  scope: WatchScope,
  { id, paymentIntentId }: { readonly id: string; readonly paymentIntentId: string | null },
): boolean {
  return (
    scope.id.includes(id) || (paymentIntentId !== null && scope.paymentIntentId.includes(paymentIntentId))
  )
}

/** @param scope null: everything that `where` finds. */
export function withinScope(where: Expression | null, scope: WatchScope | null): Expression | null {
  if (scope === null) return where
  const isTheirs: Expression = {
    kind: 'or',
    operands: [isOneOf('id', scope.id), isOneOf('paymentIntentId', scope.paymentIntentId)],
  }
  return where === null ? isTheirs : { kind: 'and', operands: [where, isTheirs] }
}

function isOneOf(name: string, values: readonly string[]): Expression {
  const texts = values.map((value) => ({ kind: 'text', value, position: 0 }) as const)
  // A list may not be empty, and nothing equals NULL.
  return {
    kind: 'in',
    field: { name, position: 0 },
    values: texts.length > 0 ? texts : [{ kind: 'null', position: 0 }],
  }
}
