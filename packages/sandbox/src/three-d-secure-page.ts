/** The page a customer is sent to for 3-D Secure: the bank's part, with two buttons. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { decodeForm } from './api/form-encoding.ts'
import { StripeError } from './api/stripe-error.ts'
import { formatAmount } from './currency-decimals.ts'
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
      ? `Your bank asks you to confirm a payment of ${formatAmount(intent.amount, intent.currency)}.`
      : 'Your bank asks you to confirm that your card may be saved.'
    return page(
      reply,
      200,
      `<p>${escapeHtml(what)}</p>
<form method="post" action="/3ds/${escapeHtml(id)}">
<input type="hidden" name="attempt" value="${escapeHtml(String(attempt))}">
<button name="result" value="succeed" id="test-source-authorize-3ds" autofocus>Complete</button>
<button name="result" value="fail" id="test-source-fail-3ds" class="plain">Fail</button>
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
:root {
  color-scheme: light dark;
  --ground: light-dark(#f3f4f8, #14161d);
  --sheet: light-dark(#fff, #1f222c);
  --text: light-dark(#1d2130, #e9ebf3);
  --quiet: light-dark(#565d73, #a5abbe);
  --line: light-dark(#d5d9e5, #3a3f4e);
  --accent: light-dark(#4a45c9, #a9a6ff);
  --on-accent: light-dark(#fff, #14161d);
}
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem;
  font: 1rem/1.5 system-ui, sans-serif; color: var(--text); background: var(--ground) }
main { width: 100%; max-width: 26rem; padding: 2rem; border: 1px solid var(--line); border-radius: .75rem;
  background: var(--sheet) }
h1 { margin: 0; font-size: 1.4rem }
h1 + p { margin: .25rem 0 1.5rem; color: var(--quiet); font-size: .9rem }
form { display: flex; gap: .75rem; margin-top: 1.5rem }
button { flex: 1; min-height: 2.75rem; font: inherit; font-weight: 600; border: 1px solid var(--accent);
  border-radius: .5rem; color: var(--on-accent); background: var(--accent); cursor: pointer }
button.plain { color: var(--text); border-color: var(--line); background: none }
button:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
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
