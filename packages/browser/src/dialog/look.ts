/** The dialog's colors and font as the browser resolved them: fields in frames know no custom properties. */

export interface Look {
  readonly dark: boolean
  readonly text: string
  readonly muted: string
  readonly danger: string
  readonly accent: string
  readonly surface: string
  readonly font: string
}

export function readLook(dialog: Element, parts: { muted: Element; danger: Element; accent: Element }): Look {
  const { color, backgroundColor, fontFamily } = getComputedStyle(dialog)
  const root = dialog.getRootNode() as ShadowRoot
  return {
    dark: (root.host as HTMLElement).dataset['theme'] === 'dark',
    text: color,
    surface: backgroundColor,
    font: fontFamily,
    muted: getComputedStyle(parts.muted).color,
    danger: getComputedStyle(parts.danger).color,
    accent: getComputedStyle(parts.accent).backgroundColor,
  }
}
