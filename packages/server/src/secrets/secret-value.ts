/** What stands for a secret in the store: an envelope, or a reference that is resolved at each use. */
import { readFileSync } from 'node:fs'
import { ServiceError } from '../errors.ts'
import type { Sealer, SecretPlace } from './sealer.ts'

export type Environment = Readonly<Record<string, string | undefined>>

export interface SecretValues {
  /** Seals a secret; keeps a reference as it is. */
  store(given: string, place: SecretPlace): string
  /** @returns the secret itself. Throws `secret_unavailable`, which names the place and the fix. */
  read(stored: string, place: SecretPlace): string
}

export interface SecretValuesDeps {
  readonly sealer: Sealer
  readonly env: Environment
}

/** What migration 0005 had to leave in plain; the next start seals it. */
export const PLAIN_PREFIX = 'plain:'

export function createSecretValues({ sealer, env }: SecretValuesDeps): SecretValues {
  return {
    store: (given, place) => (isReference(given) ? given : sealer.seal(given, place)),
    read(stored, place) {
      if (stored.startsWith(PLAIN_PREFIX)) return stored.slice(PLAIN_PREFIX.length)
      return isReference(stored) ? resolve(stored, place, env) : sealer.open(stored, place)
    },
  }
}

/** `env:NAME` or `file:/absolute/path`. */
export function isReference(value: string): boolean {
  return /^env:[A-Za-z_][A-Za-z0-9_]*$/.test(value) || /^file:\/[^\0]+$/.test(value)
}

function resolve(reference: string, { appId, name }: SecretPlace, env: Environment): string {
  const [kind, target] = [
    reference.slice(0, reference.indexOf(':')),
    reference.slice(reference.indexOf(':') + 1),
  ]
  const value = kind === 'env' ? env[target]?.trim() : readSecretFile(target)
  if (value !== undefined && value !== '') return value
  const fix = kind === 'env' ? 'set it for the server' : 'put the secret into it, readable by the server'
  throw new ServiceError('secret_unavailable', {
    message: `The secret ${name} of the app ${appId} is ${reference}, and nothing is there: ${fix}.`,
  })
}

function readSecretFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return undefined
  }
}
