import { expect, test } from 'vitest'
import { judgeFile, judgeFolder, type PathFacts } from './judge-data-folder.ts'

const US = 1000
const folder: PathFacts = { path: '/data', kind: 'folder', mode: 0o700, owner: US, names: 2 }
const file: PathFacts = { path: '/data/tollbridge.db', kind: 'file', mode: 0o600, owner: US, names: 1 }

test.each([
  ['of the owner alone', {}, null],
  ['that others may enter and read', { mode: 0o755 }, null],
  ['of root, for a server of another user', { owner: 0, mode: 0o755 }, null],
  ['that its group may write', { mode: 0o770 }, 'chmod go-w /data'],
  ['that everybody may write, with the sticky bit too', { mode: 0o1777 }, 'chmod go-w /data'],
  ['of another user', { owner: 1001 }, 'chown -R 1000 /data'],
  ['that is none', { kind: 'file' }, 'is no folder'],
] as const)('a folder %s', (_what, facts, sentence) => {
  const said = judgeFolder({ ...folder, ...facts }, US)
  if (sentence === null) expect(said).toBeNull()
  else expect(said).toContain(sentence)
})

test('root serves no folder of another user, who could write into it', () => {
  expect(judgeFolder(folder, 0)).toContain('Run the server as its owner')
})

test.each([
  ['of the owner alone', {}, null],
  ['that others may read', { mode: 0o644 }, null],
  ['that others may write', { mode: 0o666 }, 'chmod go-w'],
  ['that is a link', { kind: 'link' }, 'is a link'],
  ['with a second name', { names: 2 }, 'hard link'],
  ['of another user', { owner: 1001 }, 'chown 1000'],
  ['that is a folder', { kind: 'folder' }, 'is no file'],
] as const)('a file %s', (_what, facts, sentence) => {
  const said = judgeFile({ ...file, ...facts }, US)
  if (sentence === null) expect(said).toBeNull()
  else expect(said).toContain(sentence)
})
