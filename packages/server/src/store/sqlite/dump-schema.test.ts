/** The dump that people read is what the migrations make. */
import { expect, test } from 'vitest'
import { dumpSchema } from './dump-schema.ts'

test('schema.sql is what the migrations make (after a change, run this test with -u)', async () => {
  await expect(dumpSchema()).toMatchFileSnapshot('./schema.sql')
})
