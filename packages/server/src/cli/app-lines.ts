/** Apps and secrets in lines that a person reads. */
import type { appJson, serverKeyJson, signingSecretJson } from '../admin/admin-json.ts'

type ServerKeyView = ReturnType<typeof serverKeyJson>
type AppView = ReturnType<typeof appJson>
type SigningSecretView = ReturnType<typeof signingSecretJson>

/** One line an app. */
export function appLine(app: AppView): string {
  const notes = [app.mode, app.default ? 'default' : '', app.disabled ? 'disabled' : ''].filter(Boolean)
  return `${app.id}  ${notes.join(', ')}  ${app.name}`.trimEnd()
}

export function appLines(app: AppView): string {
  return aligned([
    ['App id', app.id],
    ['Name', app.name || '(none)'],
    ['Mode', `${app.mode}${app.default ? ', the default app' : ''}${app.disabled ? ', disabled' : ''}`],
    ['Client keys', app.client_keys.join('\n')],
    ['Server keys', app.server_keys.map(serverKeyLine).join('\n') || '(none)'],
    ['Currency', app.currency],
    ['Stripe key', app.stripe_secret_key],
    ['Publishable key', app.publishable_key ?? 'unset'],
    ['Stripe account', app.stripe_account ?? 'not known'],
    ['Public URL', app.public_url ?? 'unset'],
    ['Webhooks', app.webhook_endpoint ?? 'no endpoint known'],
  ])
}

/** `key_…  …a1B2  read, payments  calls to Stripe: GET /v1/customers*  "the shop"`; rules only where an operator gave some. */
export function serverKeyLine(key: ServerKeyView): string {
  const { id, name, scopes, passthrough_rules: rules, last4, made_by, created } = key
  const made = created === null ? '' : `  made ${new Date(created * 1000).toISOString()} by ${made_by}`
  const label = name === '' ? '' : `  "${name}"`
  const calls = rules.join() === 'default' ? '' : `  calls to Stripe: ${rules.join(', ')}`
  return `${id}  ${last4 === null ? '' : `…${last4}  `}${scopes.join(', ') || 'no scope'}${calls}${label}${made}`
}

export function signingSecretLine(secret: SigningSecretView): string {
  const until =
    secret.valid_until === null ? '' : ` until ${new Date(secret.valid_until * 1000).toISOString()}`
  const of = secret.endpoint_id === null ? '' : `  of ${secret.endpoint_id}`
  return `${secret.id}  ${secret.status}${until}${of}`
}

/** @param rows label and value; further lines of a value stand below its first */
export function aligned(rows: readonly (readonly [label: string, value: string])[]): string {
  const width = Math.max(...rows.map(([label]) => label.length)) + 2
  return rows
    .map(([label, value]) => `  ${label.padEnd(width)}${value.replaceAll('\n', `\n  ${' '.repeat(width)}`)}`)
    .join('\n')
}
