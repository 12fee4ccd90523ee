/** The official SDKs in Chromium, on a page of another origin than Tollbridge. */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { sharedChromium } from '../../support/chromium.ts'
import { startTollbridge, type Tollbridge } from '../../support/start-tollbridge.ts'
import type { Sdk, SdkVersion } from './official-sdks.ts'
import { type PageServer, startPageServer } from './page-server.ts'
import { anOrderId, type Charge, type Message } from './sdk-session.ts'

/** What the script tag of the page makes. */
declare const Backendless: Sdk & {
  readonly CustomServices: { invokeSync(service: string, method: string, body: unknown): unknown }
}

const chromium = await sharedChromium()
const { browser } = chromium
const pages: Page[] = []
const faults: string[] = []
let tollbridge: Tollbridge
let pageServer: PageServer

beforeAll(async () => {
  tollbridge = await startTollbridge()
  pageServer = await startPageServer()
})

afterEach(async () => {
  for (const page of pages.splice(0)) await page.close()
  expect(faults.splice(0)).toEqual([])
})

afterAll(async () => {
  await pageServer.stop()
  await tollbridge.stop()
})

async function openPage(version: SdkVersion): Promise<Page> {
  if (browser === null) throw new Error(chromium.reason)
  const page = await browser.newPage()
  pages.push(page)
  page.on('pageerror', (error) => faults.push(error.message))
  await page.goto(pageServer.pageWith(version))
  return page
}

/** As an argument of what runs in the page. */
const facts = () => {
  const { url, appId, clientKey } = tollbridge
  return { url, appId, clientKey, orderId: anOrderId() }
}

describe.skipIf(browser === null)(
  `in Chromium${browser === null ? `: skipped, ${chromium.reason}` : ''}`,
  () => {
    test.each([
      ['8.0.0', 'key form'],
      ['8.0.0', 'domain form'],
      ['7.4.9', 'key form'],
      ['7.4.9', 'domain form'],
    ] as const)('%s, %s: charge, hear of it, and find it', async (version, form) => {
      const page = await openPage(version)
      const { charge, message, rows, transport } = await page.evaluate(
        async ({ url, appId, clientKey, orderId, isDomain }) => {
          if (isDomain) {
            Backendless.initApp(url)
          } else {
            Backendless.serverURL = url
            Backendless.initApp(appId, clientKey)
          }
          const charge = (await Backendless.CustomServices.invoke('Stripe', 'charge', {
            token: 'tok_visa',
            amount: 1999,
            order_id: orderId,
          } as object)) as Charge
          const selector = `id = '${charge.id}' and type = 'charge.succeeded'`
          const message = await new Promise((resolve, reject) => {
            Backendless.Messaging.subscribe('stripe').addMessageListener(selector, resolve, reject)
          })
          const query = Backendless.DataQueryBuilder.create().setWhereClause(selector)
          const rows = await Backendless.Data.of('StripeEvents').find(query)
          const requests = performance.getEntriesByType('resource').map(({ name }) => name)
          return {
            charge,
            message: message as Message,
            rows,
            transport: requests.some((name) => name.includes('transport=polling')),
          }
        },
        { ...facts(), isDomain: form === 'domain form' },
      )
      expect(charge).toMatchObject({ object: 'charge', amount: 1999 })
      expect(message).toMatchObject({ headers: { id: charge.id }, message: { type: 'charge.succeeded' } })
      expect(rows).toMatchObject([{ ___class: 'StripeEvents', id: charge.id, amount: 1999 }])
      expect(transport).toBe(true)
    })

    test.each(['8.0.0', '7.4.9'] as const)('%s: a page can read why it was refused', async (version) => {
      const page = await openPage(version)
      const refusals = await page.evaluate(async ({ url, appId, clientKey }) => {
        Backendless.serverURL = url
        Backendless.initApp(appId, clientKey)
        const refusalOf = (call: Promise<unknown>) =>
          call.then(
            () => null,
            (error: { code: number; message: string; body: { errorData: object } }) => ({
              code: error.code,
              message: error.message,
              errorData: error.body.errorData,
            }),
          )
        const invoke = (body: object) =>
          refusalOf(Backendless.CustomServices.invoke('Stripe', 'charge', body))
        return {
          declined: await invoke({ token: 'tok_chargeDeclinedInsufficientFunds', amount: 1999 }),
          invalid: await invoke({ token: 'tok_visa' }),
          unpinned: await refusalOf(Backendless.Data.of('StripeEvents').find()),
          write: await refusalOf(Backendless.Data.of('StripeEvents').remove('some-id')),
          publish: await refusalOf(Backendless.Messaging.publish('stripe', 'forged')),
        }
      }, facts())
      expect(refusals).toMatchObject({
        declined: { code: 402, errorData: { decline_code: 'insufficient_funds' } },
        invalid: { code: 400, errorData: { param: 'amount' } },
        unpinned: { code: 403, errorData: { code: 'pin_required' } },
        write: { code: 403, errorData: { code: 'operation_not_allowed' } },
        publish: { code: 403, errorData: { code: 'operation_not_allowed' } },
      })
    })

    test.each(['8.0.0', '7.4.9'] as const)(
      '%s: a signed-in user and an unknown app pass the preflight',
      async (version) => {
        const page = await openPage(version)
        const signedIn = page.waitForRequest(
          (request) => request.headers()['user-token'] === 'A-TOKEN-OF-THE-APP',
        )
        const answers = await page.evaluate(async ({ url, appId, clientKey }) => {
          Backendless.serverURL = url
          Backendless.initApp(appId, clientKey)
          Backendless.LocalCache.set('user-token', 'A-TOKEN-OF-THE-APP')
          const count = await Backendless.Data.of('StripeEvents').getObjectCount("id = 'ch_nobody'")
          Backendless.initApp('app_somebody', clientKey)
          Backendless.LocalCache.set('user-token', 'A-TOKEN-OF-THE-APP')
          const refused: unknown = await Backendless.Data.of('StripeEvents')
            .getObjectCount("id = 'ch_nobody'")
            .catch((error: { body: unknown }) => error.body)
          return { count, refused }
        }, facts())
        expect((await signedIn).url()).toContain('/data/StripeEvents/count')
        expect(answers).toMatchObject({ count: 0, refused: { errorData: { code: 'app_unknown' } } })
      },
    )

    test('5.9.4: invokeSync, as the plugin’s own text shows it', async () => {
      const page = await openPage('5.9.4')
      const { charge, refusal } = await page.evaluate(({ url, appId, clientKey }) => {
        Backendless.serverURL = url
        Backendless.initApp(appId, clientKey)
        const invokeSync = (body: object) => Backendless.CustomServices.invokeSync('Stripe', 'charge', [body])
        const charge = invokeSync({ token: 'tok_visa', amount: 1999 })
        try {
          invokeSync({ token: 'tok_chargeDeclined', amount: 1999 })
          return { charge, refusal: null }
        } catch (error) {
          const { code, message } = error as { code: number; message: string }
          return { charge, refusal: { code, message } }
        }
      }, facts())
      expect(charge).toMatchObject({ object: 'charge', amount: 1999 })
      expect(refusal).toMatchObject({ code: 402, message: 'Your card was declined.' })
    })
  },
)
