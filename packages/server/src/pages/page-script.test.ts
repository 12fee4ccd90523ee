import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { createPageScripts } from './page-script.ts'
import { describeScriptTag } from './script-tag.ts'

function folder() {
  const path = mkdtempSync(join(tmpdir(), 'page-script-'))
  onTestFinished(() => rmSync(path, { recursive: true }))
  return { file: join(path, 'tollbridge.js'), scripts: createPageScripts({ locate: (it) => join(path, it) }) }
}

test('a build that is missing is told from one that is there, and a new build is noticed', () => {
  const { file, scripts } = folder()
  expect(scripts('tollbridge.js')).toBeNull()
  writeFileSync(file, 'first()')
  const first = scripts('tollbridge.js')
  expect(gunzipSync(first?.gzip ?? '').toString()).toBe('first()')
  expect(scripts('tollbridge.js')).toBe(first)
  writeFileSync(file, 'second()')
  utimesSync(file, 1, 1)
  expect(scripts('tollbridge.js')?.version).not.toBe(first?.version)
})

test('the tag pins the very bytes, and no key breaks out of it', () => {
  const { file, scripts } = folder()
  writeFileSync(file, 'run()')
  const script = scripts('tollbridge.js')
  if (script === null) throw new Error('The script is there')
  const tag = describeScriptTag({ url: 'http://localhost:4242', appId: 'app_1', clientKey: '"><b>', script })
  const hash = createHash('sha384').update('run()').digest('base64')
  expect(tag).toContain(`integrity="sha384-${hash}"`)
  expect(tag).toContain(`src="http://localhost:4242/tollbridge.js?v=${script.version}"`)
  expect(tag).toContain('data-client-key="&quot;&gt;&lt;b&gt;"')
})
