/** The tag that loads the browser SDK, ready to paste. */
import { escapeHtml } from './escape-html.ts'
import type { PageScript } from './page-script.ts'

export interface ScriptTagFacts {
  /** The origin under which pages reach the server. */
  readonly url: string
  readonly appId: string
  readonly clientKey: string
  readonly script: Pick<PageScript, 'version' | 'integrity'>
}

/** One line of HTML. With `integrity` a browser runs this very build and no other, so a new build wants a new tag. */
export function describeScriptTag({ url, appId, clientKey, script }: ScriptTagFacts): string {
  const attributes = {
    src: `${url}/tollbridge.js?v=${script.version}`,
    integrity: script.integrity,
    crossorigin: 'anonymous',
    'data-app-id': appId,
    'data-client-key': clientKey,
  }
  const written = Object.entries(attributes).map(([name, value]) => `${name}="${escapeHtml(value)}"`)
  return `<script ${written.join(' ')}></script>`
}
