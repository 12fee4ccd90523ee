/** The packages as a registry would give them out: packed by npm, unpacked beside their peers, without the network. */
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

export const root = fileURLToPath(new URL('../../..', import.meta.url))
const run = promisify(execFile)

export interface PackedApp {
  /** A folder with node_modules, for the app's own files. */
  readonly folder: string
  write(name: string, text: string): void
  /** Paths in the tarball of a package. */
  contents(name: string): Promise<string[]>
  remove(): void
}

/** The set-up's own script: plain JavaScript, of which the compiler knows no types. */
interface NpmScript {
  npmCommand(node: string): {
    readonly program: string
    readonly args: readonly string[]
    readonly shell: boolean
  }
  npmEnvironment(node: string): NodeJS.ProcessEnv
}

/** @param beside what an app of that kind has installed itself */
export async function packPackages(names: readonly string[], beside: readonly string[]): Promise<PackedApp> {
  const folder = mkdtempSync(join(tmpdir(), 'tollbridge-packed-'))
  const modules = join(folder, 'node_modules')
  const tarballs = join(folder, 'tarballs')
  mkdirSync(tarballs)
  const { npmCommand, npmEnvironment } = (await import(
    '../../../scripts/setup/npm.mjs' as string
  )) as NpmScript
  const npm = npmCommand(process.execPath)
  const workspaces = names.map((name) => `--workspace=packages/${name}`)
  await run(
    npm.program,
    [...npm.args, 'pack', ...workspaces, '--ignore-scripts', '--pack-destination', tarballs],
    {
      cwd: root,
      env: npmEnvironment(process.execPath),
      shell: npm.shell,
    },
  )
  const tarballOf = (name: string) => {
    const file = readdirSync(tarballs).find((it) => it.startsWith(`tollbridge-${name}-`))
    if (file === undefined) throw new Error(`npm has packed no ${name}: ${readdirSync(tarballs)}`)
    return join(tarballs, file)
  }
  for (const name of names) {
    const target = join(modules, '@tollbridge', name)
    mkdirSync(target, { recursive: true })
    await run('tar', ['-xzf', tarballOf(name), '-C', target, '--strip-components=1'])
  }
  for (const name of beside) {
    const target = join(modules, name)
    const installed = [join(root, 'node_modules', name), join(root, 'packages/browser/node_modules', name)]
    mkdirSync(dirname(target), { recursive: true })
    symlinkSync(installed.find((it) => existsSync(it)) ?? installed[0] ?? '', target)
  }
  return {
    folder,
    write: (name, text) => writeFileSync(join(folder, name), text),
    async contents(name) {
      const { stdout } = await run('tar', ['-tzf', tarballOf(name)])
      return stdout.split('\n').filter((it) => it !== '')
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
