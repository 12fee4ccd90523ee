/** Serves the script that stands in for Stripe.js, and the pages of its frames. */
import { fileURLToPath } from 'node:url'
import type { FastifyInstance } from 'fastify'
import { assembleScript } from './assemble-script.ts'
import { BANK_PAGE, CHALLENGE_PAGE, FRAME_PAGES } from './element-types.ts'

/** Where today's Stripe.js has its script, and where it was before. */
const SCRIPT_PATHS = ['/stripe.js', '/endive/stripe.js', '/v3', '/v3/']

export function serveElements(app: FastifyInstance): void {
  const scripts = new Map<string, string>()
  /** Put together when it is first asked for. */
  const script = (entry: string): string => {
    const text = scripts.get(entry) ?? assembleScript(pageFile(entry))
    scripts.set(entry, text)
    return text
  }

  for (const path of SCRIPT_PATHS) {
    app.get(path, async (_request, reply) =>
      reply
        .header('cross-origin-resource-policy', 'cross-origin')
        .type('text/javascript; charset=utf-8')
        .send(script('host/stripe-main')),
    )
  }
  app.get('/v3/frame.js', async (_request, reply) =>
    reply.type('text/javascript; charset=utf-8').send(script('frame/frame-main')),
  )
  for (const page of [...Object.values(FRAME_PAGES).map(({ page }) => page), CHALLENGE_PAGE, BANK_PAGE]) {
    app.get(`/v3/${page}.html`, async (_request, reply) =>
      reply
        .header('content-security-policy', FRAME_POLICY)
        .header('cross-origin-resource-policy', 'cross-origin')
        .header('referrer-policy', 'no-referrer')
        .type('text/html; charset=utf-8')
        .send(FRAME_HTML),
    )
  }
}

// Styles come from constructed style sheets alone, so that no option of a page can load anything.
const FRAME_POLICY =
  "default-src 'none'; script-src 'self'; connect-src 'self'; frame-src 'self'; form-action 'none'; base-uri 'none'"

const FRAME_HTML = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sandbox</title>
<body></body>
<script src="/v3/frame.js"></script>
</html>
`

/** The sources beside this file, or what they were compiled to. */
function pageFile(name: string): string {
  const isSource = import.meta.url.endsWith('.ts')
  const path = isSource ? `./page/${name}.ts` : `../stripe-js/elements/page/${name}.js`
  return fileURLToPath(new URL(path, import.meta.url))
}
