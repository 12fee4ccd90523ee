import { describe, expect, test } from 'vitest'
import type { WebhookEndpoint } from '../stripe/stripe-account.ts'
import { NEEDED_EVENTS } from './needed-events.ts'
import { type EndpointFacts, planEndpoint } from './plan-endpoint.ts'
import { deliversTo } from './webhook-urls.ts'

const publicUrl = 'https://pay.example.com'
const owner = { appId: 'app_1', isDefault: false }
const url = `${publicUrl}/webhooks/stripe/app_1`

function anEndpoint(overrides: Partial<WebhookEndpoint> = {}): WebhookEndpoint {
  return {
    id: 'we_1',
    object: 'webhook_endpoint',
    api_version: null,
    application: null,
    created: 1,
    description: null,
    enabled_events: [...NEEDED_EVENTS],
    livemode: false,
    metadata: {},
    status: 'enabled',
    url,
    ...overrides,
  }
}

function plan(endpoints: readonly WebhookEndpoint[], facts: Partial<EndpointFacts> = {}) {
  return planEndpoint({
    endpoints,
    publicUrl,
    owner,
    rememberedId: null,
    knowsSecret: () => true,
    replace: false,
    ...facts,
  })
}

describe('the plan for an endpoint', () => {
  test('without one for this address, one is made', () => {
    expect(plan([])).toEqual({ kind: 'create', url })
    const elsewhere = anEndpoint({ url: 'https://shop.example.com/webhooks/stripe/app_1' })
    expect(plan([elsewhere])).toEqual({ kind: 'create', url })
  })

  test('one that is right stays as it is, also with every event or more than is needed', () => {
    for (const enabled_events of [[...NEEDED_EVENTS], ['*'], [...NEEDED_EVENTS, 'invoice.paid']]) {
      const endpoint = anEndpoint({ enabled_events })
      expect(plan([endpoint])).toEqual({ kind: 'keep', endpoint })
    }
  })

  test('one that is disabled or lacks events is updated with just that, keeping what it had', () => {
    const endpoint = anEndpoint({ status: 'disabled', enabled_events: ['invoice.paid', 'charge.succeeded'] })
    const planned = plan([endpoint])
    expect(planned).toMatchObject({ kind: 'update', changes: { disabled: false } })
    const { changes } = planned as Extract<typeof planned, { kind: 'update' }>
    expect(changes.enabledEvents?.toSorted()).toEqual(['invoice.paid', ...NEEDED_EVENTS].toSorted())
    expect(changes.url).toBeUndefined()
  })

  test('one whose secret nobody knows stops the activation, and is replaced on request', () => {
    const endpoint = anEndpoint()
    expect(plan([endpoint], { knowsSecret: () => false })).toEqual({ kind: 'secret_unknown', endpoint })
    expect(plan([endpoint], { knowsSecret: () => false, replace: true })).toEqual({
      kind: 'replace',
      endpoint,
    })
  })

  test('of several, the one whose secret is known is taken', () => {
    const known = anEndpoint({ id: 'we_2' })
    expect(plan([anEndpoint(), known], { knowsSecret: (id) => id === 'we_2' })).toEqual({
      kind: 'keep',
      endpoint: known,
    })
  })

  test('the endpoint of an earlier public URL is moved, not doubled', () => {
    const endpoint = anEndpoint({ url: 'https://old.example.com/webhooks/stripe/app_1' })
    expect(plan([endpoint], { rememberedId: 'we_1' })).toEqual({
      kind: 'update',
      endpoint,
      changes: { url },
    })
  })
})

test.each([
  ['/webhooks/stripe/app_1', true, true],
  ['/webhooks/stripe/app_1/', true, true],
  ['//webhooks//stripe/app_1', true, true],
  ['/app_1/some-key/services/Stripe/webhooks/handler', true, true],
  ['/webhooks/stripe', false, true],
  ['/api/services/Stripe/webhooks/handler', false, true],
  ['/webhooks/stripe/app_2', false, false],
  ['/somewhere', false, false],
])('%s delivers to an app: %s, to the default app: %s', (path, ofApp, ofDefault) => {
  expect(deliversTo(publicUrl + path, publicUrl, owner)).toBe(ofApp)
  expect(deliversTo(publicUrl + path, publicUrl, { ...owner, isDefault: true })).toBe(ofDefault)
  expect(deliversTo(`https://other.example.com${path}`, publicUrl, owner)).toBe(false)
})
