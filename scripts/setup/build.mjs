/** Compiles the packages whose sources are newer than their build; a fresh build costs a blink. */
import { join } from 'node:path'
import { bundle } from './bundle.mjs'
import { bundleExamples } from './bundle-examples.mjs'
import { runWithProgress } from './progress.mjs'

export async function build(root, node) {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  await runWithProgress('Building', node, [tsc, '-b'], { cwd: root }, { quietUnderMs: 800 })
  await bundle(root, node)
  await bundleExamples(root, node)
}
