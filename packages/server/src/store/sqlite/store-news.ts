/** What is to be told of the store: trouble with its files, commits that were refused, and those that were made. */
import type { StoreNews as News, StoreCommit, StoreHealth, StoreTrouble } from '../store-health.ts'

export interface StoreNews extends Pick<StoreHealth, 'trouble' | 'onNews' | 'onCommit'> {
  tell(news: News): void
  noteRefused(error: unknown): void
  noteCommit(commit: StoreCommit): void
}

export function createStoreNews(): StoreNews {
  const listeners = new Set<(news: News) => void>()
  const commitListeners = new Set<(commit: StoreCommit) => void>()
  /** With its files, and with its commits. */
  let ofFiles: StoreTrouble | null = null
  let ofCommits: StoreTrouble | null = null

  function tell(news: News): void {
    if (news.kind === 'trouble') ofFiles = news.trouble
    if (news.kind === 'over') ofFiles = null
    for (const listener of listeners) listener(news)
  }

  return {
    tell,
    noteRefused(error) {
      if (ofFiles !== null || ofCommits !== null) return
      const why = error instanceof Error ? error.message : String(error)
      ofCommits = { kind: 'failing', message: `The last commit was refused. ${why}` }
      for (const listener of listeners) listener({ kind: 'trouble', trouble: ofCommits })
    },
    noteCommit(commit) {
      if (ofCommits !== null) {
        ofCommits = null
        if (ofFiles === null) tell({ kind: 'over' })
      }
      for (const listener of commitListeners) listener(commit)
    },
    trouble: () => ofFiles ?? ofCommits,
    onNews(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    onCommit(listener) {
      commitListeners.add(listener)
      return () => void commitListeners.delete(listener)
    },
  }
}
