/** The SQL conformance suite on the SQLite that Node brings. */

import { DatabaseSync } from 'node:sqlite'
import { selectorSqlConformance } from './selector-sql.conformance.ts'

const createTable = `create table samples (
  n integer primary key, id text, status text, amount integer, ratio real, livemode integer, created integer
)`

selectorSqlConformance(
  'sqlite',
  async () => {
    const database = new DatabaseSync(':memory:')
    database.exec(createTable)
    const clear = database.prepare('delete from samples')
    const insert = database.prepare('insert into samples values (?, ?, ?, ?, ?, ?, ?)')
    return {
      fill: async (rows) => {
        clear.run()
        for (const [n, { id, status, amount, ratio, livemode, created }] of rows.entries()) {
          insert.run(n, id, status, amount, ratio, livemode === null ? null : Number(livemode), created)
        }
      },
      select: async ({ sql, parameters }) =>
        database
          .prepare(`select n from samples where ${sql} order by n`)
          .all(...parameters)
          .map(({ n }) => Number(n)),
      close: async () => database.close(),
    }
  },
  500,
)
