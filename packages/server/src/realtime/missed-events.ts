/** Reads from the store what a subscriber missed: by its transaction where it names one, else along the log. */
import { type Expression, TRANSACTION_PINS } from '@tollbridge/protocol'
import type { PinnedLiterals } from '../access/read-access.ts'
import type { EventStore, StoredEvent } from '../store/event-store.ts'
import type { ConcurrencyGate } from './concurrency-gate.ts'

export interface MissedEvents {
  /** Whether the selector names a transaction, so that its events can be looked up. */
  namesTransaction(pins: PinnedLiterals): boolean
  /**
   * The events of the named transactions stored since `since` (milliseconds) with a position of at most `upTo`,
   * ascending: candidates, of which the selector may refuse some. At most the newest 1000.
   */
  recent(query: TransactionQuery & { readonly since: number }): Promise<readonly StoredEvent[]>
  /** As above, by position instead of time; null when the transactions have too many events to look them up. */
  since(query: TransactionQuery & { readonly after: number }): Promise<readonly StoredEvent[] | null>
  /** The next page of the whole log. */
  page(after: number): Promise<readonly StoredEvent[]>
  lastPosition(): Promise<number>
}

interface TransactionQuery {
  readonly appId: string
  readonly pins: PinnedLiterals
  /** Up to here, and no further, every position is settled. */
  readonly upTo: number
}

export interface MissedEventsDeps {
  readonly events: Pick<EventStore, 'find' | 'readAfter' | 'lastPosition'>
  /** Thousands may come back at once, after a restart: they take turns, so that webhooks find the store free. */
  readonly gate: ConcurrencyGate
}

const MOST_EVENTS = 1_000
const PAGE = 200

export function createMissedEvents({ events, gate }: MissedEventsDeps): MissedEvents {
  const newestFirst = async (appId: string, where: Expression, upTo: number) => {
    const orderBy = [{ field: 'created', direction: 'desc' }] as const
    const found = await gate.run(() => events.find({ appId, where, orderBy, limit: MOST_EVENTS, offset: 0 }))
    const settled = found.filter((event) => event.position <= upTo).sort((a, b) => a.position - b.position)
    return { settled, isWhole: found.length < MOST_EVENTS }
  }

  return {
    namesTransaction: (pins) => transactionIs(pins) !== null,
    async recent({ appId, pins, upTo, since }) {
      const transaction = transactionIs(pins)
      if (transaction === null) return []
      const where: Expression = { kind: 'and', operands: [transaction, createdSince(since)] }
      return (await newestFirst(appId, where, upTo)).settled
    },
    async since({ appId, pins, upTo, after }) {
      // Nothing is both one value and another, so there is no need to walk the log for it.
      if ([...pins.values()].some(({ size }) => size === 0)) return []
      const transaction = transactionIs(pins)
      if (transaction === null) return null
      const { settled, isWhole } = await newestFirst(appId, transaction, upTo)
      return isWhole ? settled.filter((event) => event.position > after) : null
    },
    page: (after) => gate.run(() => events.readAfter(after, PAGE)),
    lastPosition: () => gate.run(() => events.lastPosition()),
  }
}

/** `id IN (…)` or the like for the first pinned name, which has an index in every store; null for none. */
function transactionIs(pins: PinnedLiterals): Expression | null {
  const name = TRANSACTION_PINS.find((pin) => pins.has(pin))
  const values = name === undefined ? [] : [...(pins.get(name) ?? [])]
  if (name === undefined || values.length === 0) return null
  return {
    kind: 'in',
    field: { name, position: 0 },
    values: values.map((value) => ({ kind: 'text', value, position: 0 }) as const),
  }
}

function createdSince(milliseconds: number): Expression {
  return {
    kind: 'comparison',
    field: { name: 'created', position: 0 },
    operator: '>=',
    value: { kind: 'number', value: milliseconds, position: 0 },
  }
}
