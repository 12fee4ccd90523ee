/** Ends messages that no page answers any more: with what Stripe says of their intent, and only then with what they end as. */
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import { isEnding } from '../store/ui-message-state.ts'
import type { UiMessage, UiMessageStore } from '../store/ui-message-store.ts'
import { judgeWord } from './judge-callback.ts'
import { intentOf } from './message-intent.ts'
import type { ReadIntent } from './read-intent.ts'

export interface EndMessages {
  /**
   * Ends the message where Stripe says that it went well; whoever has it open need not answer then.
   * @returns whether it did. Throws ServiceError while Stripe cannot be asked.
   */
  byStripesWord(message: UiMessage): Promise<boolean>
  /** Ends one that is about to, where Stripe can be asked at once and nothing can be under way. Never rejects. */
  endNow(message: UiMessage | null): Promise<void>
  /** One round over those whose end waits for Stripe. Never rejects because of one of them. */
  round(): Promise<void>
  /** Stripe has told something about an intent. Never rejects. */
  noteIntent(appId: string, intent: string): Promise<void>
}

export interface EndMessagesDeps {
  readonly store: Pick<UiMessageStore, 'settle' | 'ending' | 'finishEnding' | 'unendedOf'>
  readonly readIntent: ReadIntent
  readonly clock: Clock
  newId(): string
  readonly log: Log
  onChanged(): void
}

/** A confirmation that a page began just before it went may still be under way: it is looked for over so many rounds. */
const QUIET_ROUNDS = 4
const READ_AT_ONCE = 8
const LISTED_AT_ONCE = 500
const LONGEST_BACKOFF_ROUNDS = 60

/** What is remembered of one that waits, counted in rounds: a second each, whatever a clock says. */
interface Waiting {
  readonly looks: number
  readonly failures: number
  readonly nextRound: number
}

const FRESH: Waiting = { looks: 0, failures: 0, nextRound: 0 }

export function createEndMessages(deps: EndMessagesDeps): EndMessages {
  const { store, readIntent, clock, log } = deps
  let rounds = 0
  let waiting = new Map<string, Waiting>()

  async function byStripesWord(message: UiMessage): Promise<boolean> {
    const { appId, id, original, callbacks, intentBefore } = message
    const { name } = original
    const intent = intentOf(name, original['data'])
    const asked = { name, declared: Object.keys(callbacks), before: intentBefore }
    const verdict = judgeWord(asked, intent, await readIntent(appId, intent))
    if (verdict === null) return false
    const settlement = { id: `uic_${deps.newId().replaceAll('-', '')}`, ...verdict, page: null } as const
    const { outcome } = await store.settle(appId, id, settlement, clock.now())
    if (outcome === 'taken') deps.onChanged()
    return outcome === 'taken' || outcome === 'settled'
  }

  /** @returns what to remember; null: it has its end. */
  async function look(message: UiMessage, before: Waiting): Promise<Waiting | null> {
    const { appId, id } = message
    try {
      if (await byStripesWord(message)) return null
      const looks = before.looks + 1
      if (message.claims > 0 && looks < QUIET_ROUNDS) return { looks, failures: 0, nextRound: rounds + 1 }
      await store.finishEnding(appId, id, clock.now())
      deps.onChanged()
      return null
    } catch (error) {
      const failures = before.failures + 1
      const pause = Math.min(LONGEST_BACKOFF_ROUNDS, 2 ** failures)
      if (failures === 1) {
        log.warn(
          { err: error, appId, messageId: id },
          'How a page message ended cannot be asked of Stripe yet',
        )
      }
      return { ...before, failures, nextRound: rounds + pause }
    }
  }

  return {
    byStripesWord,
    async endNow(message) {
      if (message !== null && isEnding(message)) await look(message, FRESH)
    },
    async round() {
      rounds += 1
      const ending = await store.ending(LISTED_AT_ONCE)
      const known = waiting
      waiting = new Map()
      const due: UiMessage[] = []
      for (const message of ending) {
        const it = known.get(message.id) ?? FRESH
        waiting.set(message.id, it)
        if (it.nextRound <= rounds) due.push(message)
      }
      for (let from = 0; from < due.length; from += READ_AT_ONCE) {
        await Promise.all(
          due.slice(from, from + READ_AT_ONCE).map(async (message) => {
            const before = waiting.get(message.id) ?? FRESH
            const next = await look(message, before)
            if (next === null) waiting.delete(message.id)
            else waiting.set(message.id, next)
          }),
        )
      }
    },
    async noteIntent(appId, intent) {
      try {
        for (const message of await store.unendedOf(appId, intent)) await byStripesWord(message)
      } catch (error) {
        log.warn(
          { err: error, appId, intent },
          'Page messages about an intent are looked at again when they end',
        )
      }
    },
  }
}
