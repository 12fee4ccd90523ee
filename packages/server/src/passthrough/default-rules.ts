/** What a server key may do while no operator has said otherwise: everything but what would hand out or widen access. */
import { ownRules, parseRule, type Rule } from './rules.ts'

/** The word that stands for these rules at the head of a list. */
export const DEFAULT = 'default'

/** docs/stripe-passthrough.md says why, line by line. */
export const DEFAULT_RULES: readonly string[] = [
  '* /v1/*',
  '* /v2/*',
  // Where Stripe sends events, and the secrets that sign them: Tollbridge keeps those itself.
  '!* /v1/webhook_endpoints*',
  '!* /v2/core/event_destinations*',
  '!* /v1/stripecli*',
  // Keys and stored secrets: whoever holds one speaks to Stripe past these rules and the record of calls.
  '!* /v1/ephemeral_keys*',
  '!* /v1/apps/secrets*',
  '!* /v2/iam*',
  '!* /v2/core/claimable_sandboxes*',
  // Settings of the account and of connected accounts, and links that open them. Reading stays allowed.
  '!POST,PUT,PATCH,DELETE /v1/account*',
  '!POST,PUT,PATCH,DELETE /v2/core/account*',
  '!POST,PUT,PATCH,DELETE /v1/balance_settings*',
  '!POST,PUT,PATCH,DELETE /v1/tax/settings*',
]

const parsedDefaults = ownRules(DEFAULT_RULES)

/** Whether a rule came with the word `default`, and was not written out for the key. */
export function isDefault(rule: Rule): boolean {
  return parsedDefaults.includes(rule)
}

/** @param texts as stored, `default` among them; null: nobody has decided anything */
export function rulesFrom(texts: readonly string[] | null): readonly Rule[] {
  if (texts === null) return parsedDefaults
  return texts.flatMap((text) => {
    if (text === DEFAULT) return parsedDefaults
    const rule = parseRule(text)
    // What a newer version wrote and this one cannot read must not let more through than was meant.
    return rule === null ? REFUSE_ALL : [rule]
  })
}

const REFUSE_ALL = ownRules(['!* /v1*', '!* /v2*'])
