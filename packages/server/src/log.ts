/** The process log: JSON lines by pino, with everything that could be a secret taken out. */
import { type Logger, pino } from 'pino'
import { withoutSecrets } from './access/secret-texts.ts'

export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error' | 'isLevelEnabled'> & {
  child(bindings: object): Log
}

/** Header and field names whose values never reach the log, whatever they look like. */
const SECRET_NAMES = [
  'authorization',
  'cookie',
  'user-token',
  'stripe-signature',
  'secret',
  'client_secret',
  'clientSecret',
  'signingSecret',
  'signing_secret',
  'serverKey',
  'server_key',
  'operatorKey',
  'secretKey',
  'secret_key',
  'watch_token',
  'watchToken',
  'customer_token',
  'customerToken',
  'token',
  'quote',
  'captcha',
  'password',
]
const SECRET_PATHS = SECRET_NAMES.flatMap((name) =>
  ['', '*.', '*.*.', '*.*.*.'].map((above) => `${above.slice(0, -1)}["${name}"]`),
)

export function createLog(level: string, destination?: NodeJS.WritableStream): Log {
  const options = {
    level,
    redact: { paths: SECRET_PATHS, censor: '[secret]' },
    hooks: { streamWrite: (line: string) => withoutSecrets(line, '[secret]') },
    base: null,
  }
  return destination === undefined ? pino(options) : pino(options, destination)
}

/** For tests and tools that must stay silent. */
export const silentLog: Log = pino({ level: 'silent' })
