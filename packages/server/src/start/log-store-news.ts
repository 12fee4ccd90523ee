/** Says in the log what becomes of the store: nothing that happens to it is silent. */
import type { Log } from '../log.ts'
import type { StoreHealth } from '../store/store-health.ts'

/** @returns how to stop */
export function logStoreNews(
  health: Pick<StoreHealth, 'onNews'>,
  log: Pick<Log, 'error' | 'warn'>,
): () => void {
  return health.onNews((news) => {
    switch (news.kind) {
      case 'trouble':
        log.error({ trouble: news.trouble.kind }, news.trouble.message)
        return
      case 'over':
        log.warn('The database can be used again')
        return
      case 'rescued':
        log.error(
          { file: news.file },
          `What the lost database held was saved in ${news.file}. To go on with it, stop the server and run: tollbridge restore ${news.file}`,
        )
        return
      case 'not_rescued':
        log.error({ err: news.error }, 'What the lost database held could not be saved beside its place')
    }
  })
}
