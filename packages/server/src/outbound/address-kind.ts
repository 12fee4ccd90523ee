/** What kind of address a number is: of the internet, of a network of one's own, or one that nobody is to call. */
import ipaddr from 'ipaddr.js'

/**
 * `local`: this machine, and networks of one's own (RFC 1918, IPv6 unique local). `forbidden`: what tells a machine of
 * the cloud its credentials, link-local, shared, multicast and reserved addresses, and IPv6 forms that lead to an IPv4
 * address in disguise.
 */
export type AddressKind = 'public' | 'local' | 'forbidden'

/** Ours to call stand in 2000::/3 alone; everything else of IPv6 is special, or not given out. */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3')

const LOCAL = new Set(['loopback', 'private', 'uniqueLocal'])

/** Services of cloud providers for their machines alone, at addresses that look like any other. */
const METADATA = new Set(['168.63.129.16', 'fd00:ec2::254', 'fd20:ce::254'])

/** @param address an IP address as Node gives it; anything else is forbidden. */
export function kindOfAddress(address: string): AddressKind {
  const parsed = parsedAddress(address)
  if (parsed === null || METADATA.has(parsed.toString())) return 'forbidden'
  const range: string = parsed.range()
  if (LOCAL.has(range)) return 'local'
  if (range !== 'unicast') return 'forbidden'
  return parsed instanceof ipaddr.IPv6 && !parsed.match(GLOBAL_UNICAST) ? 'forbidden' : 'public'
}

/** @param networks such as `10.0.0.0/8`, or single addresses; in the form that the settings check. */
export function isWithin(address: string, networks: readonly string[]): boolean {
  const parsed = parsedAddress(address)
  if (parsed === null) return false
  return networks.some((network) => {
    const [start, bits] = ipaddr.parseCIDR(network.includes('/') ? network : wholeOf(network))
    return start.kind() === parsed.kind() && parsed.match([start, bits])
  })
}

/** An IPv4 address that is written as IPv6 is the IPv4 address: the system connects to just that. */
function parsedAddress(address: string): ipaddr.IPv4 | ipaddr.IPv6 | null {
  return ipaddr.isValid(address) ? ipaddr.process(address) : null
}

function wholeOf(address: string): string {
  return `${address}/${address.includes(':') ? 128 : 32}`
}
