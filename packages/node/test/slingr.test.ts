/** The seed's server scripts, as they stand in Slingr's documentation but for `await`. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../../../test/support/eventually.ts'
import type { Slingr } from '../src/index.ts'
import { openPage, type Page } from './a-page.ts'
import { type ClientUnderTest, startClient } from './start-client.ts'

const COLLECT = `
var setupIntent = await app.endpoints.stripe.coreResources.setupIntents.post();
var publicKey = app.endpoints.stripe._configuration.publishableKey;

sys.ui.sendMessage({
    scope: 'plugin:stripe',
    name: 'collectPaymentInformation',
    data: {
       publicKey: publicKey,
       title: 'Card Information',
       dataSecret: setupIntent,
       elementType: 'card',
       elementOptions: null
    },
    callbacks: {
      onSuccess: function(originalMessage, callbackData) {
        sys.logs.debug("Here is the original message for onSuccess");
        sys.logs.debug(JSON.stringify(originalMessage));
        sys.logs.debug("Here is the callback data for onSuccess");
        sys.logs.debug(JSON.stringify(callbackData));
      },
      onFail: function(originalMessage, callbackData) {
        sys.logs.debug("Here is the original message for onFail");
        sys.logs.debug(JSON.stringify(originalMessage));
        sys.logs.debug("Here is the callback data for onFail");
        sys.logs.debug(JSON.stringify(callbackData));
      }
    }
});
`

const HANDLE = `
var publicKey = app.endpoints.stripe._configuration.publishableKey;

sys.ui.sendMessage({
    scope: 'plugin:stripe',
    name: 'handleCardAction',
    data: {
       publicKey: publicKey,
       clientSecret: clientSecret
    },
    callbacks: {
      cardActionCallback: function(originalMessage, callbackData) {
        sys.logs.debug("Here is the original message for cardActionCallback");
        sys.logs.debug(JSON.stringify(originalMessage));
        sys.logs.debug("Here is the callback data for cardActionCallback");
        sys.logs.debug(JSON.stringify(callbackData));
      }
    }
});
`

type Script = (sys: Slingr['sys'], app: Slingr['app'], clientSecret: string) => Promise<void>

function scriptOf(code: string): Script {
  const AsyncFunction = (async () => undefined).constructor as new (...parts: string[]) => Script
  return new AsyncFunction('sys', 'app', 'clientSecret', code)
}

let it: ClientUnderTest
let page: Page
const logged: string[] = []
const note = (...values: readonly unknown[]) => {
  logged.push(values.join(' '))
}
beforeAll(async () => {
  it = await startClient()
  const origin = 'https://shop.example'
  const { token } = await it.tollbridge.ui.createSession({ user: 'ada', origin })
  page = await openPage(it.server, { token, origin })
})
afterAll(async () => {
  page.close()
  await it.stop()
})

/** As a web server runs it: in the request of a page. */
async function run(code: string, clientSecret = ''): Promise<void> {
  const { sys, app } = it.tollbridge.slingr({ logs: { debug: note, info: note, warn: note, error: note } })
  await it.tollbridge.ui.withCaller({ headers: page.headers }, () => scriptOf(code)(sys, app, clientSecret))
}

test('collect payment information', async () => {
  await run(COLLECT)
  const message = await page.message(1)
  expect(message.data).toMatchObject({ title: 'Card Information', elementType: 'card', elementOptions: null })
  expect(message.data.publicKey).toMatch(/^pk_test_/)
  await it.tollbridge.stripe.setupIntents.confirm.post(message.data.dataSecret.id, {
    payment_method: 'pm_card_visa',
    return_url: 'https://shop.example/done',
  })
  expect(await page.answer(message.id, 'onSuccess')).toMatchObject({ status: 200, body: { verified: true } })
  await eventually(() => logged.length === 4, { what: 'the lines of onSuccess' })
  expect(logged[0]).toBe('Here is the original message for onSuccess')
  expect(JSON.parse(logged[1] ?? '')).toMatchObject({ id: message.id, name: 'collectPaymentInformation' })
  expect(JSON.parse(logged[3] ?? '').setupIntent.status).toBe('succeeded')
})

test('handle card action, then confirm on the server', async () => {
  logged.length = 0
  const { stripe } = it.tollbridge.slingr().app.endpoints
  const intent = await stripe.coreResources.paymentIntents.post({
    amount: 1999,
    currency: 'usd',
    payment_method_types: ['card'],
    payment_method: 'pm_card_threeDSecure2Required',
    confirmation_method: 'manual',
    confirm: true,
  })
  expect(intent['status']).toBe('requires_action')
  await run(HANDLE, String(intent['client_secret']))
  const message = await page.message(2)
  expect(message.data.clientSecret).toBe(intent['client_secret'])
  // The page says that the bank is content, and Stripe says that it has not been asked.
  await page.answer(message.id, 'cardActionCallback', { paymentIntent: { status: 'requires_confirmation' } })
  await eventually(() => logged.length === 4, { what: 'the lines of cardActionCallback' })
  expect(JSON.parse(logged[3] ?? '').error.type).toBe('verification_error')
})

test('a message that fails does not end the process of a script that does not await it', async () => {
  const { sys } = it.tollbridge.slingr()
  sys.ui.sendMessage({ scope: 'plugin:nothing', name: 'x', data: {} })
  const heard = await eventually(() => it.errors.find(({ place }) => place === 'message') ?? null)
  expect(heard.error).toMatchObject({ status: 400, param: 'scope' })
})
