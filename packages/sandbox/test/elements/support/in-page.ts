/** Small programs that tests run inside the shop's page. */
import type { Shop } from './open-shop.ts'

export const CARD_FORM =
  '<form id="form"><label for="card">Card</label><div id="card"></div><button>Pay</button></form>'

// biome-ignore lint/suspicious/noExplicitAny: whatever the page's Stripe.js gives
export type PageValue = any

/**
 * Runs a function body in the page, with `stripe`, the mounted elements by type in `el`, what they told in `events`,
 * and `given`; resolves with what it returns. A thrown error comes back as `{thrown: message}`.
 */
export function inPage(shop: Shop, body: string, given?: unknown): Promise<PageValue> {
  return shop.page.evaluate(
    async ([code, argument]) => {
      const world = window as unknown as Record<string, unknown>
      const run = new Function('stripe', 'el', 'events', 'given', `return (async () => { ${code} })()`)
      try {
        return await run(world['stripe'], world['el'], world['events'], argument)
      } catch (error) {
        return { thrown: String(error) }
      }
    },
    [body, given] as const,
  )
}

export interface ElementPlan {
  type: string
  at: string
  options?: object
}

/** Mounts elements of one group, and waits until each is ready. Their events go to `events`. */
export async function mount(shop: Shop, plans: ElementPlan[], group: object = {}): Promise<void> {
  const outcome = await inPage(
    shop,
    `
    window.el = {}
    window.events = []
    window.group = stripe.elements(given.group)
    for (const { type, at, options } of given.plans) {
      const element = window.group.create(type, options)
      window.el[type] = element
      for (const name of ['ready', 'change', 'focus', 'blur', 'escape', 'loaderror', 'confirm', 'cancel', 'loaderstart']) {
        element.on(name, (event) => window.events.push({ type, name, event }))
      }
      const settled = new Promise((resolve) => { element.once('ready', resolve); element.once('loaderror', resolve) })
      element.mount(at)
      await settled
    }`,
    { plans, group },
  )
  if (outcome?.thrown) throw new Error(outcome.thrown)
}

/** The last change event of an element. */
export function lastChange(shop: Shop, type: string): Promise<PageValue> {
  return inPage(
    shop,
    "return events.filter((entry) => entry.type === given && entry.name === 'change').at(-1)?.event",
    type,
  )
}

export async function classesOf(shop: Shop, selector: string): Promise<string[]> {
  const value = await shop.page.locator(selector).getAttribute('class')
  return (value ?? '').split(' ').filter(Boolean).sort()
}
