/** The messages for pages in memory. */
import {
  instanceOf,
  isEnding,
  isOpen,
  isSameTab,
  judgeSettling,
  judgeTaking,
  MOST_DELIVERIES,
  reaches,
  stateAtExpiry,
  UNANSWERED_JOB,
} from '../ui-message-state.ts'
import type { UiJob, UiMessage, UiMessageStore, UiPresence } from '../ui-message-store.ts'

interface HeldJob {
  readonly appId: string
  readonly job: UiJob
  readonly lease: string | null
  /** When it may be handed out; null: it is over. */
  readonly dueAt: number | null
}

export function createMemoryUiMessageStore(): UiMessageStore {
  /** In the order of their insertion. */
  const messages = new Map<string, UiMessage>()
  const jobs = new Map<string, HeldJob>()
  const presences = new Map<string, UiPresence>()
  let change = 0

  const put = (message: Omit<UiMessage, 'change'>): UiMessage => {
    change += 1
    const changed = { ...message, change }
    messages.set(message.id, changed)
    return changed
  }
  const read = (appId: string, id: string): UiMessage | null => {
    const message = messages.get(id)
    return message?.appId === appId ? message : null
  }
  const jobOf = (messageId: string): UiJob | null =>
    [...jobs.values()].find(({ job }) => job.messageId === messageId)?.job ?? null

  return {
    async insert(message) {
      const before =
        message.requestKey === null
          ? undefined
          : [...messages.values()].find(
              ({ appId, requestKey }) => appId === message.appId && requestKey === message.requestKey,
            )
      if (before !== undefined) return { outcome: 'exists', message: before }
      const endedAt = message.state === 'undeliverable' ? message.createdAt : null
      return {
        outcome: 'inserted',
        message: put({ ...message, endsAs: null, claimedBy: null, claims: 0, endedAt }),
      }
    },
    find: async (appId, id) => read(appId, id),
    openFor: async (appId, page, now) =>
      [...messages.values()].filter(
        (message) =>
          message.appId === appId &&
          isOpen(message) &&
          message.expiresAt > now &&
          reaches(message, page) &&
          (message.claimedBy === null || isSameTab(message.claimedBy, page)),
      ),
    async markDelivered(ids) {
      for (const id of ids) {
        const message = messages.get(id)
        if (message?.state === 'queued') put({ ...message, state: 'delivered' })
      }
    },
    async claim(appId, id, page, now) {
      const message = read(appId, id)
      const outcome = judgeTaking(message, page, now)
      if (message === null || outcome !== 'taken') return { outcome, message }
      const claims = message.claims + 1
      return { outcome, message: put({ ...message, state: 'claimed', claimedBy: page, claims }) }
    },
    async settle(appId, id, settlement, now) {
      const message = read(appId, id)
      const outcome = judgeSettling(message, settlement, now)
      if (message === null || outcome !== 'taken') return { outcome, message }
      const handler = message.callbacks[settlement.callback] ?? { name: null, data: null }
      const job: UiJob = {
        ...settlement,
        messageId: message.id,
        handler,
        state: 'pending',
        error: null,
        deliveries: 0,
      }
      jobs.set(job.id, { appId, job, lease: null, dueAt: now })
      const claimedBy = settlement.page ?? message.claimedBy
      return {
        outcome,
        message: put({ ...message, state: 'settled', endsAs: null, claimedBy, endedAt: now }),
      }
    },
    async cancel(appId, id, now) {
      const message = read(appId, id)
      if (message === null || !isOpen(message)) return message
      return put({ ...message, endsAs: message.expiresAt <= now ? stateAtExpiry(message) : 'canceled' })
    },
    async endOverdue(now, most) {
      const overdue = [...messages.values()]
        .filter((message) => isOpen(message) && message.expiresAt <= now)
        .slice(0, most)
      for (const message of overdue) put({ ...message, endsAs: stateAtExpiry(message) })
      const wornOut = [...jobs.values()]
        .filter(({ job, dueAt }) => job.deliveries >= MOST_DELIVERIES && dueAt !== null && dueAt <= now)
        .slice(0, most)
      for (const held of wornOut) {
        const job: UiJob = { ...held.job, state: 'failed', error: UNANSWERED_JOB }
        jobs.set(job.id, { ...held, job, lease: null, dueAt: null })
      }
      return overdue.length + wornOut.length
    },
    ending: async (most) => [...messages.values()].filter(isEnding).slice(0, most),
    async finishEnding(appId, id, now) {
      const message = read(appId, id)
      if (message === null || message.endsAs === null) return message
      return put({ ...message, state: message.endsAs, endsAs: null, endedAt: now })
    },
    unendedOf: async (appId, intent) =>
      [...messages.values()].filter(
        (message) =>
          message.appId === appId && message.intent === intent && (isOpen(message) || isEnding(message)),
      ),
    abandoned: async (now, most) =>
      [...messages.values()]
        .filter((message) => message.state === 'claimed' && message.endsAs === null)
        .filter(
          ({ appId, claimedBy }) =>
            ![...presences.values()].some(
              (it) =>
                it.appId === appId &&
                it.until > now &&
                it.page !== null &&
                claimedBy !== null &&
                isSameTab(it.page, claimedBy),
            ),
        )
        .slice(0, most),
    async release(appId, id, from) {
      const message = read(appId, id)
      if (message?.state !== 'claimed' || message.endsAs !== null || message.claimedBy === null) return
      if (isSameTab(message.claimedBy, from)) put({ ...message, state: 'delivered', claimedBy: null })
    },

    latestChange: async () => change,
    changesAfter: async (after, most) =>
      [...messages.values()]
        .filter((message) => message.change > after)
        .sort((a, b) => a.change - b.change)
        .slice(0, most),
    endedOf: async (appId, instance, after, most) =>
      [...messages.values()]
        .filter(
          (message) =>
            message.appId === appId &&
            message.instance === instance &&
            message.endedAt !== null &&
            message.change > after,
        )
        .sort((a, b) => a.change - b.change)
        .slice(0, most),

    async job(appId, id) {
      const held = jobs.get(id)
      return held?.appId === appId ? held.job : null
    },
    jobOf: async (messageId) => jobOf(messageId),
    async leaseJobs(appId, { handlers, instance, listens }, lease, now, most) {
      const fits = ({ handler: { name } }: UiJob) => {
        if (name === null) return listens
        const only = instanceOf(name)
        return only === null ? handlers.includes(name) : only === instance
      }
      const due = [...jobs.values()]
        .filter((held) => held.appId === appId && held.dueAt !== null && held.dueAt <= now && fits(held.job))
        .filter(({ job }) => job.deliveries < MOST_DELIVERIES)
        .slice(0, most)
      return due.map((held) => {
        const job = { ...held.job, deliveries: held.job.deliveries + 1 }
        jobs.set(job.id, { ...held, job, lease: lease.token, dueAt: lease.until })
        return job
      })
    },
    async renewLease(appId, id, lease) {
      const held = jobs.get(id)
      if (held?.appId !== appId || held.lease !== lease.token || held.dueAt === null) return 'lost'
      jobs.set(id, { ...held, dueAt: lease.until })
      return 'renewed'
    },
    async cutLeases(token, until) {
      for (const [id, held] of jobs) {
        if (held.lease === token && held.dueAt !== null && held.dueAt > until)
          jobs.set(id, { ...held, dueAt: until })
      }
    },
    async finishJob(appId, id, { state, error }) {
      const held = jobs.get(id)
      if (held?.appId !== appId) return null
      if (held.job.state !== 'pending') return held.job
      const job = { ...held.job, state, error }
      jobs.set(id, { ...held, job, lease: null, dueAt: null })
      return job
    },

    async putPresence(presence) {
      presences.set(presence.holder, presence)
    },
    async renewPresences(renewed) {
      for (const presence of renewed) presences.set(presence.holder, presence)
    },
    async dropPresence(holder) {
      presences.delete(holder)
    },
    async countPages(appId, to, now) {
      const tabs = [...presences.values()].flatMap(({ appId: of, page, until }) =>
        of === appId && until > now && page !== null && reaches(to, page)
          ? [JSON.stringify([page.user, page.tab])]
          : [],
      )
      return new Set(tabs).size
    },
    hasInstance: async (appId, instance, now) =>
      [...presences.values()].some(
        (presence) => presence.appId === appId && presence.instance === instance && presence.until > now,
      ),

    async sweep({ endedBy, unheardBy, now }, most) {
      let left = most
      for (const { id, endedAt } of [...messages.values()]) {
        const job = jobOf(id)
        const by = job?.state === 'pending' ? unheardBy : endedBy
        if (left === 0 || endedAt === null || endedAt > by) continue
        messages.delete(id)
        if (job !== null) jobs.delete(job.id)
        left -= 1
      }
      for (const { holder, until } of [...presences.values()]) {
        if (left > 0 && until <= now && presences.delete(holder)) left -= 1
      }
      return most - left
    },
  }
}
