/** Which of Stripe's hosts takes a call: files have one of their own. */

const API = new URL('https://api.stripe.com')
const FILES = new URL('https://files.stripe.com')

/** What is read as a file rather than as an object. */
const CONTENTS = /^\/v1\/(?:files\/[^/]+\/contents|quotes\/[^/]+\/pdf)$/

/** @param path with or without its query */
export function stripeHost({ method, path }: { readonly method: string; readonly path: string }): URL {
  const [pathname = ''] = path.split('?', 1)
  if (method === 'POST' && pathname === '/v1/files') return FILES
  return CONTENTS.test(pathname) ? FILES : API
}
