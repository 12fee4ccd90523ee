/** The rules of each server key: looked up for each call, shown to and changed by operators. */
import type { ChangedBy } from '../access/actor.ts'
import { serverKeyId } from '../access/api-keys.ts'
import type { App, AppDirectory } from '../access/app-directory.ts'
import { makersOf } from '../access/key-descent.ts'
import { ServiceError } from '../errors.ts'
import type { PassthroughRuleStore } from '../store/passthrough-rule-store.ts'
import type { Caller } from './caller.ts'
import { DEFAULT, DEFAULT_RULES, isDefault, rulesFrom } from './default-rules.ts'
import { decide, parseRule, type Rule } from './rules.ts'
import { scopeOfCall } from './scope-of-call.ts'

export interface ShownRules {
  readonly appId: string
  readonly keyId: string
  /** As they were written; `['default']` while nobody has decided anything. */
  readonly rules: readonly string[]
  /** With the default rules in the place of the word, in the order in which they count. */
  readonly inFull: readonly string[]
  /** Milliseconds since the epoch; null: never. */
  readonly changedAt: number | null
}

export interface KeyRulesDeps {
  readonly rules: PassthroughRuleStore
  readonly directory: Pick<AppDirectory, 'find' | 'serverKey'>
  now(): number
}

export interface KeyRulesService {
  /** Throws `stripe_call_refused` or `scope_missing`. */
  assertAllowed(caller: Caller, method: string, path: string): Promise<void>
  /** Throws `app_unknown` or `resource_missing`. */
  show(appId: string, keyId: string): Promise<ShownRules>
  /** @param texts `['default']` gives the key back to the default rules. Throws `parameter_invalid` too. */
  change(appId: string, keyId: string, texts: readonly string[], by: ChangedBy): Promise<ShownRules>
}

const MOST_RULES = 100

type Judged = Pick<Caller, 'appId' | 'keyHash' | 'keyId' | 'scopes'>

export function createKeyRules({ rules, directory, now }: KeyRulesDeps): KeyRulesService {
  /** Lists as they are stored → as they count; few differ. */
  const parsed = new Map<string, readonly Rule[]>()

  function parsedRules(texts: readonly string[] | null): readonly Rule[] {
    if (texts === null) return rulesFrom(null)
    const name = JSON.stringify(texts)
    const known = parsed.get(name)
    if (known !== undefined) return known
    if (parsed.size >= 1_000) parsed.clear()
    const list = rulesFrom(texts)
    parsed.set(name, list)
    return list
  }

  function hashOf(appId: string, keyId: string): string {
    const app: App | null = directory.find(appId)
    if (app === null) {
      throw new ServiceError('app_unknown', {
        message: `There is no app ${appId.slice(0, 64)} on this server.`,
      })
    }
    const key = app.serverKeys.find(({ hash }) => serverKeyId(hash) === keyId)
    if (key !== undefined) return key.hash
    throw new ServiceError('resource_missing', {
      message: `The app has no server key ${keyId.slice(0, 64)}; tollbridge apps show ${appId} lists them.`,
    })
  }

  async function show(appId: string, keyId: string): Promise<ShownRules> {
    const stored = await rules.get(hashOf(appId, keyId))
    const texts = stored?.rules ?? [DEFAULT]
    return {
      appId,
      keyId,
      rules: texts,
      inFull: texts.flatMap((text) => (text === DEFAULT ? DEFAULT_RULES : [text])),
      changedAt: stored?.changedAt ?? null,
    }
  }

  async function assertAllowedTo(
    { appId, keyHash, keyId, scopes }: Judged,
    method: string,
    path: string,
  ): Promise<void> {
    const verdict = decide(parsedRules((await rules.get(keyHash))?.rules ?? null), method, path)
    const call = `${method} ${path.slice(0, 200)}`
    if (verdict.isAllowed) {
      // What an operator has written out for the key counts by itself; the default counts within its scopes.
      const scope = scopeOfCall(method, path)
      if (!isDefault(verdict.by) || scopes.includes(scope)) return
      throw new ServiceError('scope_missing', {
        message: `${call} of Stripe takes a server key with the scope ${scope}, and ${keyId} has ${scopes.join(', ') || 'none'}. An operator can give it the scope (tollbridge keys scopes ${appId} ${keyId} --add ${scope}), or this call alone: tollbridge keys passthrough ${appId} ${keyId} <its rules> "${call}".`,
        details: { scope, scopes },
      })
    }
    const why = verdict.rule === null ? 'no rule lets it through' : `the rule "${verdict.rule}" refuses it`
    throw new ServiceError('stripe_call_refused', {
      message: `The server key ${keyId} may not call ${call} of Stripe: ${why}. An operator can allow it: tollbridge keys passthrough ${appId} ${keyId} <its rules> "${call}".`,
      details: { rule: verdict.rule },
    })
  }

  function makersOfCaller({ appId, keyHash }: Caller): readonly Judged[] {
    const keys = directory.find(appId)?.serverKeys ?? []
    const key = keys.find(({ hash }) => hash === keyHash)
    if (key === undefined) return []
    return makersOf(keys, key).map(({ hash }) => {
      const keyId = serverKeyId(hash)
      return { appId, keyHash: hash, keyId, scopes: directory.serverKey(appId, keyId)?.scopes ?? [] }
    })
  }

  return {
    async assertAllowed(caller, method, path) {
      await assertAllowedTo(caller, method, path)
      // A key is good for no more than the one that made it, also where that was cut down later.
      for (const maker of makersOfCaller(caller)) await assertAllowedTo(maker, method, path)
    },
    show,
    async change(appId, keyId, texts, by) {
      const keyHash = hashOf(appId, keyId)
      const given = texts.map((text) => text.trim().replace(/ +/g, ' '))
      assertGood(given)
      const at = now()
      const action = 'passthrough_rules.changed'
      const entry = { ...by, at, appId, action, target: keyId, details: { rules: given } } as const
      if (given.length === 1 && given[0] === DEFAULT) await rules.remove(keyHash, entry)
      else await rules.put({ keyHash, appId, rules: given, changedAt: at }, entry)
      return show(appId, keyId)
    },
  }
}

function assertGood(texts: readonly string[]): void {
  const refuse = (message: string) => new ServiceError('parameter_invalid', { message, param: 'rules' })
  if (texts.length === 0 || texts.length > MOST_RULES) throw refuse(`rules must be 1 to ${MOST_RULES} rules.`)
  const wrong = texts.find((text) => text !== DEFAULT && (text.length > 300 || parseRule(text) === null))
  if (wrong !== undefined) {
    throw refuse(
      `rules holds "${wrong.slice(0, 80)}", which does not read as a rule: write a method and a path, such as "GET /v1/customers*", with ! before it to refuse, or the word ${DEFAULT}.`,
    )
  }
  if (texts.every((text) => text.startsWith('!'))) {
    throw refuse(
      `rules refuses everything, since nothing in it allows a call: begin it with the word ${DEFAULT}, or with what is allowed.`,
    )
  }
}
