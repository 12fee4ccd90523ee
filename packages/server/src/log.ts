/** The process log: JSON lines by pino, with everything that could be a secret taken out. */
import { type Logger, pino } from 'pino'

export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error' | 'isLevelEnabled'> & {
  child(bindings: object): Log
}

/** Header and field names whose values never reach the log. */
const SECRET_PATHS = [
  'req.headers.authorization',
  'req.headers["user-token"]',
  'req.headers["stripe-signature"]',
  'req.headers.cookie',
  '*.secret',
  '*.client_secret',
  '*.signingSecret',
  '*.serverKey',
]

/** What carries its secret in its own text, whatever message of somebody else it stands in. */
const SECRET_TEXTS = /((?:sk|rk)_(?:test|live)_|whsec_|tbk_|_secret_)[\w-]+/g

export function createLog(level: string, destination?: NodeJS.WritableStream): Log {
  const options = {
    level,
    redact: { paths: SECRET_PATHS, censor: '[secret]' },
    hooks: { streamWrite: (line: string) => line.replace(SECRET_TEXTS, '$1[secret]') },
    base: null,
  }
  return destination === undefined ? pino(options) : pino(options, destination)
}

/** For tests and tools that must stay silent. */
export const silentLog: Log = pino({ level: 'silent' })
