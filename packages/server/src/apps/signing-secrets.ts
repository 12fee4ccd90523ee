/** The webhook signing secrets of an app: added, rolled with an overlap, retired. Written, never shown. */
import type { ChangedBy } from '../access/actor.ts'
import type { RandomBytes } from '../access/api-keys.ts'
import type { Clock } from '../clock.ts'
import { ServiceError } from '../errors.ts'
import type { SecretValues } from '../secrets/secret-value.ts'
import type { AuditEntry } from '../store/audit-trail-store.ts'
import type { SecretChange, SecretStore, StoredSecret } from '../store/secret-store.ts'
import type { AppRegistry } from './app-registry.ts'
import { type SigningSecretId, signingSecretId, signingSecretName } from './secret-names.ts'

export interface SigningSecret {
  readonly id: SigningSecretId
  readonly appId: string
  /** `we_…` of the endpoint that it was made for; null when nobody said. */
  readonly endpointId: string | null
  /** Where it is looked up, such as `env:NAME`; null: it is sealed in the store. */
  readonly reference: string | null
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  /** Milliseconds since the epoch; null: until it is rolled or retired. */
  readonly validUntil: number | null
}

export interface SigningSecrets {
  list(appId: string): readonly SigningSecret[]
  /** The same secret a second time changes nothing. */
  add(appId: string, secret: string, endpointId: string | null, by: ChangedBy): Promise<SigningSecret>
  /** Adds one, and ends those before after `overlapSeconds`: until then both verify, so no delivery is lost. */
  roll(
    appId: string,
    secret: string,
    options: { readonly endpointId: string | null; readonly overlapSeconds: number },
    by: ChangedBy,
  ): Promise<SigningSecret>
  /** It counts no longer, at once. Throws `resource_missing`. */
  retire(appId: string, id: string, by: ChangedBy): Promise<void>
}

export interface SigningSecretsDeps {
  readonly secrets: SecretStore
  readonly values: SecretValues
  readonly registry: AppRegistry
  readonly clock: Clock
  readonly random: RandomBytes
}

export function createSigningSecrets(deps: SigningSecretsDeps): SigningSecrets {
  const { secrets, values, registry, clock, random } = deps

  const storedOf = (appId: string) =>
    registry.storedSecrets(appId).filter(({ name }) => signingSecretId(name) !== null)

  function sameAs(secret: string): (stored: StoredSecret) => boolean {
    return (stored) => stored.value === secret || read(stored) === secret
  }

  /** What cannot be read is not the same as anything. */
  function read(stored: StoredSecret): string | null {
    try {
      return values.read(stored.value, stored)
    } catch {
      return null
    }
  }

  async function write(
    appId: string,
    secret: string,
    endpointId: string | null,
    others: (stored: readonly StoredSecret[]) => readonly SecretChange[],
    told: Pick<AuditEntry, 'action' | 'details'> & ChangedBy,
  ): Promise<SigningSecret> {
    await registry.reload()
    const { appId: known } = registry.record(appId)
    const stored = storedOf(known)
    const same = stored.find(sameAs(secret))
    const place = {
      appId: known,
      name: same?.name ?? signingSecretName(`ss_${Buffer.from(random(8)).toString('hex')}`),
    }
    const kept: StoredSecret = {
      ...place,
      value: same?.value ?? values.store(secret, place),
      note: endpointId ?? same?.note ?? null,
      createdAt: same?.createdAt ?? clock.now(),
      validUntil: null,
    }
    const changes = others(stored.filter((it) => it !== same))
    const isUnchanged = same !== undefined && same.validUntil === null && same.note === kept.note
    if (!isUnchanged || changes.length > 0) {
      const { id, reference } = signingSecret(kept)
      await secrets.apply([{ kind: 'put', secret: kept }, ...changes], {
        ...told,
        at: clock.now(),
        appId: known,
        target: id,
        details: { ...told.details, endpoint_id: kept.note, reference },
      })
      await registry.reload()
    }
    return signingSecret(kept)
  }

  return {
    list: (appId) => storedOf(registry.record(appId).appId).map(signingSecret),

    add: (appId, secret, endpointId, by) =>
      write(appId, secret, endpointId, () => [], { ...by, action: 'signing_secret.added', details: {} }),

    roll: (appId, secret, { endpointId, overlapSeconds }, by) => {
      const end = clock.now() + overlapSeconds * 1000
      const endOthers = (others: readonly StoredSecret[]): readonly SecretChange[] =>
        others
          .filter(({ validUntil }) => validUntil === null || validUntil > end)
          .map((it) => ({ kind: 'put', secret: { ...it, validUntil: end } }))
      return write(appId, secret, endpointId, endOthers, {
        ...by,
        action: 'signing_secret.rolled',
        details: { overlap_seconds: overlapSeconds },
      })
    },

    async retire(appId, id, by) {
      await registry.reload()
      const found = storedOf(registry.record(appId).appId).find((it) => signingSecretId(it.name) === id)
      if (found === undefined) {
        throw new ServiceError('resource_missing', {
          message: `The app has no signing secret ${id.slice(0, 64)} in the store.`,
        })
      }
      await secrets.apply([{ kind: 'remove', appId, name: found.name }], {
        ...by,
        at: clock.now(),
        appId,
        action: 'signing_secret.retired',
        target: id,
        details: {},
      })
      await registry.reload()
    },
  }
}

function signingSecret({ appId, name, note, value, createdAt, validUntil }: StoredSecret): SigningSecret {
  return {
    id: signingSecretId(name) ?? 'ss_',
    appId,
    endpointId: note,
    reference: /^(env|file):/.test(value) ? value : null,
    createdAt,
    validUntil,
  }
}
