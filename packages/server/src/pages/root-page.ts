/** The page at `/`: what a newcomer sees of a sandbox server; against real Stripe, one sentence. */
import { escapeHtml } from './escape-html.ts'
import type { ShopLink } from './examples.ts'
import { ROOT_PAGE_STYLE } from './root-page-style.ts'

export interface SandboxFacts {
  readonly appId: string
  readonly clientKey: string
  readonly currency: string
  /** Of the local Stripe. */
  readonly stripeUrl: string
  /** null: the browser SDK is not built. */
  readonly scriptTag: string | null
  /** null: the shops are not installed. */
  readonly shops: readonly ShopLink[] | null
}

/** Numbers that the local Stripe and Stripe's own test mode know. */
const TEST_CARDS: readonly (readonly [number: string, meaning: string])[] = [
  ['4242 4242 4242 4242', 'is charged'],
  ['4000 0000 0000 0002', 'is declined'],
  ['4000 0000 0000 9995', 'is declined: insufficient funds'],
  ['4000 0027 6000 3184', 'asks for 3-D Secure each time'],
  ['4000 0025 0000 3155', 'asks for 3-D Secure unless it was saved before'],
  ['4000 0084 0000 1629', 'asks for 3-D Secure, then is declined'],
]

/** Runs in the page; without it the text is there to be marked. */
export const COPY_SCRIPT = `
const button = document.querySelector('[data-copies]')
const text = button && document.getElementById(button.dataset.copies)
if (button && navigator.clipboard) {
  button.hidden = false
  button.addEventListener('click', async () => {
    const said = document.getElementById('copied')
    try {
      await navigator.clipboard.writeText(text.textContent)
      said.textContent = 'Copied'
    } catch {
      getSelection().selectAllChildren(text)
      said.textContent = 'Marked: copy it with the keyboard'
    }
  })
}
`

const BRIDGE =
  '<svg viewBox="0 0 32 32" fill="none" stroke="currentColor" stroke-width="2.4" stroke-linecap="round" aria-hidden="true"><path d="M2 22h28M8 22V8m16 14V8M2 19C5 17 8 13 8 8c1 6 4 9 8 9s7-3 8-9c0 5 3 9 6 11M13 17v5m6-5v5"/></svg>'

export function sandboxPage(facts: SandboxFacts): string {
  const { appId, clientKey, currency, stripeUrl, scriptTag, shops } = facts
  return page(
    'Tollbridge sandbox',
    `<header>${BRIDGE}<h1>Tollbridge is running</h1><span class="pill">Sandbox: no real money moves</span></header>
<p class="soft">This server charges cards at a local Stripe of its own, so everything on this page can be tried without an account.</p>
${shops === null || shops.length === 0 ? '' : shopsSection(shops)}
<section aria-labelledby="cards"><h2 id="cards">Test cards</h2>
<div class="panel"><table><caption>With any date in the future, any CVC and any postal code</caption>
<thead><tr><th scope="col">Card number</th><th scope="col">What happens</th></tr></thead>
<tbody>${TEST_CARDS.map(([number, meaning]) => `<tr><td>${number}</td><td>${meaning}</td></tr>`).join('')}</tbody></table></div></section>
<section aria-labelledby="yours"><h2 id="yours">In a page of yours</h2>${scriptTag === null ? NOT_BUILT : tagPanel(scriptTag)}</section>
<section aria-labelledby="facts"><h2 id="facts">This server</h2>
<div class="panel"><dl><dt>App id</dt><dd><code>${escapeHtml(appId)}</code></dd>
<dt>Client key</dt><dd><code>${escapeHtml(clientKey)}</code> (public, goes into pages)</dd>
<dt>Server key</dt><dd>secret, so not here: it is in the file <code>connection.json</code> of the data folder</dd>
<dt>Currency</dt><dd><code>${escapeHtml(currency)}</code></dd>
<dt>Local Stripe</dt><dd><code>${escapeHtml(stripeUrl)}</code></dd></dl></div>
<ul class="links"><li><a href="/v1/openapi.json">All routes, as an OpenAPI document</a></li>
<li><a href="/healthz">Whether the server is up</a></li></ul></section>
<script>${COPY_SCRIPT}</script>`,
  )
}

/** Against real Stripe: nothing that a stranger has no business with. */
export function plainPage(): string {
  return page('Tollbridge', `<header>${BRIDGE}<h1>Tollbridge is running</h1></header>`)
}

function shopsSection(shops: readonly ShopLink[]): string {
  const items = shops.map(
    ({ path, title, summary }) =>
      `<li><h3><a href="${escapeHtml(path)}">${escapeHtml(title)}</a></h3><p class="soft">${escapeHtml(summary)}</p><span class="go" aria-hidden="true">Open the shop →</span></li>`,
  )
  return `<section aria-labelledby="try"><h2 id="try">Try a payment</h2><ul class="shops">${items.join('')}</ul></section>`
}

function tagPanel(scriptTag: string): string {
  return `<p class="soft">This tag sets <code>window.tollbridge</code>. Its hash holds a browser to the very file that this server gives out today.</p>
<div class="panel"><div class="bar"><span role="status" id="copied" class="soft"></span><button type="button" data-copies="tag" hidden>Copy the tag</button></div>
<pre><code id="tag">${escapeHtml(scriptTag)}</code></pre></div>`
}

const NOT_BUILT =
  '<p>The browser SDK is not built here. <code>npm run build</code> builds it, and <code>npm start</code> does so by itself.</p>'

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${ROOT_PAGE_STYLE}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`
}
