/** Installs what the lock file says, when that has changed since the last time. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { npmCommand, npmEnvironment } from './npm.mjs'
import { runWithProgress } from './progress.mjs'

/** @param {'run' | 'all'} scope `run`: to build and run; `all`: tests and checks as well */
export async function installPackages(root, node, scope) {
  const stampFile = join(root, 'node_modules', '.tollbridge-packages.json')
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
  const stamp = readStamp(stampFile)
  const isCurrent = stamp?.lock === lock
  if (isCurrent && (stamp.scope === 'all' || stamp.scope === scope)) return
  // `npm ci` empties node_modules first, which would pull the packages from under a server that runs.
  const command = existsSync(stampFile) ? ['install', '--no-save'] : ['ci']
  // Once the packages for tests are here, an update keeps them.
  const kept = stamp?.scope === 'all' ? 'all' : scope
  const npm = npmCommand(node)
  await runWithProgress(
    kept === 'all' ? 'Installing packages (with those for tests)' : 'Installing packages',
    npm.program,
    [
      ...npm.args,
      ...command,
      ...(kept === 'all' ? ['--include=dev'] : ['--omit=dev']),
      '--no-audit',
      '--no-fund',
    ],
    { cwd: root, env: npmEnvironment(node), shell: npm.shell },
  )
  writeFileSync(stampFile, `${JSON.stringify({ lock, scope: kept })}\n`)
}

function readStamp(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return null
  }
}
