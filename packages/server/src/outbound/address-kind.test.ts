import { expect, test } from 'vitest'
import { isWithin, kindOfAddress } from './address-kind.ts'

test.each([
  ['1.1.1.1', 'public'],
  ['172.15.255.255', 'public'],
  ['172.32.0.0', 'public'],
  ['2606:4700:4700::1111', 'public'],
  ['127.0.0.1', 'local'],
  ['127.255.255.254', 'local'],
  ['::1', 'local'],
  ['10.0.0.1', 'local'],
  ['172.16.0.1', 'local'],
  ['192.168.1.1', 'local'],
  ['fd12:3456:789a::1', 'local'],
  // An IPv4 address in the clothes of IPv6 is what it is.
  ['::ffff:127.0.0.1', 'local'],
  ['::ffff:a9fe:a9fe', 'forbidden'],
  ['169.254.169.254', 'forbidden'],
  ['fe80::1', 'forbidden'],
  ['fe80::1%eth0', 'forbidden'],
  ['100.64.0.1', 'forbidden'],
  ['100.100.100.200', 'forbidden'],
  ['168.63.129.16', 'forbidden'],
  ['fd00:ec2::254', 'forbidden'],
  ['0.0.0.0', 'forbidden'],
  ['0.1.2.3', 'forbidden'],
  ['::', 'forbidden'],
  ['224.0.0.1', 'forbidden'],
  ['255.255.255.255', 'forbidden'],
  ['ff02::1', 'forbidden'],
  ['198.18.0.1', 'forbidden'],
  ['192.0.0.192', 'forbidden'],
  ['203.0.113.7', 'forbidden'],
  // NAT64, 6to4, Teredo, IPv4-compatible and site-local: ways round to an IPv4 address, or to nowhere.
  ['64:ff9b::7f00:1', 'forbidden'],
  ['64:ff9b:1::7f00:1', 'forbidden'],
  ['2002:7f00:1::', 'forbidden'],
  ['2001:0:7f00:1::', 'forbidden'],
  ['::7f00:1', 'forbidden'],
  ['fec0::1', 'forbidden'],
  ['2001:db8::1', 'forbidden'],
  ['localhost', 'forbidden'],
  ['', 'forbidden'],
])('%s is %s', (address, kind) => {
  expect(kindOfAddress(address)).toBe(kind)
})

test('networks take single addresses and both families', () => {
  expect(isWithin('10.1.2.3', ['192.168.0.0/16', '10.0.0.0/8'])).toBe(true)
  expect(isWithin('11.1.2.3', ['10.0.0.0/8'])).toBe(false)
  expect(isWithin('::1', ['127.0.0.1', '::1'])).toBe(true)
  expect(isWithin('::ffff:127.0.0.1', ['127.0.0.1'])).toBe(true)
  expect(isWithin('fd00::1', ['10.0.0.0/8', 'fd00::/8'])).toBe(true)
  expect(isWithin('nonsense', ['0.0.0.0/0'])).toBe(false)
})
