/** The least that a webhook route can do: read the body and answer. */
import Fastify from 'fastify'
import { serveAsChild } from './serve-as-child.ts'

const fastify = Fastify({ bodyLimit: 1024 * 1024 })
fastify.removeAllContentTypeParsers()
fastify.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
fastify.post('/webhooks/stripe', async () => ({ received: true }))
const url = await fastify.listen({ host: '127.0.0.1', port: 0 })
serveAsChild(url, () => fastify.close())
