/** The session of a page: asked for when needed, once, and anew when it is over. */
import { expect, test } from 'vitest'
import type { PageApi } from '../page-api.ts'
import { createMemory } from '../payments/memory.ts'
import { TollbridgeError } from '../tollbridge-error.ts'
import { createUiSession, type SessionSource } from './ui-session.ts'

function tokenFor(seconds: number, name = ''): string {
  const claims = { exp: Math.floor(Date.now() / 1000) + seconds, sub: `Jörg?>~${name}` }
  return `head.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.signature${name}`
}

/** A server that takes the tokens in `good`, and says what it was shown. */
function sessionWith(source: SessionSource, good: readonly string[] = []) {
  const shown: string[] = []
  const api: PageApi = {
    url: 'https://pay.example',
    clientKey: undefined,
    actingFor: () => api,
    request: () => Promise.reject(new Error('Not used')),
    async open(_method, _path, options) {
      const token = options?.headers?.['Tollbridge-Ui-Session'] ?? ''
      shown.push(token)
      if (good.includes(token)) return new Response('{}')
      throw new TollbridgeError({
        type: 'authentication_error',
        code: 'ui_session_expired',
        message: '',
        status: 401,
      })
    },
  }
  return { shown, session: createUiSession(api, createMemory(), source) }
}

test('one token serves until it is about to expire', async () => {
  const tokens = [tokenFor(31), tokenFor(20), tokenFor(3_600)]
  let asked = 0
  const { session } = sessionWith(() => tokens[asked++] ?? '')
  const token = async () => (await session.headers())['Tollbridge-Ui-Session']
  expect(await Promise.all([token(), token()])).toEqual([tokens[0], tokens[0]])
  session.forget()
  expect(await token()).toBe(tokens[1])
  expect(await token()).toBe(tokens[2])
  expect(await token()).toBe(tokens[2])
  expect(asked).toBe(3)
})

test('a refused token is exchanged once, and a second refusal stands', async () => {
  const [old, fresh] = [tokenFor(3_600, 'old'), tokenFor(3_600, 'fresh')]
  const tokens = [old, fresh]
  const healing = sessionWith(() => tokens.shift() ?? '', [fresh])
  expect((await healing.session.open('GET', '/v1/ui/stream')).ok).toBe(true)
  expect(healing.shown).toEqual([old, fresh])
  const hopeless = sessionWith(() => old)
  await expect(hopeless.session.open('GET', '/v1/ui/stream')).rejects.toMatchObject({
    code: 'ui_session_expired',
  })
  expect(hopeless.shown).toEqual([old, old])
})

test('a token that the page was given for good is not exchanged', async () => {
  const { session, shown } = sessionWith('fixed')
  await expect(session.open('GET', '/v1/ui/stream')).rejects.toMatchObject({ status: 401 })
  expect(shown).toEqual(['fixed'])
})

test('a failure to get a token is told, and the next request tries again', async () => {
  let isDown = true
  const { session } = sessionWith(async () => {
    if (isDown) throw new TypeError('Failed to fetch')
    return tokenFor(3_600)
  })
  await expect(session.headers()).rejects.toThrow('Failed to fetch')
  isDown = false
  expect((await session.headers())['Tollbridge-Tab']).toMatch(/^tab_/)
})
