/** The colour that an element's frame lies on. */

/** Of the nearest ancestor that covers what is behind it; undefined where that cannot be said, as over a picture. */
export function groundBehind(node: HTMLElement): string | undefined {
  for (let at: HTMLElement | null = node; at; at = at.parentElement) {
    const { backgroundColor, backgroundImage, opacity } = getComputedStyle(at)
    const cover = opacityOf(backgroundColor)
    if (backgroundImage !== 'none' || Number(opacity) < 1 || (cover !== 0 && cover !== 1)) return undefined
    if (cover === 1) return backgroundColor
  }
  return canvasColor()
}

/** Undefined for colours that are not written as red, green and blue. */
function opacityOf(color: string): number | undefined {
  const parts = /^rgba?\([^,]+,[^,]+,[^,]+(?:,\s*([\d.]+))?\)$/.exec(color)
  return parts ? Number(parts[1] ?? 1) : undefined
}

/** What the browser paints where the page paints nothing: white, or dark as the page's colour scheme says. */
function canvasColor(): string {
  const probe = document.createElement('div')
  probe.style.setProperty('background-color', 'Canvas')
  document.documentElement.append(probe)
  const { backgroundColor } = getComputedStyle(probe)
  probe.remove()
  return backgroundColor
}
