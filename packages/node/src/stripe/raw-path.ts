/** Checks the path of a raw call. */

/** @returns the path and its query as given. Throws TypeError for a path outside of Stripe's API. */
export function readRawPath(name: string, path: unknown): { readonly path: string; readonly query: string } {
  const text = typeof path === 'string' ? path : ''
  const [pathname = '', ...rest] = text.split('?')
  // Brackets are left as they are written; everything else that would need encoding must come encoded.
  const isPlain = /^\/v[12](\/[\w.~%:@!$&'()*+,;=-]+)+$/.test(pathname) && !/%(?![0-9a-f]{2})/i.test(pathname)
  const hasDots = pathname.split('/').some((segment) => /^(\.|%2e){1,2}$/i.test(segment))
  if (isPlain && !hasDots && /^[\x21\x24-\x7e]*$/.test(rest.join('?')))
    return { path: pathname, query: rest.join('?') }
  throw new TypeError(
    `The path of ${name} must be a plain path that starts with /v1/ or /v2/, such as "/v1/customers", without a host.`,
  )
}
