/** What is open, such as streams, sockets and page sessions, stands on a key, an app or a token; it ends with them. */
import { ServiceError } from '../errors.ts'
import type { ServerKeyId } from './api-keys.ts'
import type { AppDirectory } from './app-directory.ts'
import type { AppId, Principal } from './principal.ts'
import type { Scope } from './scopes.ts'

export interface Standing {
  readonly appId: AppId
  readonly clientKey: string | null
  readonly serverKey: { readonly id: ServerKeyId; readonly scopes: readonly Scope[] } | null
  /** Whether a token that the app's signing key has signed is part of it. */
  readonly byToken: boolean
}

export interface Standings {
  /**
   * Calls `end` once, with a reason for whoever reads, when what it stands on has ended; at once where it has already.
   * @returns lets go of it
   */
  hold(standing: Standing, end: (reason: ServiceError) => void): () => void
  /** Looks at all of them again; for whoever has learned of a change. */
  check(): void
}

export interface StandingsDeps {
  readonly directory: Pick<AppDirectory, 'find' | 'serverKey'>
  /** Another value when the key that signs the app's tokens is another. */
  signingKeyMark(appId: AppId): string
}

interface Held {
  readonly standing: Standing
  readonly mark: string | null
  readonly end: (reason: ServiceError) => void
}

export function createStandings({ directory, signingKeyMark }: StandingsDeps): Standings {
  const all = new Set<Held>()

  function markOf({ appId, byToken }: Standing): string | null {
    return byToken && directory.find(appId) !== null ? signingKeyMark(appId) : null
  }

  function fault({ standing, mark }: Held): ServiceError | null {
    const { appId, clientKey, serverKey } = standing
    const app = directory.find(appId)
    if (app === null || (app.disabledAt ?? null) !== null) {
      return new ServiceError('app_disabled', {
        message: `The app ${appId} was disabled: an operator can enable it again.`,
      })
    }
    if (clientKey !== null && !app.clientKeys.includes(clientKey)) {
      return ended(
        'The client key that this stands on was retired: load the page anew, with the current one.',
      )
    }
    if (serverKey !== null) {
      const held = directory.serverKey(appId, serverKey.id)
      if (held === null) return ended(`The server key ${serverKey.id} that this stands on was revoked.`)
      if (!serverKey.scopes.every((scope) => held.scopes.includes(scope))) {
        return ended(`The server key ${serverKey.id} that this stands on has lost a scope that it needs.`)
      }
    }
    if (mark !== markOf(standing))
      return ended('The key that signed the token which this stands on was retired.')
    return null
  }

  return {
    hold(standing, end) {
      const held = { standing, mark: markOf(standing), end }
      const reason = fault(held)
      if (reason !== null) {
        end(reason)
        return () => {}
      }
      all.add(held)
      return () => void all.delete(held)
    },
    check() {
      for (const held of all) {
        const reason = fault(held)
        if (reason === null) continue
        all.delete(held)
        held.end(reason)
      }
    },
  }
}

/** @param scopes of a server key: what it must go on having */
export function standingOf(principal: Principal, scopes: readonly Scope[]): Standing {
  const { appId } = principal
  const nothing = { appId, clientKey: null, serverKey: null, byToken: false }
  switch (principal.role) {
    case 'client':
      return { ...nothing, clientKey: principal.clientKey, byToken: principal.watch !== null }
    case 'server':
      return { ...nothing, serverKey: principal.keyId === null ? null : { id: principal.keyId, scopes } }
    case 'watch':
      return { ...nothing, byToken: true }
  }
}

function ended(message: string): ServiceError {
  return new ServiceError('key_revoked', { message })
}
