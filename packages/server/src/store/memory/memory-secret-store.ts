/** The secrets in memory. */
import type { AuditEntry } from '../audit-trail-store.ts'
import type { SecretChange, SecretStore, StoredSecret } from '../secret-store.ts'

export interface MemorySecretStoreDeps {
  /** Told of every change. */
  onChange(audit: AuditEntry | undefined): void
}

export function createMemorySecretStore({ onChange }: MemorySecretStoreDeps): SecretStore {
  const secrets = new Map<string, StoredSecret>()
  const keyOf = (appId: string, name: string) => JSON.stringify([appId, name])

  function applyOne(change: SecretChange): void {
    if (change.kind === 'put' || change.kind === 'add') {
      const key = keyOf(change.secret.appId, change.secret.name)
      if (change.kind === 'put' || !secrets.has(key)) secrets.set(key, change.secret)
      return
    }
    const key = keyOf(change.appId, change.name)
    if (change.kind === 'remove') {
      secrets.delete(key)
      return
    }
    const secret = secrets.get(key)
    if (secret?.value === change.from) secrets.set(key, { ...secret, value: change.to })
  }

  return {
    list: async () =>
      [...secrets.values()].sort(
        (a, b) => compare(a.appId, b.appId) || a.createdAt - b.createdAt || compare(a.name, b.name),
      ),
    async apply(changes, audit) {
      for (const change of changes) applyOne(change)
      onChange(audit)
    },
    scrub: async () => {},
  }
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1
}
