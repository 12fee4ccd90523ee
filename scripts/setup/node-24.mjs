/** Finds Node 24 or later; a machine with an older one gets it from npm, into .tools/, once. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { npmCommand, npmEnvironment } from './npm.mjs'
import { runWithProgress } from './progress.mjs'
import { SetupError } from './setup-error.mjs'

/** Pinned, so that two clones run the same. The npm packages hold nothing but the official binary. */
const NODE_VERSION = '24.21.0'
const OLDEST_MAJOR = 24

export async function findNode24(root) {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major >= OLDEST_MAJOR) return process.execPath
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new SetupError(
      `This is Node ${process.versions.node}; the set-up itself needs Node 20.19 or later. Install a current Node and try again.`,
    )
  }
  const platform = process.platform === 'win32' ? 'win' : process.platform
  const name = `node-${platform}-${process.arch}`
  const folder = join(root, '.tools')
  const node = join(folder, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  if (!isNode24(node)) await fetchNode(name, folder, node)
  return node
}

async function fetchNode(name, folder, node) {
  mkdirSync(folder, { recursive: true })
  // A package file of its own keeps npm from taking the workspace around it for the project.
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
  const npm = npmCommand(process.execPath)
  await runWithProgress(
    `Node ${process.versions.node} is here, Tollbridge needs ${OLDEST_MAJOR}: fetching it from npm into .tools/`,
    npm.program,
    [
      ...npm.args,
      'install',
      '--no-save',
      '--no-package-lock',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      `${name}@${NODE_VERSION}`,
    ],
    { cwd: folder, env: npmEnvironment(process.execPath), shell: npm.shell },
  )
  if (isNode24(node)) return
  throw new SetupError(
    `Node ${OLDEST_MAJOR} from npm (${name}) does not run on this machine (${process.platform} ${process.arch}). Install Node ${OLDEST_MAJOR} or later yourself, then try again.`,
  )
}

function isNode24(node) {
  if (!existsSync(node)) return false
  const { stdout, status } = spawnSync(node, ['--version'], { encoding: 'utf8' })
  return status === 0 && Number(/^v(\d+)/.exec(stdout)?.[1]) >= OLDEST_MAJOR
}
