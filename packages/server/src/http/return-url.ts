/** Where a bank may send a payer back to. */

/** This machine, as a browser on it says so. */
const LOCAL_HOST = /^(?:localhost|[\w-]+\.localhost|127\.0\.0\.1|\[::1\])$/

/**
 * Takes https, http on this machine, and the registered schemes of apps. Never what runs in the page that follows it
 * (`javascript:`, `data:`, `blob:`), whatever is registered: the settings refuse those.
 * @param schemes lower case, without the colon.
 */
export function isReturnUrl(text: string, schemes: readonly string[]): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hostname, username, password } = new URL(text)
  // `https:shop` and `https:\\shop` lead elsewhere in other readers; what stands before an `@` only looks like a host.
  if (/^https?:$/.test(protocol) && (!/^https?:\/\/[^/\\]/i.test(text) || username + password !== ''))
    return false
  if (protocol === 'https:') return hostname !== ''
  if (protocol === 'http:') return LOCAL_HOST.test(hostname)
  return schemes.includes(protocol.slice(0, -1))
}
