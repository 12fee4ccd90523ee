/** Any permutation with any repetition of a payment's events, recorded at the sandbox, ends in the same payment. */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  foldPayment,
  foldReading,
  type PaymentFacts,
} from '../../../packages/server/src/payment-state/fold-payment.ts'
import type { Payment } from '../../../packages/server/src/payment-state/payment.ts'
import type { PaymentId } from '../../../packages/server/src/payment-state/payment-id.ts'
import { readPayment } from '../../../packages/server/src/repair/read-payment.ts'
import { stories } from './payment-stories.ts'
import { type RecordedPayment, recordPayment } from './record-payment.ts'

function foldAll(facts: readonly PaymentFacts[]): Payment | null {
  return facts.reduce<Payment | null>((payment, fact) => foldPayment(payment, fact), null)
}

/** Every event at least once, some of them again, in any order. */
function deliveries(facts: readonly PaymentFacts[]): fc.Arbitrary<readonly PaymentFacts[]> {
  return fc
    .tuple(
      fc.shuffledSubarray([...facts], { minLength: facts.length }),
      fc.array(fc.constantFrom(...facts), { maxLength: 6 }),
    )
    .chain(([all, again]) =>
      fc.shuffledSubarray([...all, ...again], { minLength: all.length + again.length }),
    )
}

/** The payment as an app sees it: without what it was read from, and when. */
function visible({ evidence: _evidence, needsReread: _needsReread, updated: _updated, ...rest }: Payment) {
  return rest
}

function summary(row: Payment) {
  const {
    status,
    amount,
    amountCapturable,
    amountReceived,
    amountRefunded,
    chargeId,
    disputeStatus,
    orderId,
  } = row
  return {
    status,
    amount,
    amountCapturable,
    amountReceived,
    amountRefunded,
    chargeId,
    disputeStatus,
    orderId,
  }
}

/** The same, by hand, from the objects themselves. */
async function stripeSummary({ id, stripe }: RecordedPayment): Promise<ReturnType<typeof summary>> {
  const intent = id.startsWith('pi_') ? await stripe.paymentIntents.retrieve(id) : null
  const chargeId = intent === null ? id : (intent.latest_charge as string | null)
  const charge = chargeId === null ? null : await stripe.charges.retrieve(chargeId)
  const disputes = charge === null ? [] : (await stripe.disputes.list({ charge: charge.id })).data
  return {
    status: (intent?.status ?? charge?.status) as Payment['status'],
    amount: intent?.amount ?? charge?.amount ?? 0,
    amountCapturable: intent?.amount_capturable ?? 0,
    amountReceived: intent?.amount_received ?? charge?.amount_captured ?? 0,
    amountRefunded: charge?.amount_refunded ?? 0,
    chargeId,
    disputeStatus: disputes[0]?.status ?? null,
    orderId: (intent ?? charge)?.metadata['order_id'] ?? null,
  }
}

async function settled(payment: Payment | null, { id, source }: RecordedPayment): Promise<Payment> {
  const known = { id: id as PaymentId, account: null, evidence: payment?.evidence ?? null }
  return foldReading(payment, await readPayment(source, known))
}

describe.each(Object.entries(stories))('%s', (_name, story) => {
  describe.each(['slow', 'at_once'] as const)('played %s', (pace) => {
    let recorded: RecordedPayment
    beforeAll(async () => {
      recorded = await recordPayment(story, pace)
    })
    afterAll(() => recorded.close())

    test('its events fold into one payment, whatever their order and repetition', () => {
      const inOrder = foldAll(recorded.facts)
      expect(inOrder).not.toBeNull()
      fc.assert(
        fc.property(deliveries(recorded.facts), (facts) => {
          expect(foldAll(facts)).toEqual(inOrder)
        }),
        { numRuns: 60 },
      )
    })

    test('what the events decide is what Stripe says; what they do not, is marked, and then settled', async () => {
      const fromEvents = foldAll(recorded.facts)
      const fromStripe = await settled(null, recorded)
      const reread = await settled(fromEvents, recorded)
      expect(visible(reread)).toEqual(visible(fromStripe))
      expect(reread.needsReread).toBe(false)
      if (fromEvents?.needsReread === false) expect(visible(fromEvents)).toEqual(visible(fromStripe))
    })

    test('the row names the status and the sums that Stripe names', async () => {
      const row = await settled(foldAll(recorded.facts), recorded)
      expect(summary(row)).toEqual(await stripeSummary(recorded))
    })

    test('a reading in between changes nothing in the end', async () => {
      const end = await settled(foldAll(recorded.facts), recorded)
      const reading = await readPayment(recorded.source, { id: end.id, account: null, evidence: null })
      await fc.assert(
        fc.asyncProperty(deliveries(recorded.facts), fc.nat(), async (facts, at) => {
          const cut = at % (facts.length + 1)
          const early = foldReading(foldAll(facts.slice(0, cut)), reading)
          const late = facts.slice(cut).reduce<Payment>((payment, fact) => foldPayment(payment, fact), early)
          expect(visible(await settled(late, recorded))).toEqual(visible(end))
        }),
        { numRuns: 8 },
      )
    })
  })
})

async function undecided(pace: 'slow' | 'at_once'): Promise<string[]> {
  const names: string[] = []
  for (const [name, story] of Object.entries(stories)) {
    const recorded = await recordPayment(story, pace)
    if (foldAll(recorded.facts)?.needsReread !== false) names.push(name)
    await recorded.close()
  }
  return names
}

/** Stripe's sum of refunds shows no refund that failed, and does show what a capture left over. */
const PUZZLE = 'a hold captured in part, then a refund that fails, then another one'

test('with seconds between its steps, only the sum after a part capture and a failed refund needs asking', async () => {
  expect(await undecided('slow')).toEqual([PUZZLE])
})

test('within one second, only steps that could have gone either way need asking', async () => {
  expect(await undecided('at_once')).toEqual([
    'two declines',
    'a decline, then 3-D Secure left open',
    '3-D Secure failed',
    PUZZLE,
  ])
})

test('events of one second that contradict each other ask for a reading', async () => {
  const recorded = await recordPayment(stories['two declines'] ?? expect.unreachable(), 'at_once')
  expect(foldAll(recorded.facts)?.needsReread).toBe(true)
  expect((await settled(foldAll(recorded.facts), recorded)).lastError?.decline_code).toBe(
    'insufficient_funds',
  )
  await recorded.close()
})
