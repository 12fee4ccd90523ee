/** Which events are taken, how long they are kept whole, and how gaps are found. */
import { setting } from './setting.ts'
import { list, optional, wholeNumber } from './setting-values.ts'

export const eventSettings = {
  CONNECTED_ACCOUNTS: setting({
    schema: optional(
      list.refine(
        (items) =>
          items.length > 0 && (items.join() === 'all' || items.every((item) => /^acct_\w+$/.test(item))),
        { error: 'must be all, or one or more accounts acct_…, separated by commas' },
      ),
    ),
    default: null,
    description:
      'Connect: the accounts whose events this server takes beside those of its own account (acct_…, separated by commas, or all). Accounts on which the app charges (Stripe-Account) are taken as well. Events of other accounts are stored and flagged, and nothing more happens with them.',
  }),
  RETENTION_DAYS: setting({
    schema: wholeNumber(0, 36_500, 'days'),
    default: '400',
    description:
      'After so many days the stored text of an event is cut down to ids, amounts and states, without personal data. 0: never.',
  }),
  AUDIT_RETENTION_DAYS: setting({
    schema: wholeNumber(0, 36_500, 'days'),
    default: '730',
    description:
      'How long the rows of the audit trail are kept: who changed keys, secrets, prices, the brake, activations and rules. 0: for ever.',
  }),
  REPAIR_INTERVAL_SECONDS: setting({
    schema: wholeNumber(0, 86_400, 'seconds'),
    default: '60',
    description:
      'How often the event log is compared with the list that Stripe keeps; what no webhook brought is stored. 0 switches it off.',
  }),
  WEBHOOKS_SILENT_SECONDS: setting({
    schema: wholeNumber(1, 86_400, 'seconds'),
    default: '600',
    description:
      'The alarm webhooks_silent is raised when payments move at Stripe for so long without one of its webhooks.',
  }),
  WEBHOOK_TOLERANCE_SECONDS: setting({
    schema: wholeNumber(1, 3_600, 'seconds'),
    default: '300',
    description: 'How far the time of a webhook signature may be from our clock, both ways.',
  }),
} as const
