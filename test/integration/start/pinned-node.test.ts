/** The build of Node that the set-up fetches runs only if it is the one that was pinned. */
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { temporaryFolder } from '../../support/product-process.ts'

interface Build {
  readonly package: string
  readonly version: string
  readonly integrity: string
  readonly program: string
  readonly sha256: string
}

// Plain JavaScript without types: it runs before anything is installed.
const setup = (name: string): Promise<unknown> => import(`../../../scripts/setup/${name}.mjs`)
const { isPinnedProgram } = (await setup('checked-program')) as {
  isPinnedProgram(file: string, sha256: string, noteFile: string): Promise<boolean>
}
const { pinnedNode } = (await setup('node-24')) as {
  pinnedNode(folder: string, build: Build, fetch: (into: string) => Promise<void>): Promise<string>
}
const { nodeBuilds } = (await setup('node-builds')) as { nodeBuilds: Readonly<Record<string, Build>> }

const folder = temporaryFolder()
afterAll(() => folder.remove())

const program = '#!/bin/sh\necho v24.0.0\n'
const build = {
  package: 'node-somewhere',
  version: '24.0.0',
  integrity: 'sha512-',
  program: 'bin/node',
  sha256: createHash('sha256').update(program).digest('hex'),
}
let fetches = 0
const giving = (text: string) => async (into: string) => {
  fetches += 1
  const file = join(into, 'node_modules', build.package, build.program)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
  chmodSync(file, 0o755)
}

test('what is pinned is fetched once, and one that was changed since is fetched anew', async () => {
  const into = join(folder.path, 'once')
  mkdirSync(into)
  const node = await pinnedNode(into, build, giving(program))
  expect(await pinnedNode(into, build, giving('never'))).toBe(node)
  expect(fetches).toBe(1)
  writeFileSync(node, `${program}curl evil\n`)
  await pinnedNode(into, build, giving(program))
  expect(readFileSync(node, 'utf8')).toBe(program)
  expect(fetches).toBe(2)
})

test('another program is removed and never run', async () => {
  const into = join(folder.path, 'evil')
  mkdirSync(into)
  const trace = join(folder.path, 'ran')
  await expect(pinnedNode(into, build, giving(`#!/bin/sh\ntouch ${trace}\necho v24.0.0\n`))).rejects.toThrow(
    /is not the program that Tollbridge was released with/,
  )
  expect(existsSync(trace)).toBe(false)
  expect(existsSync(join(into, 'node_modules'))).toBe(false)
})

test('every build that is pinned is pinned twice, and this machine’s is the one that is pinned', async () => {
  for (const { integrity, sha256 } of Object.values(nodeBuilds)) {
    expect(Buffer.from(integrity.replace('sha512-', ''), 'base64')).toHaveLength(64)
    expect(sha256).toMatch(/^[0-9a-f]{64}$/)
  }
  const here = nodeBuilds[`${process.platform}-${process.arch}`]
  if (here === undefined || process.versions.node !== here.version) return
  expect(await isPinnedProgram(process.execPath, here.sha256, join(folder.path, 'note.json'))).toBe(true)
})
