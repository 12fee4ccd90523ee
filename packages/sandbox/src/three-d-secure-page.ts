/** The page a customer is sent to for 3-D Secure: the bank's part, with two buttons. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { decodeForm } from './api/form-encoding.ts'
import { StripeError } from './api/stripe-error.ts'
import type { Engine } from './engine.ts'
import { completeAuthentication } from './resources/complete-authentication.ts'
import type { ObjectStore } from './store/object-store.ts'

export interface ThreeDSecurePageDeps {
  engine: Engine
  store: Pick<ObjectStore, 'get' | 'hidden'>
}

/** Serves `/3ds/:id` outside the API: no key, but the attempt's secret in the address. */
export function serveThreeDSecurePage(app: FastifyInstance, { engine, store }: ThreeDSecurePageDeps): void {
  const isOpen = (id: string, attempt: unknown): boolean => {
    const challenge = store.hidden(id).challenge
    return challenge !== undefined && challenge !== '' && attempt === challenge
  }

  app.get('/3ds/:id', async (request, reply) => {
    const { id } = request.params as { id: string }
    const attempt = decodeForm(request.url.split('?')[1] ?? '')['attempt']
    if (!isOpen(id, attempt)) return page(reply, 404, GONE)
    const intent = store.get('payment_intent', id)
    const what = intent
      ? `Your bank asks you to confirm a payment of ${intent.amount} ${intent.currency.toUpperCase()} (minor units).`
      : 'Your bank asks you to confirm that your card may be saved.'
    return page(
      reply,
      200,
      `<p>${escapeHtml(what)}</p>
<form method="post" action="/3ds/${escapeHtml(id)}">
<input type="hidden" name="attempt" value="${escapeHtml(String(attempt))}">
<button name="result" value="succeed" autofocus>Complete</button>
<button name="result" value="fail">Fail</button>
</form>`,
    )
  })

  app.post('/3ds/:id', async (request: FastifyRequest, reply) => {
    const { id } = request.params as { id: string }
    const form = decodeForm(typeof request.body === 'string' ? request.body : '')
    if (!isOpen(id, form['attempt'])) return page(reply, 404, GONE)
    const returnUrl = store.hidden(id).returnUrl
    const succeed = form['result'] === 'succeed'
    try {
      const caller = { requestId: null, idempotencyKey: null }
      const intent = engine.run(caller, (call) =>
        completeAuthentication(call, id, succeed ? 'succeed' : 'fail'),
      )
      engine.runDue()
      if (!returnUrl) return page(reply, 200, DONE)
      const target = new URL(returnUrl)
      target.searchParams.set(intent.object, intent.id)
      target.searchParams.set(`${intent.object}_client_secret`, intent.client_secret ?? '')
      target.searchParams.set('redirect_status', succeed ? 'succeeded' : 'failed')
      return await reply.redirect(target.href, 303)
    } catch (error) {
      if (error instanceof StripeError)
        return page(reply, error.status, `<p>${escapeHtml(error.message)}</p>`)
      throw error
    }
  })
}

const GONE = '<p>This authentication is over, or never was. Go back to the shop and try again.</p>'
const DONE = '<p>Thank you. You can close this page.</p>'

function page(reply: FastifyReply, status: number, content: string): FastifyReply {
  return reply
    .code(status)
    .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'")
    .type('text/html; charset=utf-8')
    .send(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>3-D Secure (sandbox)</title>
<style>
body { font: 1.1rem/1.5 system-ui, sans-serif; max-width: 28rem; margin: 3rem auto; padding: 0 1rem }
button { font: inherit; padding: .5rem 1.5rem; margin-right: .5rem }
</style>
<main>
<h1>3-D Secure</h1>
<p>This page is part of a local sandbox. No bank is involved, and no money moves.</p>
${content}
</main>
</html>
`)
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
