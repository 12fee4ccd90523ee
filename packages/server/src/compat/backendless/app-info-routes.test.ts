import { describe, expect, test } from 'vitest'
import { publicOrigin } from './app-info-routes.ts'

const direct = { protocol: 'http', host: 'localhost:4242' } as const

describe('the origin that clients are sent to', () => {
  test('is PUBLIC_URL where it is set', () => {
    const headers = { 'x-forwarded-proto': 'http', 'x-forwarded-host': 'elsewhere.example' }
    expect(publicOrigin({ ...direct, headers }, 'https://pay.example.com')).toBe('https://pay.example.com')
  })

  test('is else what the request came to', () => {
    expect(publicOrigin({ ...direct, headers: {} }, undefined)).toBe('http://localhost:4242')
  })

  test('is what the first proxy was asked for', () => {
    const headers = { 'x-forwarded-proto': 'https, http', 'x-forwarded-host': 'pay.example.com, inner:80' }
    expect(publicOrigin({ ...direct, headers }, undefined)).toBe('https://pay.example.com')
  })

  test.each(['pay.example.com/path', 'user@pay.example.com', 'a b', ''])(
    'never takes %j for a host',
    (host) => {
      const headers = { 'x-forwarded-proto': 'javascript', 'x-forwarded-host': host }
      expect(publicOrigin({ ...direct, headers }, undefined)).toBe('http://localhost:4242')
    },
  )
})
