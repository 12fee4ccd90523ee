/** Finds a Chromium that really starts here: a named one, the system's, or the one that npm brought along. */
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'

export type ChromiumLaunch =
  | { readonly browser: Browser; readonly reason: null }
  /** Why none started, each candidate with its own words; for the title of what is skipped. */
  | { readonly browser: null; readonly reason: string }

let shared: Promise<ChromiumLaunch> | undefined

/**
 * The browser of this worker, for fresh contexts: the test files that come one after the other here start it once. It
 * ends with the worker, so nobody closes it.
 */
export function sharedChromium(): Promise<ChromiumLaunch> {
  shared ??= launchChromium()
  return shared
}

/**
 * Each call starts a browser of its own with an empty profile; close it at the end.
 * Throws instead of giving a reason where TOLLBRIDGE_TESTS_REQUIRE names `chromium`.
 */
export async function launchChromium({
  switches = [],
}: {
  switches?: string[]
} = {}): Promise<ChromiumLaunch> {
  const failures: string[] = []
  for (const candidate of candidates) {
    try {
      const found = await candidate.find()
      if (found === null) failures.push(`${candidate.name}: not there`)
      else return { browser: await launch(found, switches), reason: null }
    } catch (error) {
      failures.push(`${candidate.name}: ${firstLine(error)}`)
    }
  }
  const reason = `no Chromium starts here (${failures.join('; ')})`
  if (process.env['TOLLBRIDGE_TESTS_REQUIRE']?.includes('chromium')) throw new Error(reason)
  return { browser: null, reason }
}

interface Found {
  readonly executablePath: string
  /** Folder of shared libraries that came along with the browser. */
  readonly libraries?: string
}

interface Candidate {
  readonly name: string
  /** Null: this machine has none. */
  find(): Promise<Found | null>
}

/** The shell has no windows to draw, so it needs half the processor time of the whole browser. */
const SYSTEM_SHELL = '/usr/bin/chromium-headless-shell'
const SYSTEM_BROWSER = '/usr/bin/chromium'

const candidates: readonly Candidate[] = [
  { name: 'TOLLBRIDGE_CHROMIUM', find: async () => atPath(process.env['TOLLBRIDGE_CHROMIUM']) },
  { name: SYSTEM_SHELL, find: async () => atPath(existsSync(SYSTEM_SHELL) ? SYSTEM_SHELL : undefined) },
  { name: '@sparticuz/chromium', find: async () => unpackBundled({ withLibraries: false }) },
  { name: SYSTEM_BROWSER, find: async () => atPath(existsSync(SYSTEM_BROWSER) ? SYSTEM_BROWSER : undefined) },
  {
    name: '@sparticuz/chromium with its libraries',
    find: async () => unpackBundled({ withLibraries: true }),
  },
]

function atPath(executablePath: string | undefined): Found | null {
  return executablePath === undefined || executablePath === '' ? null : { executablePath }
}

function launch({ executablePath, libraries }: Found, switches: readonly string[]): Promise<Browser> {
  return chromium.launch({
    executablePath,
    headless: true,
    timeout: 30_000,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...switches,
    ],
    ...(libraries === undefined
      ? {}
      : { env: { ...process.env, LD_LIBRARY_PATH: `${libraries}:${process.env['LD_LIBRARY_PATH'] ?? ''}` } }),
  })
}

/** Unpacks once a machine; test files that come at the same time never see a half-written browser. */
async function unpackBundled({ withLibraries }: { withLibraries: boolean }): Promise<Found> {
  const packageFolder = dirname(dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium')))
  const { version } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as {
    version: string
  }
  const folder = join(tmpdir(), `tollbridge-chromium-${version}-${process.getuid?.() ?? 0}`)
  if (!existsSync(folder)) await unpackInto(folder, join(packageFolder, 'bin'))
  const executablePath = join(folder, 'chromium')
  return withLibraries ? { executablePath, libraries: join(folder, 'al2023', 'lib') } : { executablePath }
}

async function unpackInto(folder: string, archives: string): Promise<void> {
  const { inflate } = await import('@sparticuz/chromium')
  const partial = mkdtempSync(`${folder}-`)
  const usual = process.env['TMPDIR']
  // The package unpacks into the temporary folder, whatever that is at the moment.
  process.env['TMPDIR'] = partial
  try {
    for (const archive of ['chromium.br', 'fonts.tar.br', 'swiftshader.tar.br', 'al2023.tar.br']) {
      await inflate(join(archives, archive))
    }
  } finally {
    if (usual === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = usual
  }
  try {
    renameSync(partial, folder)
  } catch (error) {
    rmSync(partial, { recursive: true, force: true })
    // Another test file was first.
    if (!existsSync(folder)) throw error
  }
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text.split('\n').find((line) => line.trim() !== '') ?? 'unknown'
}
