/** How much one client, and all together, may take up; and how long a stop may take. */
import { setting } from './setting.ts'
import { pace, wholeNumber } from './setting-values.ts'

const count = (unit: string) => wholeNumber(1, 10_000_000, unit)

export const limitSettings = {
  STOP_TIMEOUT_SECONDS: setting({
    schema: wholeNumber(1, 600, 'seconds'),
    default: '10',
    description:
      'How long a stop may take. First nothing new is taken (503), then idle connections are closed, then what is under way ends; what is not done by then is cut, and payments that were waiting for Stripe are finished at the next start.',
  }),
  REQUEST_TIMEOUT_SECONDS: setting({
    schema: wholeNumber(1, 600, 'seconds'),
    default: '30',
    description:
      'How long the body of a request may take to arrive; its head may take as long, and at most 10 seconds. After that it is answered 408. Files on their way to Stripe may take longer.',
  }),
  MAX_CONNECTIONS: setting({
    schema: count('connections'),
    default: '20000',
    description: 'How many connections may be open in all, on all ports.',
  }),
  MAX_CONNECTIONS_PER_ADDRESS: setting({
    schema: count('connections'),
    default: '1000',
    description:
      'How many connections one address may have open (IPv6: one /64). The proxies of TRUST_PROXY are not counted.',
  }),
  MAX_BODY_MEGABYTES: setting({
    schema: count('megabytes'),
    default: '256',
    description: 'How much of the bodies of unanswered requests may be held in memory in all.',
  }),
  MAX_BODY_MEGABYTES_PER_ADDRESS: setting({
    schema: count('megabytes'),
    default: '32',
    description: 'The same for one address, which is the client’s behind the proxies of TRUST_PROXY.',
  }),
  MAX_STREAMS_PER_ADDRESS: setting({
    schema: count('streams'),
    default: '500',
    description:
      'How many streams (server-sent events, Socket.IO, messages to pages) one address may have open.',
  }),
  MAX_STREAMS_PER_KEY: setting({
    schema: count('streams'),
    default: '10000',
    description: 'The same for one key; the client key is that of all payers together.',
  }),
  MAX_STREAMS_PER_APP: setting({
    schema: count('streams'),
    default: '10000',
    description: 'The same for one app.',
  }),
  MAX_SUBSCRIPTION_MEGABYTES_PER_ADDRESS: setting({
    schema: count('megabytes'),
    default: '16',
    description:
      'How much memory the subscriptions of one address may take, with their parsed conditions: 1 KiB each, and 16 bytes a character.',
  }),
  MAX_SUBSCRIPTION_MEGABYTES_PER_KEY: setting({
    schema: count('megabytes'),
    default: '256',
    description: 'The same for one key.',
  }),
  MAX_SUBSCRIPTION_MEGABYTES_PER_APP: setting({
    schema: count('megabytes'),
    default: '256',
    description: 'The same for one app.',
  }),
  CLIENT_READS_PER_ADDRESS: setting({
    schema: pace,
    default: '1000 in 30s',
    description:
      'How often one address may read without a server key (payments, events, rows, the start of a stream or a subscription), so that nobody can try out order ids: so many at once, and again as many over that time.',
  }),
  CLIENT_READS_PER_KEY: setting({
    schema: pace,
    default: '20000 in 30s',
    description: 'The same for one client key, which is that of all payers together.',
  }),
  CLIENT_READS_PER_APP: setting({
    schema: pace,
    default: '20000 in 30s',
    description: 'The same for one app.',
  }),
} as const
