/**
 * Prints entries for node-builds.mjs: fetches the packages of a version from npm, which checks them against the
 * registry's own hashes, and hashes the programs in them. Compare with https://nodejs.org/dist/v<version>/SHASUMS256.txt
 * (of the archive's `bin/node`) before they are pinned.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sha256Of } from './checked-program.mjs'
import { nodeBuilds } from './node-builds.mjs'

const [version, ...only] = process.argv.slice(2)
if (version === undefined) {
  console.error('node scripts/setup/print-node-builds.mjs <version> [platform…]')
  process.exit(2)
}
for (const [platform, build] of Object.entries(nodeBuilds)) {
  if (only.length > 0 && !only.includes(platform)) continue
  const folder = mkdtempSync(join(tmpdir(), 'tollbridge-node-'))
  try {
    const name = `${build.package}@${version}`
    const [{ filename }] = JSON.parse(
      execFileSync('npm', ['pack', '--json', name], {
        cwd: folder,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    )
    const archive = join(folder, filename)
    execFileSync('tar', ['xzf', archive], { cwd: folder })
    const integrity = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`
    const sha256 = await sha256Of(join(folder, 'package', build.program))
    console.log(`  '${platform}':`, {
      package: build.package,
      version,
      integrity,
      program: build.program,
      sha256,
    })
  } catch (error) {
    console.error(
      `  ${platform}: ${
        String(error.stderr ?? error.message)
          .trim()
          .split('\n')[0]
      }`,
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
