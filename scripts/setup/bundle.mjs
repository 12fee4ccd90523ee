/** Joins the browser SDK into the two files that the server gives to pages, when a source is newer than they are. */
import { existsSync, mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { newestIn } from './newest-in.mjs'
import { runWithProgress } from './progress.mjs'

const OUTPUTS = [
  { entry: 'script-tag', file: 'tollbridge.js', format: 'iife' },
  { entry: 'index', file: 'tollbridge.mjs', format: 'esm' },
]

export async function bundle(root, node) {
  const folder = join(root, 'packages', 'browser', 'dist', 'bundle')
  const newest = Math.max(
    statSync(join(root, 'package-lock.json')).mtimeMs,
    newestIn(join(root, 'packages', 'browser', 'src')),
    newestIn(join(root, 'packages', 'protocol', 'src')),
  )
  mkdirSync(folder, { recursive: true })
  for (const { entry, file, format } of OUTPUTS) {
    const output = join(folder, file)
    if (existsSync(output) && statSync(output).mtimeMs >= newest) continue
    await runWithProgress(
      `Joining ${file}`,
      node,
      [
        join(root, 'node_modules', 'rolldown', 'bin', 'cli.mjs'),
        join(root, 'packages', 'browser', 'dist', `${entry}.js`),
        '--file',
        output,
        '--format',
        format,
        '--platform',
        'browser',
        '--minify',
        '--sourcemap',
      ],
      { cwd: root },
      { quietUnderMs: 2_000 },
    )
  }
}
