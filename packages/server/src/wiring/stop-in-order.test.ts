import { expect, test } from 'vitest'
import { type StopOrder, stopInOrder } from './stop-in-order.ts'

function anOrder(changes: Partial<StopOrder>) {
  const done: string[] = []
  const failures: unknown[] = []
  const note = (what: string) => () => void done.push(what)
  const order: StopOrder = {
    timeoutMs: 10_000,
    connections: {
      refuseNew: note('refuse'),
      closeIdle: note('idle'),
      cutUnfinished: note('cut'),
      destroyAll: note('destroy'),
    },
    sayGoodbye: async () => void done.push('goodbye'),
    closePorts: async () => void done.push('ports'),
    letGoOfStripe: note('stripe'),
    parts: [note('first'), note('second')],
    onCut: (what) => void done.push(`cut ${what}`),
    onFailure: (error) => void failures.push(error),
    ...changes,
  }
  return { order, done, failures }
}

test('a stop goes in its order, and cuts nothing that ends by itself', async () => {
  const { order, done, failures } = anOrder({})
  await stopInOrder(order)
  expect(done).toEqual(['refuse', 'goodbye', 'ports', 'idle', 'first', 'second'])
  expect(failures).toEqual([])
})

test('whatever fails on the way is told, and keeps nothing else from its end', async () => {
  const fails = (what: string) => async () => {
    throw new Error(what)
  }
  const last: string[] = []
  const { order, failures } = anOrder({
    sayGoodbye: fails('goodbye'),
    closePorts: fails('ports'),
    parts: [
      () => {
        throw new Error('at once')
      },
      fails('later'),
      () => void last.push('last'),
    ],
  })
  await stopInOrder(order)
  expect(last).toEqual(['last'])
  expect(failures.map((error) => (error as Error).message)).toEqual(['goodbye', 'ports', 'at once', 'later'])
})
