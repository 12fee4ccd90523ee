/** The classes that an element puts on the node it is mounted to. */

export type ElementState = 'complete' | 'empty' | 'focus' | 'invalid' | 'webkitAutofill'

const USUAL: Record<ElementState | 'base', string> = {
  base: 'StripeElement',
  complete: 'StripeElement--complete',
  empty: 'StripeElement--empty',
  focus: 'StripeElement--focus',
  invalid: 'StripeElement--invalid',
  webkitAutofill: 'StripeElement--webkit-autofill',
}

export interface StateClasses {
  /** Takes the `classes` option. */
  rename(classes: unknown): void
  set(state: ElementState, on: boolean): void
  attach(node: HTMLElement): void
  detach(): void
}

export function createStateClasses(): StateClasses {
  let names = USUAL
  let node: HTMLElement | undefined
  const states = new Set<ElementState | 'base'>(['base', 'empty'])
  const put = (state: ElementState | 'base', on: boolean): void => {
    for (const name of names[state].split(/\s+/).filter(Boolean)) node?.classList.toggle(name, on)
  }
  const putAll = (on: boolean): void => {
    for (const state of states) put(state, on)
  }
  return {
    rename(classes) {
      putAll(false)
      const given = Object.entries(classes ?? {}).filter(([, name]) => typeof name === 'string')
      names = { ...USUAL, ...Object.fromEntries(given) }
      putAll(true)
    },
    set(state, on) {
      put(state, on)
      if (on) states.add(state)
      else states.delete(state)
    },
    attach(to) {
      node = to
      putAll(true)
    },
    detach() {
      putAll(false)
      node = undefined
      states.clear()
      states.add('base').add('empty')
    },
  }
}
