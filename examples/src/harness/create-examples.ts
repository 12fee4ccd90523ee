/** Answers requests of the example shops: their pages, their files, and the routes of their own servers. */
import { randomUUID } from 'node:crypto'
import { shops } from '../shops.ts'
import { once } from './once.ts'
import { askStripeOrigin, pagePolicy } from './page-policy.ts'
import { type Shop, ShopError, type ShopLink, type ShopRoute, type ShopSettings } from './shop.ts'
import { readShopFile } from './shop-files.ts'

export interface ExampleOptions extends ShopSettings {
  /** Where the shops stand, such as `/examples`; the root unless told. */
  readonly path?: string
}

export interface Examples {
  readonly links: readonly ShopLink[]
  /** @returns null where no shop stands */
  handle(request: Request): Promise<Response | null>
  /** Lets go of what the shops' servers hold open. */
  close(): Promise<void>
}

const VISITOR_COOKIE = 'example_shop_visitor'

export function createExamples({ path = '', ...settings }: ExampleOptions): Examples {
  const open = new Map(
    shops.map((shop) => [
      shop.name,
      { shop, ...openShop(shop, settings), prepare: once(async () => shop.prepare?.(settings)) },
    ]),
  )
  const stripeOrigin = once(() => askStripeOrigin(settings))

  async function page(request: Request, shop: Shop): Promise<Response> {
    const html = await readShopFile(`src/${shop.name}/index.html`)
    if (html === null) return text(404, 'The page of this shop is missing.')
    const values: Readonly<Record<string, string>> = { ...settings, serverKey: '', path: `${path}/` }
    const filled = html.toString().replace(/\{\{(\w+)\}\}/g, (_, name: string) => values[name] ?? '')
    const headers = new Headers({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': pagePolicy(settings.url, await stripeOrigin()),
      'referrer-policy': 'same-origin',
    })
    if (visitorOf(request) === null) {
      const secure = new URL(request.url).protocol === 'https:' ? '; Secure' : ''
      const cookie = `${VISITOR_COOKIE}=${randomUUID()}; Path=${path}/${shop.name}/; HttpOnly; SameSite=Strict${secure}`
      headers.set('set-cookie', cookie)
    }
    return new Response(filled, { headers })
  }

  async function file(path: string): Promise<Response> {
    const bytes = await readShopFile(path)
    if (bytes === null) return text(503, 'This file is not built: run npm run build.')
    const type = path.endsWith('.css') ? 'text/css' : 'text/javascript'
    return new Response(new Uint8Array(bytes), {
      headers: { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'no-cache' },
    })
  }

  return {
    async close() {
      await Promise.all([...open.values()].map((shop) => shop.close()))
    },
    links: shops.map(({ name, title, summary }) => ({ path: `${path}/${name}/`, title, summary })),
    async handle(request) {
      const { pathname } = new URL(request.url)
      if (!pathname.startsWith(`${path}/`)) return null
      const [name = '', ...rest] = pathname.slice(path.length + 1).split('/')
      const found = open.get(name)
      if (found === undefined) return null
      if (rest.length === 0)
        return new Response(null, { status: 308, headers: { location: `${path}/${name}/` } })
      const inside = rest.join('/')
      if (rest[0] === 'api') return callRoute(request, found.routes.get(rest.slice(1).join('/')))
      if (request.method !== 'GET' && request.method !== 'HEAD')
        return text(405, 'Only GET is answered here.')
      if (inside === '') {
        await found.prepare()
        return page(request, found.shop)
      }
      const listed = Object.hasOwn(found.shop.files, inside) ? found.shop.files[inside] : undefined
      return listed === undefined ? null : file(listed)
    },
  }
}

function openShop(shop: Shop, settings: ShopSettings) {
  const { routes, close = async () => undefined } = shop.open(settings)
  return { routes: new Map(Object.entries(routes)), close }
}

/** Other sites cannot call these routes: the cookie is SameSite=Strict, and JSON from elsewhere wants a preflight. */
async function callRoute(request: Request, route: ShopRoute | undefined): Promise<Response> {
  if (route === undefined) return failure(404, 'The shop has no such route.')
  if (request.method !== 'POST') return failure(405, 'Call this route with POST.')
  if (!/^application\/json\b/.test(request.headers.get('content-type') ?? ''))
    return failure(415, 'Send JSON, with Content-Type: application/json.')
  const id = visitorOf(request)
  if (id === null) return failure(401, 'The shop does not know you: open its page first.')
  try {
    const body: unknown = await request.json().catch(() => null)
    if (typeof body !== 'object' || body === null || Array.isArray(body))
      throw new ShopError(400, 'The body must be a JSON object.')
    const origin = request.headers.get('origin') ?? new URL(request.url).origin
    return Response.json(
      await route(request, { body: body as Record<string, unknown>, visitor: { id, origin } }),
    )
  } catch (error) {
    if (error instanceof ShopError) return failure(error.status, error.message)
    // What Stripe says of a card is for the payer; the rest is for the shop's own log.
    const { type, message } = error as { readonly type?: string; readonly message?: string }
    if (type === 'card_error') return failure(402, message ?? 'The card was declined.')
    console.error(error)
    return failure(500, 'Something went wrong in the shop; nothing was charged that it does not know of.')
  }
}

function visitorOf(request: Request): string | null {
  const cookies = request.headers.get('cookie') ?? ''
  return new RegExp(`(?:^|; )${VISITOR_COOKIE}=([0-9a-f-]{36})(?:;|$)`).exec(cookies)?.[1] ?? null
}

function failure(status: number, message: string): Response {
  return Response.json({ error: { message } }, { status })
}

function text(status: number, message: string): Response {
  return new Response(`${message}\n`, { status, headers: { 'content-type': 'text/plain; charset=utf-8' } })
}
