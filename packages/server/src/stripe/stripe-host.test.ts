/** Uploads and contents of files go to Stripe's host for files, everything else to its API. */
import { expect, test } from 'vitest'
import { stripeHost } from './stripe-host.ts'

test.each([
  ['POST', '/v1/files', 'files.stripe.com'],
  ['GET', '/v1/files', 'api.stripe.com'],
  ['GET', '/v1/files/file_1', 'api.stripe.com'],
  ['GET', '/v1/files/file_1/contents?x=1', 'files.stripe.com'],
  ['GET', '/v1/quotes/qt_1/pdf', 'files.stripe.com'],
  ['GET', '/v1/quotes/qt_1', 'api.stripe.com'],
  ['POST', '/v1/file_links', 'api.stripe.com'],
  ['POST', '/v2/core/events', 'api.stripe.com'],
])('%s %s goes to %s', (method, path, host) => {
  expect(stripeHost({ method, path }).host).toBe(host)
})
