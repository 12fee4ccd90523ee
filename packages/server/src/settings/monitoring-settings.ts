/** Who hears of alarms, who reads metrics, and when something is an alarm. */
import { setting } from './setting.ts'
import { keyLike, optional, webAddress, wholeNumber } from './setting-values.ts'

export const monitoringSettings = {
  ALARM_URL: setting({
    schema: optional(webAddress),
    default: null,
    description:
      'Where alarms are posted to when they begin and when they are over, signed as Standard Webhooks say. Needs ALARM_SECRET; OUTBOUND_ADDRESSES says which addresses may be called.',
  }),
  ALARM_SECRET: setting({
    schema: optional(
      keyLike(/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/, 'whsec_ and 24 or more random bytes in base64'),
    ),
    default: null,
    secret: true,
    description:
      'Signs what is posted to ALARM_URL: whsec_ and random bytes in base64 (openssl rand -base64 32).',
  }),
  METRICS_TOKEN: setting({
    schema: optional(keyLike(/^[\x21-\x7e]{16,}$/, '16 or more printable characters without spaces')),
    default: null,
    secret: true,
    description:
      'Opens GET /metrics, as "Authorization: Bearer …". Unset: the metrics are closed, but to this very machine while no Stripe keys are set.',
  }),
  DISK_ALARM_MB: setting({
    schema: wholeNumber(0, 1_000_000_000, 'megabytes'),
    default: '512',
    description:
      'The alarm disk_nearly_full is raised when less is free on the disk of the database; with less than a tenth of it, /readyz answers 503. 0 switches both off.',
  }),
  UNFULFILLED_ALARM_SECONDS: setting({
    schema: wholeNumber(0, 31_536_000, 'seconds'),
    default: '3600',
    description:
      'The alarm paid_not_fulfilled is raised when a payment has been paid for so long and nobody has called fulfill for it, in apps that do so at all. 0 switches it off.',
  }),
} as const
