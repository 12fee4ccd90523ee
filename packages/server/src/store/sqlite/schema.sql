-- The tables of the SQLite store, as its migrations make them. Generated; see dump-schema.ts.

CREATE TABLE alarms (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  app_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  message TEXT NOT NULL,
  first_seen INTEGER NOT NULL,
  last_seen INTEGER NOT NULL,
  count INTEGER NOT NULL,
  cleared_at INTEGER
, id TEXT, cleared_by TEXT CHECK (cleared_by IN ('itself', 'hand')), told TEXT) STRICT;

CREATE UNIQUE INDEX alarms_id ON alarms (id);

CREATE INDEX alarms_standing ON alarms (first_seen) WHERE cleared_at IS NULL;

CREATE UNIQUE INDEX alarms_subject ON alarms (app_id, kind, subject);

CREATE TABLE app_changes (
  only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
  version INTEGER NOT NULL,
  probed_at INTEGER
) STRICT;

CREATE TABLE app_client_keys (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  app_id TEXT NOT NULL REFERENCES apps (app_id),
  client_key TEXT NOT NULL UNIQUE
) STRICT;

CREATE INDEX app_client_keys_app ON app_client_keys (app_id);

CREATE TABLE app_server_keys (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  app_id TEXT NOT NULL REFERENCES apps (app_id),
  key_hash TEXT NOT NULL UNIQUE
, name TEXT NOT NULL DEFAULT '', scopes TEXT NOT NULL DEFAULT 'read payments refunds ui', made_by TEXT, created_at INTEGER, last_four TEXT) STRICT;

CREATE INDEX app_server_keys_app ON app_server_keys (app_id);

CREATE TABLE apps (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  app_id TEXT NOT NULL UNIQUE,
  mode TEXT NOT NULL CHECK (mode IN ('sandbox', 'test', 'live')),
  created_at INTEGER NOT NULL
, origin TEXT NOT NULL DEFAULT 'environment'
  CHECK (origin IN ('environment', 'admin')), name TEXT NOT NULL DEFAULT '', currency TEXT, publishable_key TEXT, stripe_account_id TEXT, public_url TEXT, api_base TEXT, webhook_endpoint_id TEXT, disabled_at INTEGER) STRICT;

CREATE TABLE audit_trail (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  app_id TEXT,
  actor_kind TEXT NOT NULL,
  actor_id TEXT,
  address TEXT,
  action TEXT NOT NULL,
  target TEXT,
  details TEXT NOT NULL
) STRICT;

CREATE INDEX audit_trail_app ON audit_trail (app_id, number);

CREATE TABLE blocked_cards (
  app_id TEXT NOT NULL,
  card TEXT NOT NULL,
  until INTEGER NOT NULL,
  PRIMARY KEY (app_id, card)
) STRICT, WITHOUT ROWID;

CREATE INDEX blocked_cards_until ON blocked_cards (app_id, until);

CREATE TABLE brakes (
  app_id TEXT PRIMARY KEY,
  is_on INTEGER NOT NULL,
  reason TEXT,
  changed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE catalog_items (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  app_id TEXT NOT NULL,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  prices TEXT NOT NULL,
  active INTEGER NOT NULL,
  max_quantity INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX catalog_items_id ON catalog_items (app_id, id);

CREATE INDEX catalog_items_sequence ON catalog_items (app_id, sequence);

CREATE TABLE column_refresh (
  only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
  version INTEGER NOT NULL,
  position INTEGER NOT NULL,
  upto INTEGER NOT NULL
) STRICT;

CREATE TABLE doubts (
  app_id TEXT PRIMARY KEY,
  since INTEGER NOT NULL,
  reason TEXT NOT NULL,
  noted_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE event_failures (
  position INTEGER NOT NULL,
  number INTEGER NOT NULL,
  app_id TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  failed_at INTEGER NOT NULL,
  error TEXT NOT NULL,
  PRIMARY KEY (position, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE event_handling (
  position INTEGER PRIMARY KEY,
  app_id TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('received', 'handled', 'failed', 'dead')),
  attempts INTEGER NOT NULL,
  lease_token TEXT,
  due_at INTEGER,
  started_at INTEGER,
  handled_at INTEGER
, earlier INTEGER NOT NULL DEFAULT 0) STRICT;

CREATE INDEX event_handling_due ON event_handling (due_at) WHERE due_at IS NOT NULL;

CREATE INDEX event_handling_state ON event_handling (app_id, state, position) WHERE state <> 'handled';

CREATE TABLE event_tallies (
  app_id TEXT NOT NULL,
  day TEXT NOT NULL,
  type TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (app_id, day, type)
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  app_id TEXT NOT NULL,
  object_id TEXT NOT NULL,
  event_id TEXT NOT NULL,
  type TEXT NOT NULL,
  id TEXT NOT NULL,
  object_type TEXT,
  charge_id TEXT,
  payment_intent_id TEXT,
  customer_id TEXT,
  order_id TEXT,
  amount INTEGER,
  currency TEXT,
  status TEXT,
  livemode INTEGER NOT NULL,
  api_version TEXT,
  stripe_created INTEGER NOT NULL,
  created INTEGER NOT NULL,
  updated INTEGER,
  owner_id TEXT,
  source TEXT NOT NULL,
  payload TEXT NOT NULL
, account TEXT, context TEXT, flag TEXT CHECK (flag IN ('wrong_mode', 'foreign_account', 'doctor'))) STRICT;

CREATE INDEX events_created ON events (app_id, created, position, type, flag);

CREATE INDEX events_customer_id ON events (app_id, customer_id) WHERE customer_id IS NOT NULL;

CREATE UNIQUE INDEX events_event_id ON events (app_id, event_id);

CREATE INDEX events_flag ON events (app_id, flag, position) WHERE flag IS NOT NULL;

CREATE INDEX events_id ON events (app_id, id);

CREATE UNIQUE INDEX events_object_id ON events (app_id, object_id);

CREATE INDEX events_order_id ON events (app_id, order_id) WHERE order_id IS NOT NULL;

CREATE INDEX events_payment_intent_id ON events (app_id, payment_intent_id)
  WHERE payment_intent_id IS NOT NULL;

CREATE INDEX events_position ON events (app_id, position, type, created, flag);

CREATE TABLE guard_counters (
  app_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  slot_start INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  failures INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (app_id, kind, subject, slot_start)
) STRICT, WITHOUT ROWID;

CREATE INDEX guard_counters_expires_at ON guard_counters (expires_at);

CREATE TABLE migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT;

CREATE TABLE operator_keys (
  key_hash TEXT PRIMARY KEY,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE order_fulfilments (
  app_id TEXT NOT NULL,
  account TEXT NOT NULL,
  order_id TEXT NOT NULL,
  payment_id TEXT NOT NULL,
  fulfilled_at INTEGER NOT NULL,
  PRIMARY KEY (app_id, account, order_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE passthrough_rules (
  key_hash TEXT PRIMARY KEY,
  app_id TEXT NOT NULL,
  rules TEXT NOT NULL,
  changed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE "payment_attempts" (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  app_id TEXT NOT NULL,
  account TEXT NOT NULL,
  subject TEXT NOT NULL,
  request_key TEXT,
  fingerprint TEXT NOT NULL,
  order_id TEXT,
  terms TEXT,
  operation TEXT NOT NULL
    CHECK (operation IN ('create', 'update', 'confirm', 'capture', 'cancel', 'refund')),
  call_intent TEXT,
  call_params TEXT NOT NULL,
  idempotency_key TEXT NOT NULL UNIQUE,
  state TEXT NOT NULL CHECK (state IN ('open', 'succeeded', 'requires_action', 'processing', 'failed')),
  payment_intent_id TEXT,
  charge_id TEXT,
  refund_id TEXT,
  payment_status TEXT,
  failure TEXT,
  tries INTEGER NOT NULL,
  first_sent_at INTEGER NOT NULL,
  last_sent_at INTEGER NOT NULL,
  last_error TEXT,
  lease_token TEXT,
  due_at INTEGER,
  is_owed INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  finished_at INTEGER
, payer TEXT, replaces TEXT, sent_after INTEGER NOT NULL DEFAULT 0, absent_since INTEGER) STRICT;

CREATE INDEX payment_attempts_account ON payment_attempts (app_id, account) WHERE account <> '';

CREATE INDEX payment_attempts_customer ON payment_attempts (app_id, json_extract(call_params, '$.customer'))
  WHERE json_extract(call_params, '$.customer') IS NOT NULL;

CREATE INDEX payment_attempts_due ON payment_attempts (due_at) WHERE state = 'open';

CREATE INDEX payment_attempts_intent ON payment_attempts (app_id, payment_intent_id)
  WHERE payment_intent_id IS NOT NULL;

CREATE UNIQUE INDEX payment_attempts_open ON payment_attempts (app_id, account, subject) WHERE state = 'open';

CREATE INDEX payment_attempts_order ON payment_attempts (app_id, order_id) WHERE order_id IS NOT NULL;

CREATE INDEX payment_attempts_owed ON payment_attempts (app_id, account, subject) WHERE is_owed = 1;

CREATE UNIQUE INDEX payment_attempts_request_key ON payment_attempts (app_id, account, request_key)
  WHERE request_key IS NOT NULL;

CREATE TABLE payment_orders (
  app_id TEXT NOT NULL,
  account TEXT NOT NULL,
  order_id TEXT NOT NULL,
  payment_intent_id TEXT NOT NULL,
  terms TEXT NOT NULL,
  created_at INTEGER NOT NULL, payer TEXT,
  PRIMARY KEY (app_id, account, order_id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX payment_orders_intent ON payment_orders (app_id, account, payment_intent_id);

CREATE TABLE payments (
  app_id TEXT NOT NULL,
  id TEXT NOT NULL,
  account TEXT,
  order_id TEXT,
  status TEXT NOT NULL,
  amount INTEGER NOT NULL,
  amount_capturable INTEGER NOT NULL,
  amount_received INTEGER NOT NULL,
  amount_refunded INTEGER NOT NULL,
  currency TEXT NOT NULL,
  charge_id TEXT,
  customer_id TEXT,
  livemode INTEGER NOT NULL,
  dispute_id TEXT,
  dispute_status TEXT,
  last_error TEXT,
  created INTEGER NOT NULL,
  updated INTEGER NOT NULL,
  needs_reread INTEGER NOT NULL,
  evidence TEXT NOT NULL,
  last_position INTEGER NOT NULL,
  checked_position INTEGER NOT NULL,
  fulfilled_at INTEGER,
  poll_at INTEGER,
  polls INTEGER NOT NULL
, fulfilled_key TEXT) STRICT;

CREATE INDEX payments_charge_id ON payments (app_id, charge_id) WHERE charge_id IS NOT NULL;

CREATE INDEX payments_created ON payments (app_id, created, id);

CREATE INDEX payments_customer_id ON payments (app_id, customer_id, created) WHERE customer_id IS NOT NULL;

CREATE INDEX payments_fulfilled ON payments (app_id, fulfilled_at) WHERE fulfilled_at IS NOT NULL;

CREATE UNIQUE INDEX payments_id ON payments (app_id, id);

CREATE INDEX payments_order_id ON payments (app_id, order_id) WHERE order_id IS NOT NULL;

CREATE INDEX payments_poll ON payments (poll_at) WHERE poll_at IS NOT NULL;

CREATE INDEX payments_unchecked ON payments (last_position) WHERE checked_position < last_position;

CREATE INDEX payments_unfulfilled ON payments (app_id, created, id)
  WHERE status = 'succeeded' AND fulfilled_at IS NULL;

CREATE TABLE price_issues (
  app_id TEXT PRIMARY KEY,
  last INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE price_policies (
  app_id TEXT PRIMARY KEY,
  policy TEXT NOT NULL CHECK (policy IN ('open', 'quote', 'catalog')),
  currencies TEXT,
  allow_open INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
, allow_client_capture INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;

CREATE TABLE quote_keys (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  app_id TEXT NOT NULL,
  key_id TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL,
  retires_at INTEGER
) STRICT;

CREATE INDEX quote_keys_app ON quote_keys (app_id);

CREATE TABLE quote_uses (
  app_id TEXT NOT NULL,
  quote_id TEXT NOT NULL,
  order_id TEXT NOT NULL,
  used_at INTEGER NOT NULL,
  forget_at INTEGER NOT NULL,
  PRIMARY KEY (app_id, quote_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX quote_uses_forget_at ON quote_uses (forget_at);

CREATE TABLE repair_progress (
  app_id TEXT NOT NULL PRIMARY KEY,
  stripe_created INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE retention (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  position INTEGER NOT NULL,
  attempt_sequence INTEGER NOT NULL
) STRICT;

CREATE TABLE secrets (
  app_id TEXT NOT NULL,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  note TEXT,
  created_at INTEGER NOT NULL,
  valid_until INTEGER,
  PRIMARY KEY (app_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE store_identity (
  only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
  id TEXT NOT NULL,
  sequence INTEGER NOT NULL
) STRICT;

CREATE TABLE stripe_calls (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  app_id TEXT NOT NULL,
  key_id TEXT NOT NULL,
  method TEXT NOT NULL,
  path TEXT NOT NULL,
  account TEXT,
  idempotency_key TEXT,
  started_at INTEGER NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome IN ('unknown', 'answered', 'broken_off', 'not_sent', 'refused')),
  status INTEGER,
  error TEXT,
  stripe_request_id TEXT,
  ended_at INTEGER,
  bytes_sent INTEGER NOT NULL,
  bytes_received INTEGER NOT NULL
) STRICT;

CREATE INDEX stripe_calls_app ON stripe_calls (app_id, number);

CREATE INDEX stripe_calls_odd ON stripe_calls (app_id, outcome, number) WHERE outcome <> 'answered';

CREATE TABLE ui_callbacks (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  app_id TEXT NOT NULL,
  message_id TEXT NOT NULL UNIQUE REFERENCES ui_messages (id) ON DELETE CASCADE,
  callback TEXT NOT NULL,
  data TEXT NOT NULL,
  verified INTEGER NOT NULL,
  page TEXT NOT NULL,
  handler TEXT,
  handler_data TEXT NOT NULL,
  instance TEXT,
  state TEXT NOT NULL CHECK (state IN ('pending', 'done', 'failed')),
  error TEXT,
  deliveries INTEGER NOT NULL,
  lease_token TEXT,
  due_at INTEGER
) STRICT;

CREATE INDEX ui_callbacks_due ON ui_callbacks (app_id, due_at) WHERE due_at IS NOT NULL;

CREATE INDEX ui_callbacks_lease ON ui_callbacks (lease_token) WHERE lease_token IS NOT NULL;

CREATE TABLE ui_changes (
  only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
  change INTEGER NOT NULL
) STRICT;

CREATE TABLE ui_messages (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  app_id TEXT NOT NULL,
  original TEXT NOT NULL,
  callbacks TEXT NOT NULL,
  users TEXT NOT NULL,
  tab TEXT,
  instance TEXT,
  request_key TEXT,
  fingerprint TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  state TEXT NOT NULL CHECK
    (state IN ('queued', 'delivered', 'claimed', 'settled', 'canceled', 'expired', 'undeliverable')),
  claimed_by TEXT,
  ended_at INTEGER,
  change INTEGER NOT NULL
, intent TEXT, intent_before TEXT, ends_as TEXT CHECK (ends_as IN ('canceled', 'expired', 'undeliverable')), claims INTEGER NOT NULL DEFAULT 0) STRICT;

CREATE INDEX ui_messages_change ON ui_messages (change);

CREATE INDEX ui_messages_claimed ON ui_messages (sequence) WHERE state = 'claimed' AND ended_at IS NULL;

CREATE INDEX ui_messages_ended_at ON ui_messages (ended_at) WHERE ended_at IS NOT NULL;

CREATE INDEX ui_messages_ending ON ui_messages (sequence) WHERE ends_as IS NOT NULL;

CREATE INDEX ui_messages_expires_at ON ui_messages (expires_at) WHERE ended_at IS NULL;

CREATE INDEX ui_messages_instance ON ui_messages (app_id, instance, change)
  WHERE instance IS NOT NULL AND ended_at IS NOT NULL;

CREATE INDEX ui_messages_intent ON ui_messages (app_id, intent) WHERE ended_at IS NULL;

CREATE UNIQUE INDEX ui_messages_request_key ON ui_messages (app_id, request_key)
  WHERE request_key IS NOT NULL;

CREATE TABLE ui_presences (
  holder TEXT PRIMARY KEY,
  app_id TEXT NOT NULL,
  user_id TEXT,
  tab TEXT,
  instance TEXT,
  until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX ui_presences_instance ON ui_presences (app_id, instance) WHERE instance IS NOT NULL;

CREATE INDEX ui_presences_until ON ui_presences (until);

CREATE INDEX ui_presences_user ON ui_presences (app_id, user_id) WHERE user_id IS NOT NULL;

CREATE TABLE ui_recipients (
  app_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  message_sequence INTEGER NOT NULL REFERENCES ui_messages (sequence) ON DELETE CASCADE,
  PRIMARY KEY (app_id, user_id, message_sequence)
) STRICT, WITHOUT ROWID;

CREATE INDEX ui_recipients_message ON ui_recipients (message_sequence);

CREATE TABLE watched_payments (
  app_id TEXT NOT NULL,
  payment_intent_id TEXT NOT NULL,
  subjects TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (app_id, payment_intent_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX watched_payments_expires_at ON watched_payments (expires_at);
