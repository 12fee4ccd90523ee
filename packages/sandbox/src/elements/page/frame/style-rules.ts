/** Turns the page's style and appearance options into rules, with nothing but harmless properties. */
import type { Appearance } from './frame-element.ts'

type Declarations = Readonly<Record<string, unknown>>

// Anything that could load a file, cover the frame or hide what is typed stays out.
const PROPERTIES =
  /^(background-?color|border(-(top|right|bottom|left))?(-(color|width|style|radius))?|box-?shadow|color|fill|font(-?(family|size|smoothing|style|variant|weight|variation-settings))|gap|letter-?spacing|line-?height|margin(-(top|right|bottom|left))?|opacity|outline(-(color|width|style|offset))?|padding(-(top|right|bottom|left))?|text-?(align|decoration|shadow|transform)|transition)$/

const INPUT_STATES: Readonly<Record<string, string>> = {
  base: '',
  complete: '.is-complete',
  empty: '.is-empty',
  invalid: '.is-invalid',
}
const PSEUDO = [':hover', ':focus', '::placeholder', '::selection', ':-webkit-autofill', ':disabled']

/** The `style` option of the card and bank elements. */
export function elementStyleSheet(style: unknown): CSSStyleSheet {
  const sheet = new CSSStyleSheet()
  if (!isRecord(style)) return sheet
  for (const [variant, state] of Object.entries(INPUT_STATES)) {
    const declarations = style[variant]
    if (!isRecord(declarations)) continue
    addRule(sheet, `.InputElement${state}`, declarations)
    const { iconColor } = declarations
    // Before anything is typed the icon belongs to no state but the base.
    if (typeof iconColor === 'string') addRule(sheet, `.IconHolder${state}`, { color: iconColor })
    for (const pseudo of PSEUDO) {
      const inner = declarations[pseudo]
      if (isRecord(inner)) addRule(sheet, `.InputElement${state}${pseudo}`, inner)
    }
  }
  return sheet
}

const SELECTOR = /^\.[A-Z][A-Za-z]*(--[a-z][A-Za-z]*)*(:[a-z-]+|::[a-z-]+)*$/

/** The rules of an `appearance`; its variables are set on the root. */
export function appearanceStyleSheet(appearance: Appearance | undefined): CSSStyleSheet {
  const sheet = new CSSStyleSheet()
  const variables = Object.entries(appearance?.variables ?? {}).filter(([name]) =>
    /^[A-Za-z0-9]+$/.test(name),
  )
  if (variables.length > 0) {
    const rule = newRule(sheet, ':root:root')
    for (const [name, value] of variables) {
      if (!/url\(|[;{}]/i.test(String(value))) rule.setProperty(`--${name}`, String(value))
    }
  }
  for (const [selector, declarations] of Object.entries(appearance?.rules ?? {})) {
    if (SELECTOR.test(selector) && isRecord(declarations)) addRule(sheet, `.Themed ${selector}`, declarations)
  }
  return sheet
}

function addRule(sheet: CSSStyleSheet, selector: string, declarations: Declarations): void {
  const rule = newRule(sheet, selector)
  for (const [name, value] of Object.entries(declarations)) {
    const property = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
    if ((typeof value !== 'string' && typeof value !== 'number') || /url\(/i.test(String(value))) continue
    if (property === 'font-smoothing') rule.setProperty('-webkit-font-smoothing', String(value))
    else if (PROPERTIES.test(property)) rule.setProperty(property, String(value))
  }
}

function newRule(sheet: CSSStyleSheet, selector: string): CSSStyleDeclaration {
  const index = sheet.insertRule(`${selector} {}`, sheet.cssRules.length)
  return (sheet.cssRules[index] as CSSStyleRule).style
}

function isRecord(value: unknown): value is Declarations {
  return typeof value === 'object' && value !== null
}
