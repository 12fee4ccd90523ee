/** The whole product with its example shops, and a browser that notes everything that should not happen. */
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished, vi } from 'vitest'
import { sharedChromium } from '../../support/chromium.ts'
import { startTollbridge, type Tollbridge } from '../../support/start-tollbridge.ts'
import { ensureBuilt } from './built.ts'

const chromium = await sharedChromium()
export const browser: Browser | null = chromium.browser
/** For the title of what is skipped. */
export const skipped = browser === null ? `: skipped, ${chromium.reason}` : ''

export interface Visit {
  readonly page: Page
  readonly context: BrowserContext
  /** Console errors, page errors and requests to elsewhere; must be empty at the end. */
  readonly faults: string[]
  /** Takes back a fault that the test brought about itself. Fails when there is none. */
  expectFault(pattern: RegExp): void
  /** As above, where it depends on the moment. */
  allowFault(pattern: RegExp): void
}

export interface Shops {
  readonly tollbridge: Tollbridge
  /** Opens an address of the server in a browser of its own, as another person would. */
  visit(path: string, options?: BrowserContextOptions): Promise<Visit>
  /** Another tab of the same person. */
  anotherTab(visit: Visit, path: string): Promise<Page>
}

/** Starts once for the test file. */
export function openShops(env: Readonly<Record<string, string>> = {}): Shops {
  // A browser on a busy machine takes its time.
  vi.setConfig({ testTimeout: 90_000 })
  let started: Tollbridge | null = null
  beforeAll(async () => {
    await ensureBuilt()
    started = await startTollbridge({ env })
  }, 240_000)
  afterAll(async () => {
    await started?.stop()
  })
  const tollbridge = () => {
    if (started === null) throw new Error('The product has not started')
    return started
  }

  async function openTab(context: BrowserContext, faults: string[], path: string): Promise<Page> {
    const page = await context.newPage()
    page.setDefaultTimeout(15_000)
    page.on('pageerror', (error) => faults.push(`page error: ${error.message}`))
    page.on('console', (line) => {
      if (line.type() === 'error' || line.type() === 'warning')
        faults.push(`console ${line.type()}: ${line.text()} (${line.location().url})`)
    })
    page.on('request', (request) => {
      if (!isLocal(request.url())) faults.push(`request to elsewhere: ${request.url()}`)
    })
    await page.goto(tollbridge().url + path)
    return page
  }

  return {
    get tollbridge() {
      return tollbridge()
    },
    async visit(path, options = {}) {
      if (browser === null) throw new Error(chromium.reason ?? 'no browser')
      const context = await browser.newContext({ locale: 'en-US', ...options })
      const faults: string[] = []
      onTestFinished(async () => {
        await context.close()
        expect(faults).toEqual([])
      })
      const page = await openTab(context, faults, path)
      return {
        page,
        context,
        faults,
        allowFault(pattern) {
          const rest = faults.filter((fault) => !pattern.test(fault))
          faults.splice(0, faults.length, ...rest)
        },
        expectFault(pattern) {
          const rest = faults.filter((fault) => !pattern.test(fault))
          expect(
            faults.length - rest.length,
            `a fault like ${pattern} in ${faults.join('\n')}`,
          ).toBeGreaterThan(0)
          faults.splice(0, faults.length, ...rest)
        },
      }
    },
    anotherTab: ({ context, faults }, path) => openTab(context, faults, path),
  }
}

function isLocal(url: string): boolean {
  const { protocol, hostname } = new URL(url)
  return !/^(https?|wss?):$/.test(protocol) || /^(.+\.)?localhost$/.test(hostname) || hostname === '127.0.0.1'
}
