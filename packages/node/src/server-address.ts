/** The server's address, checked once; every path is resolved below it and cannot leave it. */

export interface ServerAddress {
  /** For messages. */
  readonly origin: string
  /** Without a slash at the end. */
  readonly base: string
  /** @param path encoded, from the server's root. Throws TypeError for one that means another place. */
  resolve(path: string): URL
}

export function parseServerAddress(url: string | URL): ServerAddress {
  const parsed = URL.canParse(String(url)) ? new URL(url) : null
  if (parsed === null || !/^https?:$/.test(parsed.protocol))
    throw new TypeError(
      'url must be the address of the Tollbridge server, such as "https://pay.example.com".',
    )
  if (parsed.username !== '' || parsed.password !== '' || parsed.search !== '' || parsed.hash !== '')
    throw new TypeError('url must have no user, password, query or fragment: keys travel as serverKey.')
  const base = `${parsed.origin}${parsed.pathname.replace(/\/+$/, '')}`
  return {
    origin: parsed.origin,
    base,
    resolve(path) {
      const target = URL.canParse(base + path) ? new URL(base + path) : null
      const [pathname = ''] = path.split('?')
      // A parser that steps over "..", "\\" or a line break has changed the path.
      const isSame =
        target?.origin === parsed.origin &&
        target.hash === '' &&
        target.origin + target.pathname === base + pathname
      if (target !== null && isSame && path.startsWith('/') && !path.startsWith('//')) return target
      throw new TypeError(`The path ${JSON.stringify(path.slice(0, 100))} is not a plain path of the server.`)
    },
  }
}
