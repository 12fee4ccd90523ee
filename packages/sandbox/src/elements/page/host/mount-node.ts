/** Finds where an element goes, and ties it to the labels and the form of that place. */
import { IntegrationError } from './integration-error.ts'

/** @throws IntegrationError for a selector that matches nothing, or no node at all. */
export function findMountNode(target: unknown): HTMLElement {
  if (target instanceof HTMLElement) return target
  if (typeof target !== 'string' || target === '') {
    throw new IntegrationError('Invalid DOM element. Call mount() with a valid DOM element or selector.')
  }
  const node = document.querySelector(target)
  if (node instanceof HTMLElement) return node
  throw new IntegrationError(
    `The selector you specified (${target}) applies to no DOM elements that are currently on the page. Make sure the element exists on the page before calling mount().`,
  )
}

/** Returns what undoes it. */
export function focusFromLabels(node: HTMLElement, focus: () => void): () => void {
  const listener = (event: MouseEvent): void => {
    const label = event.target instanceof Element ? event.target.closest('label') : null
    if (!label) return
    const isOurs =
      (node.id !== '' && label.htmlFor === node.id) || (label.htmlFor === '' && label.contains(node))
    if (isOurs) focus()
  }
  document.addEventListener('click', listener)
  return () => document.removeEventListener('click', listener)
}

/** Enter in a field: presses the form's button, as the browser does; a button out of use keeps it from being sent. */
export function submitFormOf(node: HTMLElement | undefined): void {
  const form = node?.closest('form')
  if (!form) return
  const button = [...form.elements].find(
    (control) =>
      (control instanceof HTMLButtonElement || control instanceof HTMLInputElement) &&
      control.type === 'submit',
  )
  if (button instanceof HTMLElement) button.click()
  else form.requestSubmit()
}
