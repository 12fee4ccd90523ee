/** The entry of /tollbridge.js: sets `window.tollbridge` from the attributes of its own script tag. */
import { createTollbridge, type Tollbridge } from './create-tollbridge.ts'
import type { Theme } from './dialog/open-dialog.ts'
import { TollbridgeError } from './tollbridge-error.ts'

declare global {
  interface Window {
    Tollbridge?: { createTollbridge: typeof createTollbridge; TollbridgeError: typeof TollbridgeError }
    tollbridge?: Tollbridge
  }
}

window.Tollbridge = { createTollbridge, TollbridgeError }

const script = document.currentScript
if (script instanceof HTMLScriptElement && script.dataset['clientKey']) {
  const { appId, clientKey, locale, theme, slingr } = script.dataset
  const tollbridge = createTollbridge({
    // The server is where its script is, below whatever path a proxy gives it.
    url: new URL('.', script.src).href,
    appId,
    clientKey,
    locale,
    theme: theme as Theme | undefined,
  })
  window.tollbridge = tollbridge
  if (slingr !== undefined) Object.assign(window, tollbridge.slingr())
}
