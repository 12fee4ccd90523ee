/** Lets the bank's page be on top: Stripe.js puts it over the page, where nothing beside a modal dialog can be reached. */

const STRIPES = 'iframe, :has(> iframe[name^="__privateStripe"])'

/**
 * Makes the dialog an ordinary one, and what was there before inert; what comes later is free.
 * @returns what makes it modal again
 */
export function stepAside(dialog: HTMLDialogElement, host: HTMLElement): () => void {
  // Inside of another modal dialog only a modal one can be seen.
  if (document.querySelector('dialog:modal')) {
    dialog.focus()
    return () => {}
  }
  const others = [...document.body.children].filter(
    (other) => other instanceof HTMLElement && other !== host && !other.inert && !other.matches(STRIPES),
  ) as HTMLElement[]
  const place = dialog.scrollTop
  for (const other of others) other.inert = true
  dialog.close()
  dialog.show()
  dialog.scrollTop = place
  dialog.focus()
  return () => {
    for (const other of others) other.inert = false
    dialog.close()
    dialog.showModal()
    dialog.scrollTop = place
  }
}
