/** The shop that keeps cards: both samples of Slingr, from the page and from the shop's own server. */
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import {
  bankButton,
  CARDS,
  cardFrame,
  dialog,
  dialogButton,
  pressEscape,
  typeCard,
} from './support/card-form.ts'
import { browser, openShops, skipped } from './support/open-shops.ts'

const shops = openShops()
const PATH = '/examples/modal-checkout/'

/** Through the page's own form. */
async function saveCard(page: Page, number: string, button = 'Add a card'): Promise<void> {
  await page.getByRole('button', { name: button }).click()
  await typeCard(page, number)
  await dialogButton(page, 'Save').click()
}

describe.skipIf(browser === null)(`modal-checkout${skipped}`, () => {
  test('a card is saved by the page, and the shop’s server charges it', async () => {
    const { page } = await shops.visit(PATH)
    await saveCard(page, CARDS.good)
    await page.getByText('Your card is saved: visa •••• 4242.').first().waitFor()
    expect(await dialog(page).count()).toBe(0)
    await page.getByRole('button', { name: 'Pay with the saved card' }).click()
    await page.getByText('Paid. The beans are on their way.').first().waitFor()
    expect(await page.getByRole('button', { name: 'Paid' }).isDisabled()).toBe(true)
    // The card is the customer's, whatever becomes of the page.
    await page.reload()
    await page.getByText('visa •••• 4242').first().waitFor()
  })

  test('a declined card is told, and another one is saved', async () => {
    const { page, expectFault } = await shops.visit(PATH)
    await saveCard(page, CARDS.declined)
    await page
      .getByRole('alert')
      .getByText(/declined/)
      .waitFor()
    expectFault(/402 .*\/confirm/)
    await saveCard(page, CARDS.good)
    await page.getByText('Your card is saved: visa •••• 4242.').first().waitFor()
  })

  test('3-D Secure of a later payment: the page lets the bank ask, and the server confirms', async () => {
    const { page } = await shops.visit(PATH)
    await saveCard(page, CARDS.asksBank)
    await bankButton(page, 'complete').click()
    await page.getByText('Your card is saved: visa •••• 3184.').first().waitFor()
    await page.getByRole('button', { name: 'Pay with the saved card' }).click()
    await bankButton(page, 'complete').click()
    await page.getByText('Stripe says the payment is requires_confirmation').first().waitFor()
    await page.getByText('Paid. The beans are on their way.').first().waitFor()
  })

  test('3-D Secure that fails charges nothing, and the next try may pass', async () => {
    const { page } = await shops.visit(PATH)
    await saveCard(page, CARDS.asksBank)
    await bankButton(page, 'complete').click()
    await page.getByText('Your card is saved').first().waitFor()
    const pay = page.getByRole('button', { name: 'Pay with the saved card' })
    await pay.click()
    await bankButton(page, 'fail').click()
    await page
      .getByRole('alert')
      .getByText(/authenticat/)
      .waitFor()
    await pay.click()
    await bankButton(page, 'complete').click()
    await page.getByText('Paid. The beans are on their way.').first().waitFor()
  })

  test('who gives up is told so, by the button and by the keyboard', async () => {
    const { page } = await shops.visit(PATH)
    const add = page.getByRole('button', { name: 'Add a card' })
    await add.click()
    await cardFrame(page).locator('[name="cardnumber"]').waitFor()
    await dialogButton(page, 'Cancel').click()
    await page.getByRole('alert').getByText('The form was closed before it was finished.').waitFor()
    expect(await add.evaluate((button) => button === document.activeElement)).toBe(true)
    await page.keyboard.press('Enter')
    await cardFrame(page).locator('[name="cardnumber"]').waitFor()
    await pressEscape(page)
    await page.getByRole('alert').getByText('The form was closed before it was finished.').waitFor()
    expect(await dialog(page).count()).toBe(0)
  })

  test('with the keyboard alone', async () => {
    const { page } = await shops.visit(PATH)
    await page.getByText('Espresso beans').waitFor()
    // Skips the link at the top.
    await page.keyboard.press('Tab')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await cardFrame(page).locator('[name="cardnumber"]').waitFor()
    await cardFrame(page).locator('[name="cardnumber"]:focus').waitFor()
    // The fields lead on to each other.
    await page.keyboard.type(`${CARDS.good}123412394107`)
    await page.keyboard.press('Enter')
    await page.getByText('Your card is saved: visa •••• 4242.').first().waitFor()
    await page.keyboard.press('Tab')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.getByText('Paid. The beans are on their way.').first().waitFor()
  })

  test('the shop’s server asks for a card, and its callback hears what Stripe has confirmed', async () => {
    const { page } = await shops.visit(PATH)
    await page.getByRole('button', { name: 'Let our server ask' }).click()
    await dialog(page).getByRole('heading', { name: 'The shop asks for your card' }).waitFor()
    await typeCard(page, CARDS.good)
    await dialogButton(page, 'Save').click()
    await page.getByText('The shop’s server has saved your card: visa •••• 4242.').first().waitFor()
    await page.getByRole('button', { name: 'Pay with the saved card' }).click()
    await page.getByText('Paid. The beans are on their way.').first().waitFor()
  })

  test('the server learns that the shopper gave up', async () => {
    const { page, expectFault } = await shops.visit(PATH)
    await page.getByRole('button', { name: 'Let our server ask' }).click()
    await cardFrame(page).locator('[name="cardnumber"]').waitFor()
    await pressEscape(page)
    await page.getByRole('alert').getByText('The form was closed before it was finished.').waitFor()
    expectFault(/409 .*\/api\/ask-for-card/)
  })

  test('only the tab that asked gets the server’s message', async () => {
    const visit = await shops.visit(PATH)
    const second = await shops.anotherTab(visit, PATH)
    await second.getByText('Espresso beans').waitFor()
    await visit.page.bringToFront()
    await visit.page.getByRole('button', { name: 'Let our server ask' }).click()
    await cardFrame(visit.page).locator('[name="cardnumber"]').waitFor()
    expect(await dialog(second).count()).toBe(0)
    await typeCard(visit.page, CARDS.good)
    await dialogButton(visit.page, 'Save').click()
    await visit.page.getByText('The shop’s server has saved your card').first().waitFor()
    expect(await dialog(second).count()).toBe(0)
  })

  test('reload in the middle of the server’s message: it opens again, and is answered once', async () => {
    const { page } = await shops.visit(PATH)
    await page.getByRole('button', { name: 'Let our server ask' }).click()
    await cardFrame(page).locator('[name="cardnumber"]').waitFor()
    await page.reload()
    await typeCard(page, CARDS.good)
    await dialogButton(page, 'Save').click()
    await dialog(page).waitFor({ state: 'detached' })
    // The page that asked is gone; the one that is there now learns of it all the same.
    await page.getByText('The shop’s server has saved your card: visa •••• 4242.').first().waitFor()
    expect(await page.locator('#card').innerText()).toBe('visa •••• 4242')
    await page.getByRole('button', { name: 'Pay with the saved card' }).click()
    await page.getByText('Paid. The beans are on their way.').first().waitFor()
  })

  test('a callback that is forged is never a success', async () => {
    const { page, expectFault } = await shops.visit(PATH)
    const posted: Record<string, string>[] = []
    // Says to the server that the card was saved, while it was not.
    await page.route('**/v1/ui/callbacks', async (route) => {
      const body = route.request().postDataJSON() as Record<string, string>
      posted.push(await route.request().allHeaders())
      const setupIntent = { id: 'seti_1forged', status: 'succeeded', payment_method: 'pm_1forged' }
      await route.continue({
        postData: JSON.stringify({
          ...body,
          callback: 'onSuccess',
          data: { setupIntent, result: { setupIntent } },
        }),
      })
    })
    await page.getByRole('button', { name: 'Let our server ask' }).click()
    await cardFrame(page).locator('[name="cardnumber"]').waitFor()
    await dialogButton(page, 'Cancel').click()
    await page.getByRole('alert').getByText(/./).waitFor()
    expectFault(/409 .*\/api\/ask-for-card/)
    expect(await page.locator('#card').innerText()).toBe('No card is saved yet.')
    expect(await page.getByRole('button', { name: 'Pay with the saved card' }).isDisabled()).toBe(true)

    // Nor does a callback of another session, or of none, do anything.
    const id = 'uim_0000'
    const headers = posted[0] ?? {}
    const other = await fetch(`${shops.tollbridge.url}/v1/ui/callbacks`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        origin: 'https://evil.example',
        'tollbridge-ui-session': headers['tollbridge-ui-session'] ?? '',
        'tollbridge-tab': headers['tollbridge-tab'] ?? '',
      },
      body: JSON.stringify({ id, callback: 'onSuccess', data: {} }),
    })
    expect([other.status, (await other.json()).error.code]).toEqual([403, 'origin_refused'])
  })

  test('the stream of messages is lost and comes back: the message waits for it', async () => {
    const { page, context, allowFault } = await shops.visit(PATH)
    await page.getByText('Espresso beans').waitFor()
    const caller = await page.evaluate(async () => {
      const { tollbridge } = window as unknown as { tollbridge: { ui: { headers(): Promise<object> } } }
      return tollbridge.ui.headers() as Promise<Record<string, string>>
    })
    await context.setOffline(true)
    const setupIntent = await serverCall('/v1/setup_intents', { usage: 'off_session' })
    const message = await serverCall('/v1/ui/messages', {
      scope: 'plugin:stripe',
      name: 'collectPaymentInformation',
      data: { title: 'While you were away', dataSecret: setupIntent['client_secret'] },
      callbacks: { onSuccess: null, onFail: null },
      caller: { session: caller['Tollbridge-Ui-Session'], tab: caller['Tollbridge-Tab'] },
    })
    await context.setOffline(false)
    await dialog(page).getByRole('heading', { name: 'While you were away' }).waitFor()
    // Where the stream outlives the rest, the message is there before it can be taken up.
    allowFault(/ERR_INTERNET_DISCONNECTED .*\/claim/)
    await typeCard(page, CARDS.good)
    await dialogButton(page, 'Save').click()
    await eventually(async () => {
      const { status, callback } = await serverCall(`/v1/ui/messages/${message['id']}`)
      return status === 'settled' && (callback as { verified: boolean }).verified
    })
  })
})

async function serverCall(path: string, body?: object): Promise<Record<string, unknown>> {
  const answer = await fetch(shops.tollbridge.url + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      authorization: `Bearer ${shops.tollbridge.serverKey}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  expect(answer.ok, await answer.clone().text()).toBe(true)
  return answer.json()
}
