/** Sends each change of an alarm to ALARM_URL, signed as Standard Webhooks say, again and again until it is taken. */
import { Webhook } from 'standardwebhooks'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { Outbound } from '../outbound/create-outbound.ts'
import { describeOutboundFailure } from '../outbound/create-outbound.ts'
import type { OnBehalfOf } from '../outbound/reach.ts'
import type { Alarm, AlarmStore } from '../store/alarm-store.ts'
import { alarmJson } from './alarm-json.ts'
import type { Alarms } from './alarms.ts'
import type { AlarmDesk } from './create-alarms.ts'

export interface PostAlarmsDeps {
  readonly url: string
  /** `whsec_…` of Standard Webhooks: base64 behind the prefix. */
  readonly secret: string
  readonly onBehalfOf: OnBehalfOf
  readonly outbound: Pick<Outbound, 'send'>
  readonly store: Pick<AlarmStore, 'untold' | 'markTold'>
  readonly alarms: Alarms & Pick<AlarmDesk, 'onChange'>
  readonly clock: Clock
  /** A timer that does not keep the process alive. */
  after(ms: number, run: () => void): () => void
  readonly log: Pick<Log, 'warn'>
}

export interface AlarmPoster {
  /** Sends what an earlier run could not, and from now on each change as it comes. */
  start(): void
  /** Ends after the sending at hand; what is not taken yet is sent after the next start. */
  stop(): Promise<void>
}

const TIMEOUT_MS = 10_000
/** One at a time after a failure; the last counts for all that follow. */
const RETRY_MS = [1_000, 5_000, 30_000, 120_000, 600_000] as const
/** From then on the failure is an alarm of its own. */
const FAILURES_TO_RAISE = 3
/** An alarm that has been over for longer is told nobody any more. */
const LATEST_END_MS = 24 * 3_600_000
const MOST_AT_ONCE = 50

const FAILING = { appId: null, kind: 'alarm_url_failing', subject: 'ALARM_URL' } as const

export function createAlarmPoster(deps: PostAlarmsDeps): AlarmPoster {
  const { url, outbound, store, alarms, clock, after, log } = deps
  const webhook = new Webhook(deps.secret)
  /** What the store may not know: it is told from here, whether it takes writes or not. */
  const fresh = new Map<string, Alarm>()
  /** Taken, and not noted by the store. */
  const unmarked = new Map<string, string>()
  let failures = 0
  let running: Promise<void> | null = null
  let isStopped = false
  let stopWaiting = () => {}
  let stopHearing = () => {}

  /** @returns null when it was taken, else why not. */
  async function post(alarm: Alarm): Promise<string | null> {
    const isOver = alarm.clearedAt !== null
    const timestamp = new Date(clock.now())
    const id = noticeId(alarm)
    const body = JSON.stringify({
      type: isOver ? 'alarm.cleared' : 'alarm.raised',
      timestamp: timestamp.toISOString(),
      data: alarmJson(alarm),
    })
    const answer = await outbound.send({
      url,
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(timestamp.getTime() / 1000)),
        'webhook-signature': webhook.sign(id, timestamp, body),
      },
      body,
      onBehalfOf: deps.onBehalfOf,
      timeoutMs: TIMEOUT_MS,
      mostBytes: 0,
    })
    if (answer.outcome !== 'answered') return describeOutboundFailure(answer)
    return answer.status >= 200 && answer.status < 300 ? null : `it answered ${answer.status}`
  }

  async function untold(): Promise<readonly Alarm[]> {
    const since = clock.now() - LATEST_END_MS
    const stored = await store.untold({ since, limit: MOST_AT_ONCE }).catch(() => [])
    const newer = [...fresh.values()]
    const ids = new Set(newer.map(({ id }) => id))
    return [...newer, ...stored.filter((it) => !ids.has(it.id) && unmarked.get(it.id) !== noticeId(it))]
  }

  async function sendAll(): Promise<void> {
    for (;;) {
      const waiting = await untold()
      if (waiting.length === 0) return
      for (const alarm of waiting) {
        if (isStopped) return
        const failure = await post(alarm)
        if (failure !== null) return fail(failure)
        if (fresh.get(alarm.id) === alarm) fresh.delete(alarm.id)
        succeed()
        await store.markTold(alarm).then(
          () => unmarked.delete(alarm.id),
          () => unmarked.set(alarm.id, noticeId(alarm)),
        )
      }
    }
  }

  function succeed(): void {
    if (failures >= FAILURES_TO_RAISE) void alarms.clear(FAILING)
    failures = 0
  }

  function fail(reason: string): void {
    failures += 1
    const wait = RETRY_MS[Math.min(failures, RETRY_MS.length) - 1] ?? 0
    log.warn({ failures, retryInMs: wait }, `An alarm did not reach ALARM_URL: ${reason}`)
    if (failures >= FAILURES_TO_RAISE) {
      const message = `${failures} tries in a row failed; the last: ${reason}.`
      void alarms.raise({ ...FAILING, message })
    }
    stopWaiting()
    stopWaiting = after(wait, run)
  }

  function run(): void {
    if (isStopped) return
    running ??= sendAll().finally(() => {
      running = null
      // One that came after the last look.
      if (fresh.size > 0 && failures === 0) run()
    })
  }

  return {
    start() {
      stopHearing = alarms.onChange((_change, alarm) => {
        fresh.set(alarm.id, alarm)
        // While it fails, the timer decides.
        if (failures === 0) run()
      })
      run()
    },
    async stop() {
      isStopped = true
      stopHearing()
      stopWaiting()
      await running
    },
  }
}

/** The same for each try, so that a receiver knows one that it has taken already. */
function noticeId({ id, firstSeen, clearedAt }: Alarm): string {
  return clearedAt === null ? `${id}_raised_${firstSeen}` : `${id}_cleared_${clearedAt}`
}
