/** Under which addresses Stripe can deliver to an app. */

export interface EndpointOwner {
  readonly appId: string
  /** The default app has addresses without its id as well. */
  readonly isDefault: boolean
}

/** The address that activation gives to a new endpoint. */
export function webhookUrl(publicUrl: string, appId: string): string {
  return `${publicUrl}/webhooks/stripe/${appId}`
}

/** Whether an endpoint at this URL delivers to the app, over any of its addresses. */
export function deliversTo(url: string, publicUrl: string, { appId, isDefault }: EndpointOwner): boolean {
  if (!URL.canParse(url)) return false
  const { origin, pathname } = new URL(url)
  if (origin !== new URL(publicUrl).origin) return false
  const path = pathname.replaceAll(/\/{2,}/g, '/').replace(/\/$/, '')
  if (path === `/webhooks/stripe/${appId}`) return true
  const handler = '/services/Stripe/webhooks/handler'
  if (path.startsWith(`/${appId}/`) && path.endsWith(handler)) return true
  return isDefault && (path === '/webhooks/stripe' || path === `/api${handler}`)
}
