/** Express checkout: one button that stands for every wallet, and pays with a test card. */
import { make } from './dom.ts'
import { type FrameElement, type FrameElementContext, optionAt } from './frame-element.ts'

export function createExpressElement({ options, notify }: FrameElementContext): FrameElement {
  const button = make(
    'button',
    { type: 'button', class: 'ExpressButton', 'data-testid': 'sandbox-pay' },
    'Pay with Sandbox Wallet',
  )
  const setHeight = (given: unknown): void => {
    const height = optionAt(given, 'buttonHeight')
    if (typeof height === 'number') button.style.height = `${Math.min(55, Math.max(40, height))}px`
  }
  button.addEventListener('click', () => notify('click'))
  setHeight(options)
  return {
    root: make('div', { class: 'Express' }, button),
    update: setHeight,
    clear() {},
    focus: () => button.focus(),
    validate: () => undefined,
    methodData: () => ({ type: 'card', card: { token: 'tok_visa' } }),
  }
}
