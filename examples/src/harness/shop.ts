/** What one example shop is made of: files for its page, and the routes of its own server. */

/** Where the shop finds Tollbridge, and by which keys. */
export interface ShopSettings {
  /** Origin of the Tollbridge server. */
  readonly url: string
  readonly appId: string
  /** Public: goes into the page. */
  readonly clientKey: string
  /** Secret: stays on the shop's server. */
  readonly serverKey: string
}

/** Whoever has the shop open; known again by a cookie. */
export interface Visitor {
  readonly id: string
  /** Origin of the shop's page. */
  readonly origin: string
}

export interface ShopCall {
  readonly body: Readonly<Record<string, unknown>>
  readonly visitor: Visitor
}

/** A route of the shop's server: takes JSON, gives JSON, and throws ShopError for what the page may be told. */
export type ShopRoute = (request: Request, call: ShopCall) => Promise<object>

export interface Shop {
  /** Its folder, and the part of its address. */
  readonly name: string
  readonly title: string
  /** One sentence. */
  readonly summary: string
  /** Name in an address → file: `src/…` as it stands, `dist/…` joined by the build. */
  readonly files: Readonly<Record<string, string>>
  /** Done once, before the page is first shown. */
  prepare?(settings: ShopSettings): Promise<void>
  /** Starts the shop's own server. */
  open(settings: ShopSettings): OpenShop
}

export interface OpenShop {
  /** Name under `api/` → what it does. */
  readonly routes: Readonly<Record<string, ShopRoute>>
  close?(): Promise<void>
}

export interface ShopLink {
  readonly path: string
  readonly title: string
  readonly summary: string
}

/** Said to the page as it stands; everything else is "something went wrong". */
export class ShopError extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}
