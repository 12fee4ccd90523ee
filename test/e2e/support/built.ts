/** Builds what pages load, if a source is newer: the browser SDK and the example shops. */
import { execFile } from 'node:child_process'
import { mkdirSync, rmdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { eventually } from '../../support/eventually.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const LOCK = join(root, 'node_modules', '.tollbridge-e2e-build')
/** Longer than a build takes: whoever made it is gone. */
const STALE_MS = 120_000

/** Test files run at the same time, and one build is enough. */
export async function ensureBuilt(): Promise<void> {
  await eventually(() => takeLock(), { timeoutMs: 2 * STALE_MS, what: 'another build to end' })
  try {
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
    await promisify(execFile)(process.execPath, [tsc, '-b', 'examples'], { cwd: root }).catch(
      ({ stdout }: { readonly stdout: string }) => {
        throw new Error(`The pages cannot be built:\n${stdout}`)
      },
    )
    for (const join of await joiners()) await join(root, process.execPath)
  } finally {
    rmdirSync(LOCK)
  }
}

type Join = (root: string, node: string) => Promise<void>

/** The build's own scripts: plain JavaScript, of which the compiler knows no types. */
async function joiners(): Promise<Join[]> {
  const sdk = (await import('../../../scripts/setup/bundle.mjs' as string)) as { bundle: Join }
  const examples = (await import('../../../scripts/setup/bundle-examples.mjs' as string)) as {
    bundleExamples: Join
  }
  return [sdk.bundle, examples.bundleExamples]
}

function takeLock(): boolean {
  try {
    mkdirSync(LOCK)
    return true
  } catch {
    if (isStale()) rmdirSync(LOCK)
    return false
  }
}

function isStale(): boolean {
  try {
    return Date.now() - statSync(LOCK).mtimeMs > STALE_MS
  } catch {
    return false
  }
}
