/** A callback that is delivered more than once. */
import { expect, test, vi } from 'vitest'
import type { ApiRequest } from '../server-api.ts'
import type { CallbackJob } from './callback-job.ts'
import { createJobRunner } from './job-runner.ts'

const job = (id: string, lease: string): CallbackJob => ({
  id,
  lease,
  message_id: 'uim_1',
  callback: 'onSuccess',
  handler: 'saved',
  handler_data: null,
  original_message: { id: 'uim_1', scope: 'plugin:stripe', name: 'x', data: null },
  callback_data: {},
  context: {
    messageId: 'uim_1',
    callback: 'onSuccess',
    user: { id: 'u1' },
    sessionId: 'uis_1',
    connectionId: 'tab_1',
    verified: true,
  },
})

function start(run: (job: CallbackJob) => Promise<void>, renewEveryMs = 60_000) {
  const calls: { readonly path: string; readonly body: unknown }[] = []
  const runner = createJobRunner({
    api: {
      async call({ path, body }: ApiRequest) {
        calls.push({ path, body: body?.kind === 'json' ? body.value : null })
        return { status: 200, headers: {}, body: {} }
      },
    },
    run,
    onError: (error) => {
      throw error
    },
    renewEveryMs,
  })
  return { runner, calls }
}

test('runs once, and is acked again when the first ack may have been lost', async () => {
  let runs = 0
  const { runner, calls } = start(async () => {
    runs += 1
  })
  runner.take(job('uic_1', 'a'))
  runner.take(job('uic_1', 'b'))
  await runner.drained()
  runner.take(job('uic_1', 'c'))
  await runner.drained()
  expect(runs).toBe(1)
  expect(calls).toEqual([
    { path: '/v1/ui/callbacks/uic_1/ack', body: { outcome: 'done' } },
    { path: '/v1/ui/callbacks/uic_1/ack', body: { outcome: 'done' } },
  ])
})

test('keeps its newest lease while it runs, and lets it go afterwards', async () => {
  vi.useFakeTimers()
  try {
    let finish: () => void = () => undefined
    const { runner, calls } = start(async () => {
      await new Promise<void>((resolve) => {
        finish = resolve
      })
    }, 10_000)
    runner.take(job('uic_1', 'a'))
    await vi.advanceTimersByTimeAsync(10_000)
    runner.take(job('uic_1', 'b'))
    await vi.advanceTimersByTimeAsync(10_000)
    runner.renewAll()
    finish()
    await runner.drained()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(calls.map(({ path, body }) => [path.split('/').at(-1), body])).toEqual([
      ['lease', { lease: 'a' }],
      ['lease', { lease: 'b' }],
      ['lease', { lease: 'b' }],
      ['ack', { outcome: 'done' }],
    ])
  } finally {
    vi.useRealTimers()
  }
})

test('that throws is acked as failed, with its reason', async () => {
  const { runner, calls } = start(async () => {
    throw new RangeError('no shelf left')
  })
  runner.take(job('uic_1', 'a'))
  await runner.drained()
  expect(calls[0]?.body).toEqual({ outcome: 'failed', error: 'RangeError: no shelf left' })
})
