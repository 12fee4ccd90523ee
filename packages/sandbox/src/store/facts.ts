/** Single values that belong to the whole sandbox. */
import type { Ids } from '../ids.ts'
import type { Database } from './database.ts'

export interface Facts {
  /** How often the database was opened, this time included. */
  countStart(): number
  /** The account that every key belongs to; made at first use. */
  accountId(ids: Ids): string
}

export function createFacts({ sql }: Database): Facts {
  const select = sql.prepare('select value from facts where name = ?')
  const save = sql.prepare('insert or replace into facts (name, value) values (?, ?)')
  const read = (name: string): string | undefined => {
    const value = select.get(name)?.['value']
    return value === undefined ? undefined : String(value)
  }
  return {
    countStart() {
      const count = Number(read('starts') ?? 0) + 1
      save.run('starts', String(count))
      return count
    },
    accountId(ids) {
      const known = read('account')
      if (known !== undefined) return known
      const made = ids.next('acct_1', 16)
      save.run('account', made)
      return made
    },
  }
}
