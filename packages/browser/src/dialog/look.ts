/** The dialog's colors and font as the browser resolved them: fields in frames know no custom properties. */

export interface Look {
  readonly dark: boolean
  readonly text: string
  readonly muted: string
  readonly danger: string
  readonly accent: string
  /** Of a field. */
  readonly field: string
  readonly radius: string
  readonly font: string
}

export interface LookParts {
  readonly muted: Element
  readonly danger: Element
  readonly accent: Element
  readonly field: Element
}

export function readLook(dialog: Element, parts: LookParts): Look {
  const { color, fontFamily } = getComputedStyle(dialog)
  const field = getComputedStyle(parts.field)
  const root = dialog.getRootNode() as ShadowRoot
  return {
    dark: (root.host as HTMLElement).dataset['theme'] === 'dark',
    text: color,
    font: fontFamily,
    field: field.backgroundColor,
    radius: field.borderRadius,
    muted: getComputedStyle(parts.muted).color,
    danger: getComputedStyle(parts.danger).color,
    accent: getComputedStyle(parts.accent).backgroundColor,
  }
}
