/** Where the server listens, what it keeps where, and how it reports. */
import { z } from 'zod'
import { parseMasterKey } from '../secrets/master-key.ts'
import { setting } from './setting.ts'
import {
  list,
  optional,
  origin,
  outboundAddresses,
  port,
  text,
  trustedProxies,
  yesOrNo,
} from './setting-values.ts'

const masterKeys = list.transform((items, ctx) => {
  const keys = items.flatMap((item) => parseMasterKey(item) ?? [])
  if (keys.length > 0 && keys.length === items.length) return keys
  ctx.addIssue({
    code: 'custom',
    message:
      'must be one or more keys of 32 random bytes in base64 (openssl rand -base64 32), separated by commas',
  })
  return z.NEVER
})

export const serverSettings = {
  PORT: setting({ schema: port, default: '4242', description: 'The port of the server.' }),
  HOST: setting({
    schema: text,
    default: '127.0.0.1',
    description: 'The address that the server listens on; 0.0.0.0 opens it to the network.',
  }),
  SANDBOX_PORT: setting({
    schema: port,
    default: '4243',
    description: 'The port of the local Stripe, which runs only while no Stripe keys are set.',
  }),
  TOLLBRIDGE_DATA_DIR: setting({
    schema: text,
    default: '.tollbridge',
    description: 'The folder that holds the database and, in sandbox mode, connection.json.',
  }),
  TOLLBRIDGE_KEY: setting({
    schema: optional(masterKeys),
    default: null,
    secret: true,
    description:
      'The master key that seals the secrets in the database: 32 bytes in base64. Several, separated by commas, while it is rotated: the first seals, all open. Unset: the key file.',
  }),
  TOLLBRIDGE_KEY_FILE: setting({
    schema: optional(text),
    default: null,
    description:
      'The file with the master key, made at the first start when TOLLBRIDGE_KEY is unset. Unset: the file `key` in the data folder.',
  }),
  PUBLIC_URL: setting({
    schema: optional(origin),
    default: null,
    description:
      'The address under which clients reach the server, such as https://pay.example.com; unset: taken from each request.',
  }),
  TRUST_PROXY: setting({
    schema: optional(text.transform(trustedProxies)),
    default: null,
    description:
      'The proxies before the server, whose X-Forwarded-For is believed: their number (1), or their addresses (10.0.0.0/8,::1). Unset: none, and the header is ignored.',
  }),
  OUTBOUND_ADDRESSES: setting({
    schema: text.transform(outboundAddresses),
    default: 'auto',
    description:
      'Where this server may call when an app or a setting names the address (public URLs, the captcha service, deliveries, alarms): judged on the address that the name leads to. public: addresses of the internet alone. Networks such as 10.0.0.0/8,::1: those as well. auto: public, and while no Stripe keys are set this machine and private networks too, except for live apps. any: everything. DANGER: with any, whoever administers an app can make this server call what only it can reach.',
  }),
  AUTO_MIGRATE: setting({
    schema: yesOrNo,
    default: 'true',
    description:
      'Whether the server brings its tables up to date at start. false: start fails and names what is missing.',
  }),
  LOG_LEVEL: setting({
    schema: z.enum(['debug', 'info', 'warn', 'error', 'silent'], {
      error: 'must be debug, info, warn, error or silent',
    }),
    default: 'warn',
    description: 'How much the server logs, as JSON lines on standard error.',
  }),
} as const
