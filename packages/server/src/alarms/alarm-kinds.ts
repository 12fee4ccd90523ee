/** Every kind of alarm: what it is called, what it means, and what to do. The table of docs/operations.md is made of it. */

export interface AlarmKindFacts {
  /** `critical`: money or events are at stake now. `warning`: they will be, unless somebody looks. */
  readonly severity: 'critical' | 'warning'
  readonly title: string
  /** What it means for the app and its payers. */
  readonly meaning: string
  readonly action: string
  /**
   * `condition`: it is looked at again and again, and over when the condition is; one that was cleared by hand stays quiet
   * until then. `incident`: it happened; one that was cleared by hand is raised anew when it happens again.
   */
  readonly form: 'condition' | 'incident'
}

export const alarmKinds = {
  event_dead: {
    severity: 'critical',
    title: 'Events are dead',
    meaning:
      'Their handling failed at every try and is not tried any more, so what they say of payments is missing from the rows that the app reads.',
    action:
      'Read the error with GET /v1/events/<id>, mend its cause, then handle them anew: tollbridge events replay --state dead, or POST /v1/admin/events/<id>/replay. Sending the event again in the Stripe Dashboard does the same.',
    form: 'condition',
  },
  event_conflict: {
    severity: 'critical',
    title: 'One event id came with two contents',
    meaning:
      'A delivery bore the id of a stored event and said something else. It was refused with 409, and the stored event stays as it is. Stripe does not do that: somebody else may hold a signing secret.',
    action:
      'Compare the stored event with the one in the Stripe Dashboard. If they agree, roll the signing secret (tollbridge keys roll-signing-secret) and find out who could read it.',
    form: 'incident',
  },
  signatures_refused: {
    severity: 'critical',
    title: 'Webhooks are refused one after the other',
    meaning:
      'No delivery since has had a good signature. If they come from Stripe, events arrive late, from its list alone; Stripe gives up after three days and may disable the endpoint.',
    action:
      'Compare the signing secret with the one of the endpoint in the Stripe Dashboard, look at the clock of this machine, and make sure that no proxy changes bodies. Deliveries of strangers raise this too, and then harm nothing.',
    form: 'condition',
  },
  webhooks_silent: {
    severity: 'critical',
    title: 'Webhooks do not arrive',
    meaning:
      'Payments move at Stripe while its webhooks are missing, so events come late, from Stripe’s list.',
    action:
      'Check that the endpoint is enabled, that its URL reaches this server without a redirect, and that its signing secret is the one set here: tollbridge doctor does all three.',
    form: 'condition',
  },
  clock_skew: {
    severity: 'warning',
    title: 'The clock of this machine is wrong',
    meaning:
      'It differs from Stripe’s by more than a minute. Tokens and quotes expire at wrong times, and beyond WEBHOOK_TOLERANCE_SECONDS every webhook is refused. No charge depends on it.',
    action: 'Set the clock, and keep it right with NTP (chrony, systemd-timesyncd).',
    form: 'condition',
  },
  order_paid_twice: {
    severity: 'critical',
    title: 'An order was paid twice',
    meaning: 'Two payments of one order have succeeded, so a payer has paid for the same thing two times.',
    action: 'Look at both payments, and give one of them back.',
    form: 'condition',
  },
  amount_mismatch: {
    severity: 'critical',
    title: 'A payment has another amount than was asked for',
    meaning: 'What Stripe says that the payment costs is not what Tollbridge asked for.',
    action: 'Do not deliver before you know why, and refund it if need be.',
    form: 'condition',
  },
  attempt_open_too_long: {
    severity: 'critical',
    title: 'It is not known how a call to Stripe ended',
    meaning:
      'Its order can be neither paid again nor called unpaid. Tollbridge goes on looking for the outcome at Stripe.',
    action:
      'Check that Stripe can be reached and that the key may read payments (tollbridge doctor); then look the order up in the Stripe Dashboard.',
    form: 'condition',
  },
  paid_not_fulfilled: {
    severity: 'warning',
    title: 'An order is paid and not fulfilled',
    meaning: 'Somebody has paid, and the app’s server has not said that it delivered.',
    action:
      'Look why the app’s server did not call POST /v1/payments/<id>/fulfill; GET /v1/payments/unfulfilled lists what is owed.',
    form: 'condition',
  },
  store_failing: {
    severity: 'critical',
    title: 'The database takes no writes',
    meaning: 'Payments and webhooks are refused with 503. Stripe sends its events again, for three days.',
    action: 'Look at the disk, at the rights of the data folder, and at who else has the database open.',
    form: 'condition',
  },
  disk_nearly_full: {
    severity: 'critical',
    title: 'The disk is nearly full',
    meaning: 'Once it is, nothing can be written: payments and webhooks are refused.',
    action: 'Make room on the disk of the data folder. DISK_ALARM_MB says from where on this is raised.',
    form: 'condition',
  },
  queue_delayed: {
    severity: 'critical',
    title: 'Events wait to be handled',
    meaning: 'They are stored, and what they say does not reach the rows that the app reads.',
    action: 'Look at the log for what keeps the server busy, and at /metrics; a restart takes up what waits.',
    form: 'condition',
  },
  api_version_drift: {
    severity: 'warning',
    title: 'Webhooks come in another API version',
    meaning:
      'Tollbridge reads the shapes of all versions, but code of yours that reads payloads gets another shape than it was written for.',
    action:
      'Set the API version of the webhook endpoint to the one that is named (activating the app anew does it), or clear this alarm by hand to stay as it is.',
    form: 'condition',
  },
  alarm_url_failing: {
    severity: 'warning',
    title: 'Alarms do not reach ALARM_URL',
    meaning:
      'Whoever waits for alarms there does not hear of them. They are sent again until they are taken.',
    action:
      'Check that the address answers 2xx to a POST, and that OUTBOUND_ADDRESSES lets this server call it.',
    form: 'condition',
  },
} as const satisfies Record<string, AlarmKindFacts>

export type AlarmKind = keyof typeof alarmKinds
