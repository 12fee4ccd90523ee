/** Joins the pages of the example shops that are made of modules, when a source is newer than they are. */
import { existsSync, mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { newestIn } from './newest-in.mjs'
import { runWithProgress } from './progress.mjs'

const SHOPS = ['backendless-shop', 'pay-button']

export async function bundleExamples(root, node) {
  const folder = join(root, 'examples', 'dist', 'pages')
  const newest = Math.max(
    statSync(join(root, 'package-lock.json')).mtimeMs,
    ...['examples', 'packages/browser', 'packages/protocol'].map((it) => newestIn(join(root, it, 'src'))),
  )
  mkdirSync(folder, { recursive: true })
  for (const shop of SHOPS) {
    const output = join(folder, `${shop}.js`)
    if (existsSync(output) && statSync(output).mtimeMs >= newest) continue
    await runWithProgress(
      `Joining the example ${shop}`,
      node,
      [
        join(root, 'node_modules', 'rolldown', 'bin', 'cli.mjs'),
        join(root, 'examples', 'dist', shop, 'page.js'),
        '--file',
        output,
        '--format',
        'esm',
        '--platform',
        'browser',
        '--transform.define',
        'process.env.NODE_ENV:"production"',
        '--minify',
      ],
      { cwd: root },
      { quietUnderMs: 2_000 },
    )
  }
}
