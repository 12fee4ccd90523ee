/** The webhook receiver of the textbooks: Express, constructEvent, one durable insert for each request. */
import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import express from 'express'
import { Stripe } from 'stripe'
import { SIGNING_SECRET } from '../webhook-load.ts'
import { serveAsChild } from './serve-as-child.ts'

const folder = mkdtempSync(join(tmpdir(), 'tollbridge-bench-'))
const database = new DatabaseSync(join(folder, 'events.db'))
// The settings of Tollbridge's own store.
database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
database.exec(
  'CREATE TABLE events (id TEXT PRIMARY KEY, type TEXT NOT NULL, payload TEXT NOT NULL) WITHOUT ROWID',
)
const insert = database.prepare('INSERT INTO events VALUES (?, ?, ?) ON CONFLICT DO NOTHING')
const stripe = new Stripe('sk_test_benchmark', { telemetry: false })

const app = express()
app.post('/webhooks/stripe', express.raw({ type: '*/*', limit: '1mb' }), (request, response) => {
  try {
    const event = stripe.webhooks.constructEvent(
      request.body,
      request.headers['stripe-signature'] ?? '',
      SIGNING_SECRET,
    )
    insert.run(event.id, event.type, request.body.toString())
    response.json({ received: true })
  } catch (error) {
    response.status(400).send(String(error))
  }
})
const server = app.listen(0, '127.0.0.1', () => {
  serveAsChild(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, async () => {
    server.close()
    server.closeAllConnections()
    database.close()
    rmSync(folder, { recursive: true })
  })
})
