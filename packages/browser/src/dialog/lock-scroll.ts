/** Keeps the page behind the dialog still, and the dialog above a phone's keyboard. */

/** @returns what lets the page go again. */
export function lockScroll(dialog: HTMLElement): () => void {
  const page = document.documentElement.style
  const { overflow, scrollbarGutter } = page
  const hasBar = innerWidth > document.documentElement.clientWidth
  page.overflow = 'hidden'
  // The place of the scroll bar stays, so that nothing jumps.
  if (hasBar) page.scrollbarGutter = 'stable'
  const view = window.visualViewport
  const follow = (): void => {
    const covered = view ? Math.max(0, innerHeight - view.height - view.offsetTop) : 0
    // Pinching makes the view smaller too, without a keyboard.
    dialog.style.setProperty('--covered', `${view?.scale === 1 ? covered : 0}px`)
  }
  view?.addEventListener('resize', follow)
  follow()
  return () => {
    page.overflow = overflow
    page.scrollbarGutter = scrollbarGutter
    view?.removeEventListener('resize', follow)
  }
}
