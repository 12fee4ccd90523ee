/** `.env` beside the package file: what `npm start` reads its settings from. */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
// @ts-expect-error: plain JavaScript, which runs before anything is installed
import { envFileArguments } from '../../../scripts/setup/env-file.mjs'
import { temporaryFolder } from '../../support/product-process.ts'

const folder = temporaryFolder()
afterAll(() => folder.remove())

function settingsSeen(env: Record<string, string>): unknown {
  const program = 'console.log(JSON.stringify([process.env.CURRENCY, process.env.PORT]))'
  const args: string[] = [...envFileArguments(folder.path), '-e', program]
  return JSON.parse(execFileSync(process.execPath, args, { env, encoding: 'utf8' }))
}

test('its settings reach the server, and the environment wins over them', () => {
  expect(settingsSeen({ PORT: '1' })).toEqual([null, '1'])
  writeFileSync(join(folder.path, '.env'), '# CURRENCY=\nCURRENCY=eur\nPORT=4300\n')
  expect(settingsSeen({ PORT: '1' })).toEqual(['eur', '1'])
})
