/** Whatever comes in whatever order, to whichever process: a message ends once, with at most one callback. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { createUiSessionTokens } from '../../../packages/server/src/access/ui-session-token.ts'
import { ServiceError } from '../../../packages/server/src/errors.ts'
import { silentLog } from '../../../packages/server/src/log.ts'
import { createMemoryStore } from '../../../packages/server/src/store/memory/create-memory-store.ts'
import { openSqliteStore } from '../../../packages/server/src/store/sqlite/open-sqlite-store.ts'
import type { Store } from '../../../packages/server/src/store/store.ts'
import type { UiMessage } from '../../../packages/server/src/store/ui-message-store.ts'
import { createUiMessages } from '../../../packages/server/src/ui-messages/create-ui-messages.ts'
import { createManualTime } from '../../support/manual-time.ts'

const APP = 'app_1'
const TTL = 10_000
const TABS = ['tab_0123456789abcde1', 'tab_0123456789abcde2', 'tab_0123456789abcde3'] as const

type Step =
  | { readonly kind: 'claim'; readonly tab: number; readonly process: number }
  | { readonly kind: 'answer'; readonly tab: number; readonly process: number; readonly callback: string }
  | { readonly kind: 'cancel' }
  | { readonly kind: 'leave'; readonly tab: number }
  | { readonly kind: 'event' }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'stripe'; readonly change: 'done' | 'down' | 'up' }
  | { readonly kind: 'settle' }

const process = fc.nat(1)
const tab = fc.nat(TABS.length - 1)
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('claim' as const), tab, process }) },
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant('answer' as const),
        tab,
        process,
        callback: fc.constantFrom('onSuccess', 'onFail', 'onCancel'),
      }),
    },
    { weight: 1, arbitrary: fc.constant({ kind: 'cancel' as const }) },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(1, 900, 6_000) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('stripe' as const),
        change: fc.constantFrom('done' as const, 'down' as const, 'up' as const),
      }),
    },
    { weight: 2, arbitrary: fc.constant({ kind: 'settle' as const }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('leave' as const), tab }) },
    { weight: 1, arbitrary: fc.constant({ kind: 'event' as const }) },
  ),
  { minLength: 1, maxLength: 14 },
)

const ENDS = ['settled', 'canceled', 'expired', 'undeliverable']

async function play(store: Store, run: number, plan: readonly Step[]): Promise<void> {
  const time = createManualTime()
  // What Stripe has done it has done; only whether it can be asked goes to and fro.
  let isDone = false
  let isDown = false
  const reads = new Set<string>()
  let ids = 0
  const retrieve = async (id: string) => {
    const status = isDone ? 'succeeded' : 'requires_payment_method'
    const answers = !isDown
    await new Promise(setImmediate)
    if (!answers) throw new ServiceError('stripe_unreachable', { message: 'Down.' })
    reads.add(status)
    return { id, status } as never
  }
  const open = () =>
    createUiMessages({
      store: store.uiMessages,
      tokens: createUiSessionTokens({
        clock: time,
        signingKey: () => new Uint8Array(32).fill(1),
        hasServerKey: () => true,
      }),
      stripeFor: () => ({ retrieveSetupIntent: retrieve, retrievePaymentIntent: retrieve }),
      findCardNumber: () => null,
      streams: { open: () => null, endWith: () => {} },
      serverCaller: async () => APP,
      readServerPrincipal: async () => ({ role: 'server', appId: APP, keyId: 'key_1', scopes: ['ui'] }),
      standings: { hold: () => () => {} },
      clock: time,
      timers: time.timers,
      pause: async () => {},
      newId: () => `${run}-${ids++}`,
      log: silentLog,
    })
  const processes = [open(), open()] as const
  for (const it of processes) it.start()
  const id = `uim_${run}` as const
  const user = `user-${run}`
  const proofs = await Promise.all(
    TABS.map(async (tab) => {
      const tokens = createUiSessionTokens({
        clock: time,
        signingKey: () => new Uint8Array(32).fill(1),
        hasServerKey: () => true,
      })
      const session = {
        appId: APP,
        id: 'uis_1',
        user,
        origins: ['*'],
        expiresAt: time.now() + 60_000,
        madeBy: 'key_1',
      } as const
      return { token: await tokens.sign(session), tab, headers: {} }
    }),
  )
  await store.uiMessages.insert({
    id,
    appId: APP,
    original: {
      scope: 'plugin:stripe',
      name: 'collectPaymentInformation',
      data: { dataSecret: `seti_${run}_secret_1` },
    },
    callbacks: Object.fromEntries(
      ['onSuccess', 'onFail', 'onCancel'].map((it) => [it, { name: it, data: null }]),
    ),
    users: [user],
    tab: null,
    instance: null,
    requestKey: null,
    fingerprint: '',
    createdAt: time.now(),
    expiresAt: time.now() + TTL,
    intent: `seti_${run}`,
    intentBefore: 'requires_payment_method',
    state: 'queued',
  })
  // Every tab is shown it, at one process or the other, and hears its end at most once.
  const shown = TABS.map(() => ({ messages: 0, ends: [] as string[] }))
  const closes = await Promise.all(
    proofs.map((proof, n) =>
      (processes[n % 2] ?? processes[0]).door.connect(proof, {
        show: () => {
          const it = shown[n]
          if (it !== undefined) it.messages += 1
        },
        ready: () => undefined,
        end: (_id, reason) => shown[n]?.ends.push(reason),
        over: () => {},
      }),
    ),
  )

  const asked: Promise<{ readonly accepted: boolean }>[] = []
  const claims: Promise<unknown>[] = []
  for (const step of plan) {
    const proof = 'tab' in step ? proofs[step.tab] : undefined
    const { door } = ('process' in step ? processes[step.process] : undefined) ?? processes[0]
    if (step.kind === 'claim' && proof) claims.push(door.claim(proof, { id }).catch(expected))
    else if (step.kind === 'answer' && proof) {
      const answer = door.answer(proof, { id, callback: step.callback, data: {} })
      asked.push(answer.then(() => ({ accepted: true }), expected))
    } else if (step.kind === 'cancel') await store.uiMessages.cancel(APP, id, time.now())
    else if (step.kind === 'wait') time.advance(step.ms)
    else if (step.kind === 'stripe') {
      if (step.change === 'done') isDone = true
      else isDown = step.change === 'down'
    } else if (step.kind === 'leave') closes[step.tab]?.()
    else if (step.kind === 'event') noteEvent(processes[0], `seti_${run}`)
    else if (step.kind === 'settle') await Promise.all([...asked, ...claims])
    // Some overlap: the next step comes while this one is under way.
    await new Promise(setImmediate)
  }
  const answers = await Promise.all(asked)
  await Promise.all(claims)
  isDown = false
  // The background looks each second; a second of Stripe's silence is made up for within a minute.
  for (let round = 0; round < 90 && !isEnded(await store.uiMessages.find(APP, id)); round++) {
    time.advance(1_000)
    await turns()
  }
  const accepted = answers.filter((it) => it.accepted).length
  const message = await store.uiMessages.find(APP, id)
  const job = await store.uiMessages.jobOf(id)
  expect(ENDS).toContain(message?.state)
  expect(job !== null).toBe(message?.state === 'settled')
  const isSuccess = job?.verified === true
  // Nobody is told of a failure before Stripe was read and knew of no success.
  expect([...reads]).toContain(isSuccess ? 'succeeded' : 'requires_payment_method')
  if (job !== null) {
    expect(job.verified).toBe(job.callback === 'onSuccess')
    // Whoever answers after Stripe's own word hears the same.
    if (job.page === null) expect(job.verified).toBe(true)
    else {
      expect(accepted).toBe(1)
      expect(job.page).toMatchObject({ user, tab: message?.claimedBy?.tab })
    }
  } else expect(accepted).toBe(0)
  for (const it of processes) await it.stop()
  for (const { messages, ends } of shown) {
    expect(ends.length).toBeLessThanOrEqual(messages)
    // Only what was taken from it can be shown to it again.
    expect(messages - 1).toBeLessThanOrEqual(ends.filter((it) => it === 'claimed').length)
  }
  const leased = await Promise.all(
    ['a', 'b'].map((token) =>
      store.uiMessages.leaseJobs(
        APP,
        { handlers: ['onSuccess', 'onFail', 'onCancel'], instance: null, listens: true },
        { token, until: time.now() + 1_000_000_000 },
        time.now(),
        10,
      ),
    ),
  )
  expect(leased.flat().filter(({ messageId }) => messageId === id)).toHaveLength(job === null ? 0 : 1)
  for (const close of closes) close()
}

function isEnded(message: UiMessage | null): boolean {
  return message !== null && message.endedAt !== null
}

function noteEvent(of: ReturnType<typeof createUiMessages>, id: string): void {
  of.noteEvent({ appId: APP, type: 'setup_intent.succeeded', id, paymentIntentId: null })
}

/** Lets go on what waits for nothing but its turn. */
async function turns(): Promise<void> {
  for (let n = 0; n < 8; n++) await new Promise(setImmediate)
}

/** What a page may be told; anything else is a fault of ours. */
function expected(error: unknown): { readonly accepted: boolean } {
  const codes = ['ui_message_claimed', 'ui_message_settled', 'ui_message_ended', 'stripe_unreachable']
  expect(codes).toContain(error instanceof ServiceError ? error.code : error)
  return { accepted: false }
}

const folder = mkdtempSync(join(tmpdir(), 'tollbridge-one-end-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe.each([
  ['memory', async () => createMemoryStore(), 300],
  [
    'SQLite',
    () =>
      openSqliteStore({
        file: join(folder, 'ui.db'),
        autoMigrate: true,
        clock: { now: () => 0 },
        // Nobody reads the disk of this test after a loss of power.
        groupCommit: { soon: setImmediate },
      }),
    100,
  ],
] as const)('on %s', (_, openStore, numRuns) => {
  test('two processes and three tabs agree on one end', { retry: 0, timeout: 120_000 }, async () => {
    const store = await openStore()
    let run = 0
    try {
      await fc.assert(
        fc.asyncProperty(steps, (plan) => play(store, ++run, plan)),
        { numRuns },
      )
    } finally {
      await store.close()
    }
  })
})
