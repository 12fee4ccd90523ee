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

const TOKEN = 'eyJhbGciOiJIUzI1NiJ9.eyJhdWQiOiJ0b2xsYnJpZGdlIn0.c2lnbmF0dXJlLXNpZ25hdHVyZQ'

/** What is secret, and how much of it a reader may see. */
const SECRETS = [
  ['a secret key of Stripe', 'sk_live_abc123DEF456', 'sk_live_'],
  ['a secret key in an address', 'sk%5Flive%5Fabc123DEF456', 'sk%5Flive%5F'],
  ['a secret key in capitals', 'SK_LIVE_ABC123DEF456', 'SK_LIVE_'],
  ['a server key in an address', 'tbk%5Fabc-123DEF456', 'tbk%5F'],
  ['a restricted key of Stripe', 'rk_test_abc123DEF456', 'rk_test_'],
  ['a key of an organisation', 'sk_org_live_abc123DEF456', 'sk_org_live_'],
  ['an ephemeral key', 'ek_test_YWNjdF8xLGFiYzEyMw', 'ek_test_'],
  ['a terminal token', 'pst_test_YWNjdF8xLGFiYzEyMw', 'pst_test_'],
  ['a signing secret', 'whsec_abc123DEF456', 'whsec_'],
  ['a signing secret in base64', 'whsec_c2VjcmV0+c2Vj/cmV0==', 'whsec_'],
  ['a server key', 'tbk_abc-123_DEF456', 'tbk_'],
  ['an operator key', 'tbo_abc-123_DEF456', 'tbo_'],
  ['a client secret', 'pi_1_secret_abc123DEF456', 'pi_1_secret_'],
  ['a client secret of a setup', 'seti_1_secret_abc123DEF456', 'seti_1_secret_'],
  ['a client secret of a checkout', 'cs_test_a1_secret_fidkdWxOYHwnPyd1', 'cs_test_a1_secret_'],
  ['a watch token, page session, customer token or quote', TOKEN, 'eyJ'],
  ['a master key', Buffer.alloc(32, 7).toString('base64'), ''],
  ['a signature', `v1=${'a1'.repeat(32)}`, 'v1='],
] as const

test.each(SECRETS)('%s does not reach the log, by whatever way', (_what, secret, start) => {
  const cause = new Error(`Stripe says: ${secret} is not known`)
  const hidden = secret.slice(start.length)
  const text = logged((log) => {
    log.error({ err: new Error('It failed', { cause }), note: secret }, `Key ${secret}`)
    log.warn({ url: `/v1/stream?selector=x&key=${secret}&more=1` }, `GET /${secret}/services/Stripe`)
    log.info({ req: { url: `/x?a=${encodeURIComponent(secret)}` }, deep: { list: [{ value: secret }] } })
    log.child({ bound: secret }).info({ json: JSON.stringify({ inner: secret }) })
    log.error(Object.assign(new Error(secret), { raw: { message: secret } }))
  })
  expect(text).not.toContain(hidden)
  const [line = ''] = text.split('\n')
  expect(JSON.parse(line)).toMatchObject({ level: 50, note: `${start}[secret]` })
})

test('neither does what an address says of a user, or names a secret', () => {
  const text = logged((log) => {
    log.warn({ url: 'https://user:plain-1@proxy.example:8080/x?a=1&token=plain-2' }, 'not reached')
    log.error(
      new Error('GET http://plain-3@10.0.0.1/?client_secret=plain-4&watch_token=plain-5&password=plain-6'),
    )
  })
  expect(text).not.toContain('plain-')
  expect(text).toContain('proxy.example:8080/x?a=1&token=[secret]')
})

test('what a field or header is named is enough, whatever its value looks like', () => {
  const text = logged((log) => {
    log.info({ req: { headers: { authorization: 'plain-1', cookie: 'plain-2', 'user-token': 'plain-3' } } })
    log.info({ client_secret: 'plain-4', body: { token: 'plain-5', card: { secret: 'plain-6' } } })
    log.info('Authorization: Bearer plain-7, and Basic cGxhaW4tOA==')
  })
  expect(text).not.toContain('plain-')
  expect(text).not.toContain('cGxhaW4tOA')
})

test('what is public, or only a name, stays readable', () => {
  const visible = 'tbc_0123456789abcdef app_1 pi_1 ch_1 evt_1 tbp_1 key_0123456789abcdef pk_test_abc order-1'
  expect(logged((log) => log.info(visible))).toContain(visible)
})

test('the name of a setting stays readable', () => {
  expect(logged((log) => log.info('Check STRIPE_WEBHOOK_SECRET'))).toContain('Check STRIPE_WEBHOOK_SECRET')
})
