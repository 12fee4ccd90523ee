import { describe, expect, it } from 'vitest'
import { parseSelector } from './parse-selector.ts'
import { pinnedLiterals } from './pinned-literals.ts'

function pinned(text: string, ...names: string[]): Record<string, string[]> {
  const outcome = parseSelector(text)
  if (!outcome.ok) throw new Error(outcome.error.message)
  const map = pinnedLiterals(outcome.expression, names)
  return Object.fromEntries(Array.from(map, ([name, values]) => [name, [...values]]))
}

describe('a selector pins a name to', () => {
  it.each<[string, string[]]>([
    ["id = 'a'", ['a']],
    ["'a' = id AND type LIKE '%'", ['a']],
    ["id IN ('a', 'b', 'a')", ['a', 'b']],
    ["id = 'a' OR id = 'b'", ['a', 'b']],
    ["id IN ('a', 'b') AND id IN ('b', 'c')", ['b']],
    ["id = 'a' AND (id = 'b' OR id = 'c')", []],
    ["(id = 'a' OR x = 1) AND id IN ('b', 'c')", ['b', 'c']],
    ["id = 'a' AND x = 1 OR x = 2 AND id = 'b'", ['a', 'b']],
    ["id BETWEEN 'a' AND 'a'", ['a']],
    ["id BETWEEN 'b' AND 'a'", []],
    ["NOT id <> 'a'", ['a']],
    ["NOT (id <> 'a' OR x = 1)", ['a']],
    ["NOT (id <> 'a' AND id <> 'b')", ['a', 'b']],
    ["NOT NOT id = 'a'", ['a']],
    ["id IN ('a', NULL)", ['a']],
    ['x = NULL', []],
    ["id NOT IN ('a', NULL)", []],
    ['id = TRUE', ['true']],
    ['NOT id', ['false']],
  ])('%s', (text, values) => {
    expect(pinned(text, 'id')).toEqual({ id: values })
  })
})

describe('a selector leaves a name open', () => {
  it.each([
    "type = 'a'",
    "id = 'a' OR x = 1",
    "id <> 'a'",
    "NOT id = 'a'",
    "NOT (id = 'a' AND x = 1)",
    "NOT (id = 'a' OR x = 1)",
    "id LIKE 'a'",
    "id > 'a' AND id < 'b'",
    "id BETWEEN 'a' AND 'b'",
    "id NOT BETWEEN 'a' AND 'a'",
    "id NOT IN ('a')",
    'id = 5',
    "id IN ('a', 5)",
    'id IS NULL',
    "id = 'a' OR id IS NULL",
    "ID = 'a'",
  ])('%s', (text) => {
    expect(pinned(text, 'id')).toEqual({})
  })
})

it('each name is pinned for itself', () => {
  const text = "id = 'ch_1' AND orderId IN ('o1', 'o2') AND status <> 'x'"
  expect(pinned(text, 'id', 'orderId', 'status', 'paymentIntentId')).toEqual({
    id: ['ch_1'],
    orderId: ['o1', 'o2'],
  })
})
