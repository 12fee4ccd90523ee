/** The number of a card never reaches Stripe through this server, however it travels; files go on as they come. */
import { createHash, randomBytes } from 'node:crypto'
import { request as openRequest } from 'node:http'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { answerJson, type ScriptedStripe, startScriptedStripe } from './scripted-stripe.ts'
import { listCalls, type Product, startPassthrough } from './start-passthrough.ts'

let stripe: ScriptedStripe
let product: Product
beforeAll(async () => {
  stripe = await startScriptedStripe()
  product = await startPassthrough({ stripeUrl: stripe.url })
})
afterAll(async () => {
  await product?.stop()
  await stripe?.close()
})

interface Sent {
  readonly status: number
  readonly code: unknown
}

function send(
  url: string,
  headers: Readonly<Record<string, string>>,
  pieces: readonly (string | Uint8Array)[],
  method = 'POST',
): Promise<Sent> {
  return new Promise((resolve, reject) => {
    const sent = openRequest(url, {
      method,
      headers: { authorization: `Bearer ${product.serverKey}`, ...headers },
    })
    sent.on('response', (answer) => {
      let text = ''
      answer.on('data', (chunk) => {
        text += String(chunk)
      })
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, code: JSON.parse(text).error?.code }))
    })
    sent.on('error', reject)
    for (const piece of pieces) sent.write(piece)
    sent.end()
  })
}

const refused = { status: 400, code: 'card_number_refused' }

describe.each(['below /v1/stripe', 'at the root of its own port'])('%s', (where) => {
  const at = (path: string) =>
    where === 'below /v1/stripe' ? `${product.url}/v1/stripe${path}` : product.proxyUrl + path

  test('in pieces, packed, in JSON, in parts and in the query', async () => {
    stripe.play((request, response) => {
      request.resume()
      answerJson(response, {})
    })
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    const json = { 'content-type': 'application/json' }
    // Without a length the body is chunked, and the number stands in two pieces.
    expect(await send(at('/v1/tokens'), form, ['card[number]=42424242', '42424242&card[cvc]=123'])).toEqual(
      refused,
    )
    expect(await send(at('/v2/core/vault'), json, ['{"card":{"number":"4242 4242', ' 4242 4242"}}'])).toEqual(
      refused,
    )
    const packed = gzipSync('card[number]=4242424242424242')
    expect(await send(at('/v1/tokens'), { ...form, 'content-encoding': 'gzip' }, [packed])).toEqual(refused)
    const parts =
      '--l\r\nContent-Disposition: form-data; name="card[number]"\r\n\r\n4242424242424242\r\n--l--\r\n'
    expect(
      await send(at('/v1/payment_methods'), { 'content-type': 'multipart/form-data; boundary=l' }, [parts]),
    ).toEqual(refused)
    expect(await send(at('/v1/tokens?card%5Bnumber%5D=4242424242424242'), form, [])).toEqual(refused)
    expect(await send(at('/v1/tokens/4242424242424242'), {}, [], 'GET')).toEqual(refused)
    expect(
      await send(at('/v1/tokens'), { ...form, 'content-encoding': 'compress' }, ['card[number]=x']),
    ).toEqual({ status: 400, code: 'body_invalid' })
    expect(await send(at('/v1/tokens'), form, [`a=${'x'.repeat(1_100_000)}`])).toEqual({
      status: 413,
      code: 'body_too_large',
    })
    expect(stripe.requests).toEqual([])
    const calls = JSON.stringify(await listCalls(product))
    expect(calls).not.toContain('4242')
  })

  test('a file of many megabytes goes on as it comes, whatever its bytes', async () => {
    const hash = createHash('sha256')
    stripe.play((request, response) => {
      request.on('data', (chunk: Buffer) => hash.update(chunk))
      request.on('end', () => answerJson(response, { id: 'file_1' }))
    })
    const file = [
      Buffer.from('4242424242424242'),
      ...Array.from({ length: 20 }, () => randomBytes(256 * 1024)),
    ]
    const answer = await send(at('/v1/files'), { 'content-type': 'multipart/form-data; boundary=l' }, file)
    expect(answer.status).toBe(200)
    expect(hash.digest('hex')).toBe(createHash('sha256').update(Buffer.concat(file)).digest('hex'))
  })
})
