/** The built browser SDK as the server gives it out: its bytes, packed for the way, and what pins them. */
import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

export const PAGE_SCRIPTS = ['tollbridge.js', 'tollbridge.mjs'] as const
export const SOURCE_MAPS = ['tollbridge.js.map', 'tollbridge.mjs.map'] as const
export type PageFile = (typeof PAGE_SCRIPTS | typeof SOURCE_MAPS)[number]

export interface PageScript {
  readonly bytes: Buffer
  readonly gzip: Buffer
  readonly brotli: Buffer
  /** Changes with the bytes; what `?v=` carries. */
  readonly version: string
  /** For the attribute `integrity`: `sha384-…`. */
  readonly integrity: string
}

/** @returns null where the package or its build is missing. */
export type PageScripts = (file: PageFile) => PageScript | null

export interface PageScriptsDeps {
  /** Path of a file of the browser package; throws where there is none. */
  locate(file: PageFile): string
}

const require = createRequire(import.meta.url)
const fromPackage: PageScriptsDeps = {
  locate: (file) => require.resolve(`@tollbridge/browser/bundle/${file}`),
}

/** Reads a file when it is first asked for, and again after a new build. */
export function createPageScripts({ locate }: PageScriptsDeps = fromPackage): PageScripts {
  const held = new Map<PageFile, { readonly changedAt: number; readonly script: PageScript }>()
  return (file) => {
    try {
      const path = locate(file)
      const changedAt = statSync(path).mtimeMs
      const known = held.get(file)
      if (known?.changedAt === changedAt) return known.script
      const script = describe(readFileSync(path))
      held.set(file, { changedAt, script })
      return script
    } catch (error) {
      if (isMissing(error)) return null
      throw error
    }
  }
}

function describe(bytes: Buffer): PageScript {
  return {
    bytes,
    gzip: gzipSync(bytes, { level: 9 }),
    brotli: brotliCompressSync(bytes, {
      params: { [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT },
    }),
    version: createHash('sha256').update(bytes).digest('hex').slice(0, 16),
    integrity: `sha384-${createHash('sha384').update(bytes).digest('base64')}`,
  }
}

function isMissing(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : null
  return ['MODULE_NOT_FOUND', 'ERR_PACKAGE_PATH_NOT_EXPORTED', 'ENOENT'].includes(String(code))
}
