/** Finds Node 24 or later; a machine with an older one gets a pinned build from npm, into .tools/, once. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isPinnedProgram } from './checked-program.mjs'
import { nodeBuilds } from './node-builds.mjs'
import { npmCommand, npmEnvironment } from './npm.mjs'
import { runWithProgress } from './progress.mjs'
import { SetupError } from './setup-error.mjs'

const OLDEST_MAJOR = 24

export async function findNode24(root) {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major >= OLDEST_MAJOR) return process.execPath
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new SetupError(
      `This is Node ${process.versions.node}; the set-up itself needs Node 20.19 or later. Install a current Node and try again.`,
    )
  }
  const platform = `${process.platform}-${process.arch}`
  const build = nodeBuilds[platform]
  if (build === undefined) {
    throw new SetupError(
      `This is Node ${process.versions.node}, Tollbridge needs ${OLDEST_MAJOR}, and none is pinned for ${platform}. Install Node ${OLDEST_MAJOR} or later yourself, then try again.`,
    )
  }
  return pinnedNode(join(root, '.tools'), build, fetchNode)
}

/**
 * @param {string} folder @param {import('./node-builds.mjs').NodeBuild} build
 * @param {(folder: string, build: import('./node-builds.mjs').NodeBuild) => Promise<void>} fetch
 * @returns {Promise<string>} the path of the program, which is the pinned one
 */
export async function pinnedNode(folder, build, fetch) {
  const node = join(folder, 'node_modules', build.package, ...build.program.split('/'))
  const note = join(folder, 'checked.json')
  if (await isPinnedProgram(node, build.sha256, note)) return node
  // An older one, half a download, or something else that must not run.
  rmSync(join(folder, 'node_modules'), { recursive: true, force: true })
  await fetch(folder, build)
  if (await isPinnedProgram(node, build.sha256, note)) {
    if (runs(node)) return node
    throw new SetupError(
      `Node ${build.version} from npm (${build.package}) does not run on this machine (${process.platform} ${process.arch}). Install Node ${OLDEST_MAJOR} or later yourself, then try again.`,
    )
  }
  rmSync(join(folder, 'node_modules'), { recursive: true, force: true })
  throw new SetupError(
    `What npm gave as ${build.package} ${build.version} is not the program that Tollbridge was released with (its SHA-256 differs), so it was removed and not run. Look at the registry that npm uses (npm config get registry), or install Node ${OLDEST_MAJOR} or later yourself.`,
  )
}

/** npm holds the package against the hash in the lock file, and refuses another one. */
async function fetchNode(folder, build) {
  mkdirSync(folder, { recursive: true })
  // Files of its own keep npm from taking the workspace around it for the project.
  const dependencies = { [build.package]: build.version }
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify({ private: true, dependencies })}\n`)
  writeFileSync(join(folder, 'package-lock.json'), `${JSON.stringify(lockOf(build, dependencies))}\n`)
  const npm = npmCommand(process.execPath)
  await runWithProgress(
    `Node ${process.versions.node} is here, Tollbridge needs ${OLDEST_MAJOR}: fetching ${build.version} from npm into .tools/`,
    npm.program,
    [...npm.args, 'ci', '--ignore-scripts', '--no-audit', '--no-fund'],
    { cwd: folder, env: npmEnvironment(process.execPath), shell: npm.shell },
  )
}

function lockOf({ package: name, version, integrity }, dependencies) {
  return {
    lockfileVersion: 3,
    requires: true,
    packages: { '': { dependencies }, [`node_modules/${name}`]: { version, integrity } },
  }
}

function runs(node) {
  const { stdout, status } = spawnSync(node, ['--version'], { encoding: 'utf8' })
  return status === 0 && Number(/^v(\d+)/.exec(stdout)?.[1]) >= OLDEST_MAJOR
}
