/** Fields in Stripe's bracket form. */
import { parse } from 'qs'
import { expect, test } from 'vitest'
import { encodeForm } from './encode-form.ts'

test('nests with indexes, as Stripe asks for', () => {
  expect(encodeForm({ items: [{ plan: 'p1' }, { plan: 'p2' }], metadata: { a: 1 } })).toBe(
    'items[0][plan]=p1&items[1][plan]=p2&metadata[a]=1',
  )
})

test('a parser that is not ours reads back what was written', () => {
  const fields = {
    email: 'a+b@example.org',
    name: 'Zoë & Søn = 100 %',
    metadata: { 'order[id]': 'x', 'a&b=c': '1' },
    expand: ['data.customer', 'data.invoice'],
  }
  expect(parse(encodeForm({ ...fields, metadata: { plain: '1', 'a&b=c': '1' } }))).toEqual({
    ...fields,
    metadata: { plain: '1', 'a&b=c': '1' },
  })
})

test('null unsets, undefined and empty lists say nothing, a Date is seconds', () => {
  const fields = { email: null, name: undefined, expand: [], trial_end: new Date(1_795_289_067_260) }
  expect(encodeForm(fields)).toBe('email=&trial_end=1795289067')
})

test.each([
  [{ amount: Number.NaN }, /amount/],
  [{ a: { b: [() => undefined] } }, /a\[b\]\[0\]/],
  [{ name: '\ud800' }, /name/],
  [{ at: new Date('never') }, /at/],
])('what cannot be written is refused by name: %o', (fields, name) => {
  expect(() => encodeForm(fields)).toThrow(TypeError)
  expect(() => encodeForm(fields)).toThrow(name)
})

test('a loop ends in an error', () => {
  const loop: Record<string, unknown> = {}
  loop['self'] = loop
  expect(() => encodeForm(loop)).toThrow(/too deep/)
})
