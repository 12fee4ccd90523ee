/** The page at `/` of a running server. */
import { describe, expect, test } from 'vitest'
import { violationsOf } from './support/axe.ts'
import { browser, openShops, skipped } from './support/open-shops.ts'
import { servePages } from './support/serve-pages.ts'

const shops = openShops()

describe.skipIf(browser === null)(`the root page${skipped}`, () => {
  test('offers the three shops, and each opens', async () => {
    const { page } = await shops.visit('/')
    for (const [link, heading] of [
      ['A pay button', 'Your cart'],
      ['Save a card', 'Save a card, pay with it later'],
      ['Backendless code', 'Stoneware teapot'],
    ] as const) {
      await page.getByRole('link', { name: link }).click()
      await page.getByRole('heading', { level: 1, name: heading }).waitFor()
      await page.getByRole('link', { name: 'All examples' }).click()
      await page.getByRole('heading', { level: 1, name: 'Tollbridge is running' }).waitFor()
    }
  })

  test('gives a script tag that a browser takes, with its hash', async () => {
    const { page, context } = await shops.visit('/')
    const tag = await page.locator('#tag').textContent()
    await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.getByRole('button', { name: 'Copy the tag' }).click()
    await page.getByText('Copied').waitFor()
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(tag)

    const shop = await context.newPage()
    await shop.goto(await servePages({ '/': `<!doctype html><title>Shop</title>${tag}` }))
    const mode = await shop.evaluate(async () => {
      const { tollbridge } = window as unknown as { tollbridge: { ready(): Promise<{ mode: string }> } }
      return (await tollbridge.ready()).mode
    })
    expect(mode).toBe('sandbox')
  })

  test('holds no secret, and loads nothing', async () => {
    const { page } = await shops.visit('/')
    const requests: string[] = []
    page.on('request', (request) => requests.push(request.url()))
    const answer = await page.reload()
    expect(requests).toHaveLength(1)
    expect(answer?.headers()['content-security-policy']).toContain("default-src 'none'")
    expect(await page.content()).not.toContain(shops.tollbridge.serverKey)
  })

  test.each([
    ['light', 360],
    ['light', 1280],
    ['dark', 360],
    ['dark', 1280],
  ] as const)('is accessible: %s, %i pixels wide', async (colorScheme, width) => {
    const { page } = await shops.visit('/', { colorScheme, viewport: { width, height: 800 } })
    expect(await violationsOf(page)).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true)
  })
})
