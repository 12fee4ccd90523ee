import fc from 'fast-check'
import { test } from 'vitest'
import { aStoredEvent } from '../../../../test/support/an-event.ts'
import { silentLog } from '../log.ts'
import { createHub } from './hub.ts'
import { readSelector, readWhereClause } from './listen-request.ts'
import { createPublication } from './publication.ts'

const value = fc.constantFrom(
  'ch_1',
  'ch_2',
  'pi_1',
  'o_1',
  'charge.succeeded',
  'charge.failed',
  '1999',
  'true',
)
const field = fc.constantFrom('id', 'paymentIntentId', 'orderId', 'type', 'customerId', 'amount', 'livemode')
const condition = fc.oneof(
  fc.tuple(field, fc.constantFrom('=', '<>'), value).map(([name, op, text]) => `${name} ${op} '${text}'`),
  fc.tuple(field, fc.array(value, { minLength: 1, maxLength: 3 })).map(([name, texts]) => {
    return `${name} in (${texts.map((text) => `'${text}'`).join(', ')})`
  }),
  field.map((name) => `${name} is null`),
  fc.constantFrom('amount > 10', 'amount = 1999', "type like 'CHARGE.%'", 'livemode = false'),
)
const { selector } = fc.letrec<{ selector: string }>((tie) => ({
  selector: fc.oneof(
    { maxDepth: 3 },
    condition,
    fc.tuple(tie('selector'), tie('selector')).map(([a, b]) => `(${a}) and (${b})`),
    fc.tuple(tie('selector'), tie('selector')).map(([a, b]) => `(${a}) or (${b})`),
    tie('selector').map((inner) => `not (${inner})`),
  ),
}))
const wishes = fc.record({
  appId: fc.constantFrom('app_1', 'app_2'),
  chargeId: fc.constantFrom('ch_1', 'ch_2'),
  type: fc.constantFrom('charge.succeeded', 'charge.failed'),
  amount: fc.constantFrom(5, 1999),
})
const step = fc.oneof(
  fc.record({ kind: fc.constant('subscribe' as const), appId: fc.constantFrom('app_1', 'app_2'), selector }),
  fc.record({ kind: fc.constant('close' as const), which: fc.nat(20) }),
  fc.record({ kind: fc.constant('publish' as const), wishes }),
)

/** A typed clause may refuse what a selector takes, such as amount = 'ch_1'; then the header form stands in. */
function readEither(text: string, asRow: boolean) {
  if (!asRow) return readSelector(text, null)
  try {
    return readWhereClause(text)
  } catch {
    return readSelector(text, null)
  }
}

test('the hub delivers exactly what a plain loop over all selectors would', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.boolean(), async (steps, asRow) => {
      const hub = createHub({ log: silentLog, yieldToLoop: async () => undefined })
      const all: { request: ReturnType<typeof readEither>; appId: string; open: boolean; close(): void }[] =
        []
      const byHub: string[] = []
      const byLoop: string[] = []
      let position = 0
      for (const it of steps) {
        if (it.kind === 'subscribe') {
          const request = readEither(it.selector, asRow)
          const name = all.length
          const deliver = (publication: { position: number }) =>
            byHub.push(`${publication.position} to ${name}`)
          const { close } = hub.subscribe({ appId: it.appId, ...request, deliver })
          all.push({ request, appId: it.appId, open: true, close })
        } else if (it.kind === 'close') {
          const one = all[it.which]
          one?.close()
          if (one !== undefined) one.open = false
        } else {
          position += 1
          const publication = createPublication(aStoredEvent(position, it.wishes))
          await hub.publish(publication)
          for (const [name, { request, appId, open }] of all.entries()) {
            const matches = open && appId === publication.appId && request.matches(publication)
            if (matches) byLoop.push(`${position} to ${name}`)
          }
        }
      }
      if (hub.size !== all.filter(({ open }) => open).length) throw new Error('The hub lost count')
      return byHub.sort().join() === byLoop.sort().join()
    }),
    { numRuns: 400 },
  )
})
