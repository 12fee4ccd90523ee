/** An address as it is counted: IPv4 alone, IPv6 by its /64. */
import { BlockList, isIP } from 'node:net'

const IPV4_IN_IPV6 = new BlockList()
IPV4_IN_IPV6.addSubnet('::ffff:0:0', 96, 'ipv6')

/** One household or server has a whole /64 of IPv6 to rotate through, so it is counted as one. */
export function networkOf(address: string): string {
  if (isIP(address) !== 6) return address
  const groups = expand(address.split('%')[0] ?? '')
  if (IPV4_IN_IPV6.check(address, 'ipv6')) {
    const [high = 0, low = 0] = groups.slice(6)
    return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.')
  }
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':')}::/64`
}

/** The eight groups of a valid IPv6 address. */
function expand(address: string): readonly number[] {
  const [head = '', tail] = withoutDots(address).split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length
  return [...left, ...Array.from({ length: zeros }, () => '0'), ...right].map((group) =>
    Number.parseInt(group, 16),
  )
}

/** `::ffff:1.2.3.4` writes its last two groups as IPv4. */
function withoutDots(address: string): string {
  const match = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address)
  if (match === null) return address
  const [, head = '', ...bytes] = match
  const [a = 0, b = 0, c = 0, d = 0] = bytes.map(Number)
  return `${head}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`
}
