/** How much one client, and all together, may take up; and how long a stop may take. */
import { setting } from './setting.ts'
import { wholeNumber } from './setting-values.ts'

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
} as const
