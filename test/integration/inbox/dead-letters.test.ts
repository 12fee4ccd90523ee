/** Events whose handling was given up live: they are listed, handled again, and never mixed up with others. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { settings } from '../../../packages/server/src/config.ts'
import { serverKeyWith } from '../../support/api-client.ts'
import { eventually } from '../../support/eventually.ts'
import { type SignedInbox, startSignedInbox } from './signed-inbox.ts'

let inbox: SignedInbox
beforeAll(async () => {
  inbox = await startSignedInbox()
})
afterAll(() => inbox.stop())

let made = 0
const anEvent = (id = `evt_dead_${++made}`, more: object = {}) => ({
  id,
  object: 'event',
  type: 'charge.succeeded',
  api_version: '2026-10-28.endive',
  created: 1_795_289_067,
  livemode: false,
  pending_webhooks: 2,
  request: { id: 'req_1', idempotency_key: null },
  data: {
    object: { id: `ch_${id}`, object: 'charge', amount: 1099, currency: 'eur', status: 'succeeded' },
  },
  ...more,
})

const stateOf = async (id: string) => {
  const { body } = await inbox.api(`/v1/events/${id}`)
  return (body['handling'] as { state: string } | null)?.state
}
const handledAgain = (id: string) =>
  eventually(async () => (await stateOf(id)) === 'handled', { what: `${id} to be handled` })
const tallied = async () => {
  const { body } = await inbox.api('/v1/events/tallies?from=2020-01-01&to=2099-01-01')
  return (body['data'] as { count: number }[]).reduce((sum, { count }) => sum + count, 0)
}

/** Handled, then given up by force: its effects stand already, and are not what is looked at. */
async function aDeadEvent(more: object = {}): Promise<string> {
  const event = anEvent(undefined, more)
  expect((await inbox.deliver(event)).status).toBe(200)
  await handledAgain(event.id)
  inbox.makeDead(event.id)
  return event.id
}

const listed = async (query: string) => {
  const { body } = await inbox.api(`/v1/events?limit=100&${query}`)
  return body['data'] as readonly { eventId: string; handling: { state: string; attempts: object[] } }[]
}

describe('a dead event', () => {
  test('is listed with the story of its tries, to a server key', async () => {
    const id = await aDeadEvent()
    expect(await listed('state=dead')).toMatchObject([
      { eventId: id, handling: { state: 'dead', attempts: [{ number: 7, error: 'the rule broke' }] } },
    ])
    expect(await listed('state=failed')).toEqual([])
    const asClient = await inbox.api(
      "/v1/events?state=dead&where=id='ch_1'",
      undefined,
      inbox.server.clientKey,
    )
    expect(asClient.status).toBe(403)
    expect((await inbox.api('/v1/events?state=odd')).body).toMatchObject({ error: { param: 'state' } })
    await inbox.api(`/v1/admin/events/${id}/replay`, {})
    await handledAgain(id)
  })

  test('is handled again when it is asked for, once', async () => {
    const id = await aDeadEvent()
    const before = await tallied()
    const answer = await inbox.api(`/v1/admin/events/${id}/replay`, {})
    expect(answer).toMatchObject({ status: 200, body: { object: 'event_replay', outcome: 'replayed' } })
    await handledAgain(id)
    expect(await tallied()).toBe(before + 1)
    const again = await inbox.api(`/v1/admin/events/${id}/replay`, {})
    expect(again.body).toMatchObject({ outcome: 'already_handled' })
    expect((await inbox.api('/v1/admin/events/evt_none/replay', {})).status).toBe(404)
  })

  test('is handled again when Stripe sends it again', async () => {
    const event = anEvent()
    await inbox.deliver(event)
    await handledAgain(event.id)
    inbox.makeDead(event.id)
    expect((await inbox.deliver({ ...event, pending_webhooks: 0 }, { pretty: true })).status).toBe(200)
    await handledAgain(event.id)
    expect(await listed('state=dead')).toEqual([])
  })

  test('is chosen by a condition, by type and by time, after a look at how many there are', async () => {
    const mine = await aDeadEvent({ type: 'charge.refunded' })
    const other = await aDeadEvent()
    const where = `eventId = '${mine}'`
    const selection = { where, type: 'charge.refunded', received: { gte: 0, lt: 9_999_999_999 } }
    const preview = await inbox.api('/v1/admin/events/replay', { ...selection, dry_run: true })
    expect(preview.body).toMatchObject({ dry_run: true, matched: 1, replayed: 0 })
    expect(await stateOf(mine)).toBe('dead')
    const early = { ...selection, received: { lt: 1 } }
    expect((await inbox.api('/v1/admin/events/replay', early)).body).toMatchObject({ matched: 0 })
    expect((await inbox.api('/v1/admin/events/replay', selection)).body).toMatchObject({ replayed: 1 })
    await handledAgain(mine)
    expect(await stateOf(other)).toBe('dead')
    expect((await inbox.api('/v1/admin/events/replay', {})).body).toMatchObject({ matched: 1, replayed: 1 })
    await handledAgain(other)
  })

  test('takes the scope payments, or an operator', async () => {
    const { key } = await serverKeyWith(inbox.server, ['read'])
    const path = '/v1/admin/events/evt_1/replay'
    expect((await inbox.api(path, {}, key)).body).toMatchObject({ error: { code: 'scope_missing' } })
    expect((await inbox.api(path, {}, inbox.server.clientKey)).status).toBe(403)
    expect((await inbox.api(path, {}, inbox.server.operatorKey ?? '')).status).toBe(404)
  })
})

describe('the same event id with another content', () => {
  const conflict = { status: 409, body: { error: { code: 'event_conflict' } } }

  test('is refused, stands as an alarm, and changes nothing', async () => {
    const event = anEvent()
    await inbox.deliver(event)
    const forged = structuredClone(event)
    forged.data.object.amount = 1
    expect(await inbox.deliver(forged)).toMatchObject(conflict)
    expect(await inbox.deliver(forged)).toMatchObject(conflict)
    const hidden = { ...event, data: { object: { ...event.data.object, description: 'not there before' } } }
    expect(await inbox.deliver(hidden)).toMatchObject(conflict)
    const { body } = await inbox.api('/v1/alarms?kind=event_conflict')
    expect(body['data']).toMatchObject([{ subject: event.id, count: 3, severity: 'critical' }])
    expect((await inbox.api(`/v1/events/${event.id}`)).body).toMatchObject({ amount: 1099, payload: event })
    expect((await inbox.deliver(event)).status).toBe(200)
  })

  test('is the same content where only that differs which Stripe itself changes', async () => {
    const event = anEvent()
    await inbox.deliver(event)
    const forgotten = { ...event, request: { id: null, idempotency_key: null }, pending_webhooks: 9 }
    expect((await inbox.deliver(forgotten)).status).toBe(200)
    expect((await inbox.deliver(Object.fromEntries(Object.entries(event).reverse()))).status).toBe(200)
    // A second endpoint of another version gets other shapes of the same event.
    const older = {
      ...event,
      api_version: '2020-08-27',
      data: { object: { ...event.data.object, old: true } },
    }
    expect((await inbox.deliver(older)).status).toBe(200)
    const dearer = { ...older, data: { object: { ...event.data.object, amount: 9 } } }
    expect((await inbox.deliver(dearer)).status).toBe(409)
  })
})

test('the command line lists and replays, with a count first', async () => {
  const id = await aDeadEvent()
  const run = (...args: string[]) => tollbridge(['events', ...args])
  expect((await run('list', '--state', 'dead')).stdout).toMatch(
    new RegExp(`dead +${id}.*\\n +the rule broke`),
  )
  const preview = await run('replay', '--state', 'dead', '--dry-run')
  expect(preview.stdout).toBe(`${inbox.server.appId}: 1 dead events would be handled again.\n`)
  expect((await run('replay', '--where', `eventId = '${id}'`)).stdout).toContain('1 of 1 dead events')
  await handledAgain(id)
  expect((await run('replay', id)).stdout).toContain('is handled already')
  expect((await run('replay')).code).toBe(2)
  expect((await run('replay', 'evt_nowhere')).code).toBe(1)
})

function tollbridge(args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !(name in settings)))
  const env = { ...clean, TOLLBRIDGE_DATA_DIR: inbox.server.dataDir }
  const cwd = fileURLToPath(new URL('../../..', import.meta.url))
  return new Promise((resolve) => {
    const program = ['--conditions=source', 'packages/server/src/main.ts', ...args]
    const child = execFile(process.execPath, program, { cwd, env }, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    )
  })
}
