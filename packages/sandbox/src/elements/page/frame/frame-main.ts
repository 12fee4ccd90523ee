/** Entry of every frame page: its address says which one it is. */
import { BANK_PAGE, CHALLENGE_PAGE } from '../../element-types.ts'
import { runBankPage, runChallengePage } from './challenge-page.ts'
import { runElementPage } from './element-page.ts'
import { FRAME_CSS } from './frame-css.ts'

const sheet = new CSSStyleSheet()
sheet.replaceSync(FRAME_CSS)
document.adoptedStyleSheets = [sheet]

const page = location.pathname
  .split('/')
  .at(-1)
  ?.replace(/\.html$/, '')
if (page === CHALLENGE_PAGE) runChallengePage()
else if (page === BANK_PAGE) runBankPage()
else runElementPage()
