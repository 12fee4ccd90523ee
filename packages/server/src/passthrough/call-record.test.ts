/** How a call ended is written down, if not now then once the store takes it. */
import { expect, test } from 'vitest'
import { createManualTime } from '../../../../test/support/manual-time.ts'
import { silentLog } from '../log.ts'
import { createMemoryStore } from '../store/memory/create-memory-store.ts'
import { createCallRecorder } from './call-record.ts'

const EVERY_CALL = {
  appId: null,
  keyId: null,
  method: null,
  pathStart: null,
  outcome: null,
  startedFrom: null,
  startedBefore: null,
  before: null,
}

test('an end that the store does not take is held, and written when it does', async () => {
  const time = createManualTime()
  const { passthroughAudit: audit } = createMemoryStore()
  let isFull = false
  const recorder = createCallRecorder({
    audit: {
      ...audit,
      end: (...given) => (isFull ? Promise.reject(new Error('the disk is full')) : audit.end(...given)),
    },
    clock: time,
    after: time.timers.after,
    log: silentLog,
  })
  const call = {
    appId: 'app_1',
    keyId: 'key_1',
    method: 'POST',
    path: '/v1/charges',
    account: null,
    idempotencyKey: 'key-1',
  } as const
  const end = await recorder.begin(call)
  isFull = true
  end({
    outcome: 'answered',
    status: 200,
    error: null,
    stripeRequestId: 'req_1',
    bytesSent: 1,
    bytesReceived: 1,
  })
  await new Promise(setImmediate)
  const outcomes = async () => (await audit.list({ ...EVERY_CALL, limit: 10 })).map(({ outcome }) => outcome)
  expect(await outcomes()).toEqual(['unknown'])
  time.advance(5_000)
  await new Promise(setImmediate)
  expect(await outcomes()).toEqual(['unknown'])
  isFull = false
  time.advance(5_000)
  await new Promise(setImmediate)
  expect(await outcomes()).toEqual(['answered'])
})
