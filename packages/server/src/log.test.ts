import { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { createLog } from './log.ts'

function logged(write: (log: ReturnType<typeof createLog>) => void): string {
  let text = ''
  const destination = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk)
      done()
    },
  })
  write(createLog('debug', destination))
  return text
}

test.each([
  ['a secret key of Stripe', 'sk_live_abc123DEF456', 'sk_live_'],
  ['a restricted key of Stripe', 'rk_test_abc123DEF456', 'rk_test_'],
  ['a signing secret', 'whsec_abc123DEF456', 'whsec_'],
  ['a server key', 'tbk_abc-123_DEF456', 'tbk_'],
  ['a client secret', 'pi_1_secret_abc123DEF456', 'pi_1_secret_'],
])('%s in the message of a failure does not reach the log', (_what, secret, start) => {
  const cause = new Error(`Stripe says: ${secret} is not known`)
  const text = logged((log) =>
    log.error({ err: new Error('It failed', { cause }), note: secret }, `Key ${secret}`),
  )
  expect(text).not.toContain(secret.slice(start.length))
  expect(text).toContain(`${start}[secret]`)
  expect(JSON.parse(text)).toMatchObject({ level: 50, note: `${start}[secret]` })
})

test('the name of a setting stays readable', () => {
  expect(logged((log) => log.info('Check STRIPE_WEBHOOK_SECRET'))).toContain('Check STRIPE_WEBHOOK_SECRET')
})
