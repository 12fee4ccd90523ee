import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findCardNumber, holdsGroupedCardNumber, isCardNumber } from '../payments/doors/card-number.ts'
import { LARGEST_UNPACKED } from './body-fields.ts'
import type { CardNumbers } from './carries-card.ts'
import { refuseCardInBody, refuseCardInPath } from './refuse-card-numbers.ts'

const cards: CardNumbers = {
  isIn: (text) => findCardNumber(text) !== null,
  isGroupedIn: holdsGroupedCardNumber,
  is: isCardNumber,
}
const CARD = '4242424242424242'
const FORM = 'application/x-www-form-urlencoded'

const look = (body: string | Uint8Array, contentType = FORM, contentEncoding = '') =>
  refuseCardInBody(Buffer.from(body), { contentType, contentEncoding }, cards).then(
    () => 'passes',
    (error: { code: string; param?: string }) => [error.code, error.param],
  )
const multipart = (...parts: readonly string[]) =>
  `${parts.map((part) => `--limit\r\n${part}\r\n`).join('')}--limit--\r\n`
const MULTIPART = 'multipart/form-data; boundary=limit'
const refused = (param: string) => ['card_number_refused', param]

describe('a card number is found', () => {
  test.each<[string, string | Uint8Array, string, string, string]>([
    ['in a form', `card[number]=${CARD}`, FORM, '', 'card[number]'],
    ['with its name in escapes', `card%5Bnumber%5D=${CARD}`, FORM, '', 'card[number]'],
    ['in escapes itself', 'card[number]=%34242%34242%342424242', FORM, '', 'card[number]'],
    ['in escapes of escapes', 'card%255Bnumber%255D=%2534242424242424242', FORM, '', 'card[number]'],
    ['with blanks', 'source[number]=4242+4242+4242+4242', FORM, '', 'source[number]'],
    ['with dots and what not', 'source[number]=4242.4242/4242_4242', FORM, '', 'source[number]'],
    [
      'in digits of full width',
      `card[number]=${encodeURIComponent('４２４２４２４２４２４２４２４２')}`,
      FORM,
      '',
      'card[number]',
    ],
    [
      'in digits of another script',
      `card[number]=${encodeURIComponent('٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢')}`,
      FORM,
      '',
      'card[number]',
    ],
    ['in pieces', 'source[number][0]=42424242&source[number][1]=42424242', FORM, '', 'source.number'],
    ['in pieces, in JSON', '{"number": ["4242", "4242", "42424242"]}', 'application/json', '', 'number'],
    ['with its date', 'description=4242 4242 4242 4242 12/27 123', FORM, '', 'description'],
    ['in metadata, with its date', 'metadata[note]=4242 4242 4242 4242 12/27', FORM, '', 'metadata[note]'],
    ['in a list', `cards[0][number]=${CARD}`, FORM, '', 'cards[0][number]'],
    ['behind a semicolon', `a=1;card[number]=${CARD}`, FORM, '', 'card[number]'],
    ['without a type', `card[number]=${CARD}`, '', '', 'card[number]'],
    ['in other words', `description=card ${CARD}, thanks`, FORM, '', 'description'],
    ['in metadata, as a card is written', 'metadata[note]=4242+4242-4242+4242', FORM, '', 'metadata[note]'],
    ['in metadata that calls it so', `metadata[card_number]=${CARD}`, FORM, '', 'metadata[card_number]'],
    ['as a name', `card[${CARD}]=1`, FORM, '', 'body'],
    ['in JSON', `{"card": {"number": "${CARD}"}}`, 'application/json', '', 'card.number'],
    ['in JSON, as a number', `{"card": {"number": ${CARD}}}`, 'application/json', '', 'card.number'],
    [
      'in JSON, in escapes',
      '{"card": {"n\\u0075mber": "\\u0034242424242424242"}}',
      'application/json',
      '',
      'card.number',
    ],
    [
      'in JSON, under a name that comes again',
      `{"number": "${CARD}", "number": "1"}`,
      'application/json',
      '',
      'number',
    ],
    ['in JSON, in a list', `{"number": ["${CARD}"]}`, 'application/json; charset=utf-8', '', 'number'],
    ['in JSON that is called a form', `{"card": {"number": "${CARD}"}}`, FORM, '', 'card.number'],
    ['in JSON of another name', `{"number": "${CARD}"}`, 'application/vnd.api+json', '', 'number'],
    [
      'in UTF-16',
      Buffer.from(`{"number": "${CARD}"}`, 'utf16le'),
      'application/json; charset=utf-16le',
      '',
      'number',
    ],
    ['in UTF-16 that nobody names', Buffer.from(`number=${CARD}`, 'utf16le'), FORM, '', 'number'],
    [
      'in a form of several parts',
      multipart(`Content-Disposition: form-data; name="card[number]"\r\n\r\n${CARD}`),
      MULTIPART,
      '',
      'card[number]',
    ],
    [
      'in a part that is called a file',
      multipart(
        `Content-Disposition: form-data; name="card[number]"; filename="a.txt"\r\n\r\n4242 4242 4242 4242`,
      ),
      MULTIPART,
      '',
      'card[number]',
    ],
    ['packed with gzip', gzipSync(`card[number]=${CARD}`), FORM, 'gzip', 'card[number]'],
    ['packed with brotli', brotliCompressSync(`card[number]=${CARD}`), FORM, 'br', 'card[number]'],
    ['packed with zstd', zstdCompressSync(`card[number]=${CARD}`), FORM, 'zstd', 'card[number]'],
    ['packed with deflate', deflateSync(`card[number]=${CARD}`), FORM, 'Deflate', 'card[number]'],
    ['packed with deflate, bare', deflateRawSync(`card[number]=${CARD}`), FORM, 'deflate', 'card[number]'],
    ['packed twice', brotliCompressSync(gzipSync(`card[number]=${CARD}`)), FORM, 'gzip, br', 'card[number]'],
  ])('%s', async (_name, body, type, encoding, param) => {
    if (param === 'card.number' && type === FORM) {
      // Read as a form the whole text is a name, which is not repeated.
      expect(await look(body, type, encoding)).toEqual(refused('body'))
    } else expect(await look(body, type, encoding)).toEqual(refused(param))
  })

  test('in the query and in the path', () => {
    const path =
      (text: string, target = text) =>
      () =>
        refuseCardInPath({ text, target }, cards)
    expect(path('/v1/tokens', `/v1/tokens?card%5Bnumber%5D=${CARD}`)).toThrow(/card\[number\] carries/)
    expect(path('/v1/tokens', `/v1/tokens?a=1&q=4242%204242%204242%204242`)).toThrow(/carries a card number/)
    expect(path(`/v1/tokens/${CARD}`)).toThrow(/field path carries/)
    expect(path('/v1/customers', '/v1/customers?limit=3&created[gte]=1732224000')).not.toThrow()
  })

  test('wherever it stands and however it is grouped', async () => {
    const gap = fc.constantFrom('', ' ', '-', '  ', '\u00a0')
    const name = fc.stringMatching(/^[a-z]{1,8}$/)
    await fc.assert(
      fc.asyncProperty(fc.array(name, { minLength: 1, maxLength: 4 }), gap, async (names, between) => {
        const number = (CARD.match(/.{4}/g) ?? []).join(between)
        const json = names.reduceRight<unknown>((inner, it) => ({ [it]: inner }), number)
        expect((await look(JSON.stringify(json), 'application/json'))[0]).toBe('card_number_refused')
        const form = new URLSearchParams([[names.join('['), number]]).toString()
        expect((await look(form))[0]).toBe('card_number_refused')
      }),
    )
  })
})

describe('what cannot be looked into is refused', () => {
  test.each<[string, string | Uint8Array, string, string, string]>([
    ['packed in a way that is not known', 'x', FORM, 'compress', 'body_invalid'],
    ['packed, and is not', 'card', FORM, 'gzip', 'body_invalid'],
    ['packed three times', 'x', FORM, 'gzip, gzip, gzip', 'body_invalid'],
    ['of another type', 'x', 'application/octet-stream', '', 'body_invalid'],
    ['of XML', '<a/>', 'application/xml', '', 'body_invalid'],
    ['JSON that is none', '{"a": ', 'application/json', '', 'body_invalid'],
    ['nested too deep', `${'['.repeat(5_000)}${']'.repeat(5_000)}`, 'application/json', '', 'body_invalid'],
    ['in letters that are not known', 'x', `${FORM}; charset=ebcdic`, '', 'body_invalid'],
    ['in several parts without a limit', 'x', 'multipart/form-data', '', 'body_invalid'],
    [
      'a part in another encoding',
      multipart(
        'Content-Disposition: form-data; name="a"\r\nContent-Transfer-Encoding: base64\r\n\r\nNDI0Mg==',
      ),
      MULTIPART,
      '',
      'body_invalid',
    ],
    ['a bomb', gzipSync(Buffer.alloc(LARGEST_UNPACKED + 1)), FORM, 'gzip', 'body_too_large'],
  ])('%s', async (_name, body, type, encoding, code) => {
    expect((await look(body, type, encoding))[0]).toBe(code)
  })
})

describe('what takes no card passes', () => {
  test.each<[string, string, string]>([
    ['a payment', 'amount=1999&currency=usd&payment_method=pm_card_visa&metadata[order_id]=order-77', FORM],
    ['an order that looks like a card', `metadata[order_id]=${CARD}&client_reference_id=${CARD}`, FORM],
    ['an account of a bank', 'external_account[account_number]=4242424242424242', FORM],
    [
      'a call of v2',
      '{"event_name": "tea", "payload": {"value": "25", "stripe_customer_id": "cus_1"}}',
      'application/json',
    ],
    ['an empty body', '', 'application/json'],
    ['several parts', multipart('Content-Disposition: form-data; name="purpose"\r\n\r\nidentity'), MULTIPART],
  ])('%s', async (_name, body, type) => expect(await look(body, type)).toBe('passes'))
})
