/** What the SDK tests share: an initialised SDK, payments to hear of, and listeners that keep what they heard. */
import type { Tollbridge } from '../../support/start-tollbridge.ts'
import { loadSdk, type Sdk, type SdkVersion } from './official-sdks.ts'

export interface SdkSession {
  readonly sdk: Sdk
  close(): void
}

export interface SessionOptions {
  readonly appId: string
  /** The client key. */
  readonly key: string
  readonly url: string
}

/** Initialised in the one form that every version knows. */
export function openSession(version: SdkVersion, { appId, key, url }: SessionOptions): SdkSession {
  const sdk = loadSdk(version)
  sdk.serverURL = url
  sdk.initApp(appId, key)
  return sessionOf(sdk)
}

/** Realtime reconnects for ever, so a test must end it. */
export function sessionOf(sdk: Sdk): SdkSession {
  return { sdk, close: () => sdk.RT.disconnect() }
}

/** What a login with `stayLoggedIn` does in the SDK; without it a token alone is not kept. */
export function signIn(sdk: Sdk, userToken: string): void {
  sdk.LocalCache.set('user-token', userToken)
  sdk.setCurrentUserToken(userToken)
}

export interface Message {
  readonly messageId: string
  readonly timestamp: number
  readonly message: { readonly id: string; readonly type: string; readonly data: { readonly object: object } }
  readonly headers: Readonly<Record<string, string>>
}

/** A listener that keeps what came, for messages, rows and errors alike. */
export interface Ear<T> {
  readonly heard: T[]
  readonly errors: { readonly code: number; readonly message: string }[]
  readonly listen: (item: unknown) => void
  readonly fail: (error: unknown) => void
}

export function anEar<T = Message>(): Ear<T> {
  const heard: T[] = []
  const errors: Ear<T>['errors'] = []
  return {
    heard,
    errors,
    listen: (item) => heard.push(item as T),
    fail: (error) => errors.push(error as Ear<T>['errors'][number]),
  }
}

let orders = 0

/** An order that no other test of this run names. */
export function anOrderId(): string {
  orders++
  return `order-${process.pid}-${orders}`
}

export interface Charge {
  readonly id: string
  readonly object: string
  readonly amount: number
  readonly status: string
}

/** A payment that nobody's SDK makes, so that listeners hear of what others do. */
export async function pay(
  { url, appId, clientKey }: Pick<Tollbridge, 'url' | 'appId' | 'clientKey'>,
  orderId: string,
  amount = 1999,
): Promise<Charge & { readonly watchToken: string }> {
  const answer = await fetch(`${url}/${appId}/${clientKey}/services/Stripe/charge`, {
    method: 'POST',
    body: JSON.stringify({ token: 'tok_visa', amount, order_id: orderId }),
  })
  const charge = (await answer.json()) as Charge
  if (!answer.ok) throw new Error(`The charge failed: ${JSON.stringify(charge)}`)
  return { ...charge, watchToken: answer.headers.get('tollbridge-watch-token') ?? '' }
}

/** The selector and where clause of the one event that every paid order has exactly once. */
export function chargeOf(orderId: string): string {
  return `orderId = '${orderId}' and type = 'charge.succeeded'`
}

/** What an SDK rejects with. */
export interface Refusal {
  readonly code: number
  readonly message: string
  readonly status?: number
  readonly body?: { readonly errorData: Readonly<Record<string, unknown>> }
}

export async function refusalOf(call: Promise<unknown>): Promise<Refusal> {
  try {
    await call
  } catch (error) {
    return error as Refusal
  }
  throw new Error('Expected a refusal')
}
