/** The official Backendless SDKs as npm has them, each load a fresh copy, because they keep global state. */
import { createRequire } from 'node:module'
import type Backendless from 'backendless'

/** The declarations of 8.0.0, and what they leave out. */
export type Sdk = typeof Backendless & {
  setCurrentUserToken(token: string | null): void
  readonly RT: { disconnect(): void }
}

/** Each speaks another dialect: transport, handshake, or form of the data calls. */
export const sdkVersions = ['8.0.0', '7.4.9', '7.0.4', '5.9.4', '5.0.0'] as const
export type SdkVersion = (typeof sdkVersions)[number]

const require = createRequire(import.meta.url)

/** An SDK that nobody has initialised. */
export function loadSdk(version: SdkVersion): Sdk {
  for (const path of Object.keys(require.cache)) {
    if (/[\\/]node_modules[\\/](backendless|socket\.io-client|engine\.io-client)/.test(path)) {
      delete require.cache[path]
    }
  }
  const sdk = require(packageOf(version)) as Sdk
  // 5.0.0 prints every frame unless told.
  sdk.debugMode = false
  return sdk
}

/** The file that a page loads with a script tag; it makes the global `Backendless`. */
export function browserBundle(version: SdkVersion): string {
  return require.resolve(`${packageOf(version)}/dist/backendless.min.js`)
}

function packageOf(version: SdkVersion): string {
  return version === '8.0.0' ? 'backendless' : `backendless-${version}`
}
