/** Styles that a content security policy without `unsafe-inline` lets through. */

const sheets = new Map<string, CSSStyleSheet>()

export function adoptStyles(root: Document | ShadowRoot, css: string): void {
  let sheet = sheets.get(css)
  if (!sheet) {
    sheet = new CSSStyleSheet()
    sheet.replaceSync(css)
    sheets.set(css, sheet)
  }
  if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet]
}
