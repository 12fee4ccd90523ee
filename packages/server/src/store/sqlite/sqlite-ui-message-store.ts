/** The messages for pages on SQLite. Each step is read, judged and written in one transaction. */
import type { DatabaseSync } from 'node:sqlite'
import type { SealedTexts } from '../../secrets/client-secrets.ts'
import { isEnding, isOpen, judgeSettling, judgeTaking, stateAtExpiry } from '../ui-message-state.ts'
import type { NewUiMessage, UiMessage, UiMessageStore, UiTaking } from '../ui-message-store.ts'
import type { GroupCommit } from './group-commit.ts'
import { createSqliteUiJobs } from './sqlite-ui-jobs.ts'
import { createSqliteUiPresences } from './sqlite-ui-presences.ts'
import { translateSqliteError } from './translate-sqlite-error.ts'
import { toUiMessage, type UiMessageRow } from './ui-message-row.ts'

export function createSqliteUiMessageStore(
  database: DatabaseSync,
  commits: GroupCommit,
  texts: SealedTexts,
): UiMessageStore {
  const nextChange = database.prepare('UPDATE ui_changes SET change = change + 1 RETURNING change')
  const selectChange = database.prepare('SELECT change FROM ui_changes')
  const insert = database.prepare(
    `INSERT INTO ui_messages (id, app_id, original, callbacks, users, tab, instance, request_key, fingerprint,
       created_at, expires_at, intent, intent_before, state, ended_at, change)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const insertRecipient = database.prepare(
    'INSERT INTO ui_recipients (app_id, user_id, message_sequence) VALUES (?, ?, ?)',
  )
  const dropRecipients = database.prepare('DELETE FROM ui_recipients WHERE message_sequence = ?')
  const select = database.prepare('SELECT * FROM ui_messages WHERE app_id = ? AND id = ?')
  const selectByKey = database.prepare('SELECT * FROM ui_messages WHERE app_id = ? AND request_key = ?')
  const selectOpen = database.prepare(
    `SELECT m.* FROM ui_recipients r JOIN ui_messages m ON m.sequence = r.message_sequence
     WHERE r.app_id = ?1 AND r.user_id = ?2 AND (m.tab IS NULL OR m.tab = ?3) AND m.expires_at > ?4
       AND (m.claimed_by IS NULL
         OR (m.claimed_by ->> '$.user' = ?2 AND m.claimed_by ->> '$.tab' = ?3))
     ORDER BY m.sequence`,
  )
  const selectById = database.prepare('SELECT * FROM ui_messages WHERE id = ?')
  const update = database.prepare(
    `UPDATE ui_messages SET state = ?, ends_as = ?, claimed_by = ?, claims = ?, ended_at = ?, change = ?
     WHERE sequence = ?`,
  )
  const overdue = 'ended_at IS NULL AND ends_as IS NULL AND expires_at <= ?'
  const anyOverdue = database.prepare(`SELECT 1 FROM ui_messages WHERE ${overdue} LIMIT 1`)
  const selectOverdue = database.prepare(
    `SELECT * FROM ui_messages WHERE ${overdue} ORDER BY expires_at LIMIT ?`,
  )
  const selectEnding = database.prepare(
    'SELECT * FROM ui_messages WHERE ends_as IS NOT NULL ORDER BY sequence LIMIT ?',
  )
  const selectOfIntent = database.prepare(
    'SELECT * FROM ui_messages WHERE app_id = ? AND intent = ? AND ended_at IS NULL',
  )
  const selectAbandoned = database.prepare(
    `SELECT m.* FROM ui_messages m WHERE m.state = 'claimed' AND m.ended_at IS NULL AND m.ends_as IS NULL
       AND NOT EXISTS (SELECT 1 FROM ui_presences p WHERE p.app_id = m.app_id AND p.user_id = m.claimed_by ->> '$.user'
         AND p.tab = m.claimed_by ->> '$.tab' AND p.until > ?)
     ORDER BY m.sequence LIMIT ?`,
  )
  const selectChanged = database.prepare('SELECT * FROM ui_messages WHERE change > ? ORDER BY change LIMIT ?')
  const selectEnded = database.prepare(
    `SELECT * FROM ui_messages WHERE app_id = ? AND instance = ? AND ended_at IS NOT NULL AND change > ?
     ORDER BY change LIMIT ?`,
  )
  const dropEnded = database.prepare(
    `DELETE FROM ui_messages WHERE sequence IN (SELECT sequence FROM ui_messages m WHERE ended_at <= ?1
       AND (ended_at <= ?2 OR NOT EXISTS
         (SELECT 1 FROM ui_callbacks c WHERE c.message_id = m.id AND c.state = 'pending')) LIMIT ?3)`,
  )
  const dropPresences = database.prepare(
    `DELETE FROM ui_presences WHERE holder IN (SELECT holder FROM ui_presences WHERE until <= ? LIMIT ?)`,
  )
  const jobs = createSqliteUiJobs(database, commits, texts)

  const newChange = () => Number(nextChange.get()?.['change'])
  const one = (row: unknown): UiMessage | null =>
    row === undefined ? null : toUiMessage(row as UiMessageRow, texts)
  const many = (rows: readonly unknown[]) => rows.map((row) => toUiMessage(row as UiMessageRow, texts))

  function put(
    row: UiMessageRow,
    changes: Partial<Pick<UiMessage, 'state' | 'endsAs' | 'claimedBy' | 'claims' | 'endedAt'>>,
  ): UiMessage {
    const message: UiMessage = { ...toUiMessage(row, texts), ...changes, change: newChange() }
    const { state, endsAs, claimedBy, claims, endedAt, change } = message
    const claimed = claimedBy === null ? null : JSON.stringify(claimedBy)
    update.run(state, endsAs, claimed, claims, endedAt, change, row.sequence)
    if (!isOpen(message)) dropRecipients.run(row.sequence)
    return message
  }

  function add(message: NewUiMessage): UiMessage {
    const endedAt = message.state === 'undeliverable' ? message.createdAt : null
    const change = newChange()
    const { lastInsertRowid } = insert.run(
      message.id,
      message.appId,
      texts.seal(message.appId, JSON.stringify(message.original)),
      JSON.stringify(message.callbacks),
      JSON.stringify(message.users),
      message.tab,
      message.instance,
      message.requestKey,
      message.fingerprint,
      message.createdAt,
      message.expiresAt,
      message.intent,
      message.intentBefore,
      message.state,
      endedAt,
      change,
    )
    if (endedAt === null) {
      for (const user of new Set(message.users)) insertRecipient.run(message.appId, user, lastInsertRowid)
    }
    return { ...message, endsAs: null, claimedBy: null, claims: 0, endedAt, change }
  }

  /** Reads, judges, and lets `act` write where that is allowed. */
  const taking = (
    appId: string,
    id: string,
    judge: (message: UiMessage | null) => UiTaking['outcome'],
    act: (row: UiMessageRow, message: UiMessage) => UiMessage,
  ) =>
    commits.enqueue(() => {
      const row = select.get(appId, id) as UiMessageRow | undefined
      const message = one(row)
      const outcome = judge(message)
      if (row === undefined || message === null || outcome !== 'taken') return { outcome, message }
      return { outcome, message: act(row, message) }
    })

  return {
    ...jobs,
    ...createSqliteUiPresences(database, commits),

    insert: (message) =>
      commits.enqueue(() => {
        const before =
          message.requestKey === null ? null : one(selectByKey.get(message.appId, message.requestKey))
        return before === null
          ? ({ outcome: 'inserted', message: add(message) } as const)
          : ({ outcome: 'exists', message: before } as const)
      }),
    find: (appId, id) => reading(() => one(select.get(appId, id))),
    openFor: (appId, { user, tab }, now) => reading(() => many(selectOpen.all(appId, user, tab, now))),
    markDelivered: (ids) =>
      commits.enqueue(() => {
        for (const id of ids) {
          const row = selectById.get(id) as UiMessageRow | undefined
          if (row?.state === 'queued') put(row, { state: 'delivered' })
        }
      }),
    claim: (appId, id, page, now) =>
      taking(
        appId,
        id,
        (message) => judgeTaking(message, page, now),
        (row) => put(row, { state: 'claimed', claimedBy: page, claims: row.claims + 1 }),
      ),
    settle: (appId, id, settlement, now) =>
      taking(
        appId,
        id,
        (message) => judgeSettling(message, settlement, now),
        (row, message) => {
          jobs.insertIn(message, settlement, now)
          const claimedBy = settlement.page ?? message.claimedBy
          return put(row, { state: 'settled', endsAs: null, claimedBy, endedAt: now })
        },
      ),
    cancel: (appId, id, now) =>
      commits.enqueue(() => {
        const row = select.get(appId, id) as UiMessageRow | undefined
        const message = one(row)
        if (row === undefined || message === null || !isOpen(message)) return message
        return put(row, { endsAs: message.expiresAt <= now ? stateAtExpiry(message) : 'canceled' })
      }),
    async endOverdue(now, most) {
      // Asked every second; mostly there is nothing, and then nothing is written.
      if (await reading(() => anyOverdue.get(now) === undefined && !jobs.hasWornOut(now))) return 0
      return commits.enqueue(() => {
        const rows = selectOverdue.all(now, most) as unknown as UiMessageRow[]
        for (const row of rows) put(row, { endsAs: stateAtExpiry(row) })
        return rows.length + jobs.giveUpIn(now, most)
      })
    },
    ending: (most) => reading(() => many(selectEnding.all(most))),
    finishEnding: (appId, id, now) =>
      commits.enqueue(() => {
        const row = select.get(appId, id) as UiMessageRow | undefined
        const message = one(row)
        if (row === undefined || message === null || !isEnding(message) || row.ends_as === null)
          return message
        return put(row, { state: row.ends_as, endsAs: null, endedAt: now })
      }),
    unendedOf: (appId, intent) => reading(() => many(selectOfIntent.all(appId, intent))),
    abandoned: (now, most) => reading(() => many(selectAbandoned.all(now, most))),
    release: (appId, id, { user, tab }) =>
      commits.enqueue(() => {
        const row = select.get(appId, id) as UiMessageRow | undefined
        const message = one(row)
        if (row === undefined || message === null || message.state !== 'claimed' || !isOpen(message)) return
        if (message.claimedBy?.user === user && message.claimedBy.tab === tab)
          put(row, { state: 'delivered', claimedBy: null })
      }),

    latestChange: () => reading(() => Number(selectChange.get()?.['change'] ?? 0)),
    changesAfter: (change, most) => reading(() => many(selectChanged.all(change, most))),
    endedOf: (appId, instance, change, most) =>
      reading(() => many(selectEnded.all(appId, instance, change, most))),

    sweep: ({ endedBy, unheardBy, now }, most) =>
      commits.enqueue(
        () => {
          const dropped = Number(dropEnded.run(endedBy, unheardBy, most).changes)
          return dropped + Number(dropPresences.run(now, most - dropped).changes)
        },
        { canWait: true },
      ),
  }
}

async function reading<T>(read: () => T): Promise<T> {
  try {
    return read()
  } catch (error) {
    throw translateSqliteError(error)
  }
}
