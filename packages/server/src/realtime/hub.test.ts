import { describe, expect, test } from 'vitest'
import { aStoredEvent } from '../../../../test/support/an-event.ts'
import { silentLog } from '../log.ts'
import { createHub, type Hub } from './hub.ts'
import { readSelector } from './listen-request.ts'
import { createPublication, type Publication } from './publication.ts'

const hubOf = (yieldToLoop?: () => Promise<void>): Hub =>
  createHub({ log: silentLog, ...(yieldToLoop === undefined ? {} : { yieldToLoop }) })

function listen(hub: Hub, selector: string | null, { appId = 'app_1' } = {}) {
  const heard: number[] = []
  const subscription = hub.subscribe({
    appId,
    ...readSelector(selector, null),
    deliver: (publication) => heard.push(publication.position),
  })
  return { heard, close: subscription.close }
}

const publication = (position: number, wishes = {}): Publication =>
  createPublication(aStoredEvent(position, wishes))

describe('who hears a publication', () => {
  test('a listener with a selector hears its transaction, one without hears all', async () => {
    const hub = hubOf()
    const one = listen(hub, "id = 'ch_a'")
    const all = listen(hub, null)
    await hub.publish(publication(1, { chargeId: 'ch_a' }))
    await hub.publish(publication(2, { chargeId: 'ch_b' }))
    expect(one.heard).toEqual([1])
    expect(all.heard).toEqual([1, 2])
  })

  test('a listener of another app hears nothing', async () => {
    const hub = hubOf()
    const other = listen(hub, null, { appId: 'app_2' })
    await hub.publish(publication(1))
    expect(other.heard).toEqual([])
  })

  test('a closed subscription hears nothing more, and closing twice counts once', async () => {
    const hub = hubOf()
    const [one, two] = [listen(hub, "id = 'ch_a'"), listen(hub, null)]
    expect(hub.size).toBe(2)
    one.close()
    one.close()
    two.close()
    await hub.publish(publication(1, { chargeId: 'ch_a' }))
    expect([one.heard, two.heard, hub.size]).toEqual([[], [], 0])
  })

  test('a listener that throws does not keep the others from their events', async () => {
    const hub = hubOf()
    hub.subscribe({
      appId: 'app_1',
      ...readSelector(null, null),
      matches: () => true,
      deliver: () => {
        throw new Error('broken')
      },
    })
    const other = listen(hub, null)
    await hub.publish(publication(1))
    expect(other.heard).toEqual([1])
  })
})

describe('a long fan-out', () => {
  test('lets other work run in between, and each listener still hears the publications in order', async () => {
    let turns = 0
    const hub = hubOf(async () => {
      turns += 1
    })
    const listeners = Array.from({ length: 2_000 }, () => listen(hub, null))
    await Promise.all([hub.publish(publication(1)), hub.publish(publication(2)), hub.publish(publication(3))])
    expect(turns).toBeGreaterThan(10)
    expect(listeners.every(({ heard }) => heard.join() === '1,2,3')).toBe(true)
  })

  test('does not reach who closed, or who came, while it ran', async () => {
    const late: ReturnType<typeof listen>[] = []
    const listeners: ReturnType<typeof listen>[] = []
    const hub = hubOf(async () => {
      listeners.at(-1)?.close()
      late.push(listen(hub, null))
    })
    listeners.push(...Array.from({ length: 300 }, () => listen(hub, null)))
    await hub.publish(publication(1))
    expect(late.length).toBeGreaterThan(0)
    expect(late.every(({ heard }) => heard.length === 0)).toBe(true)
    expect(listeners.at(-1)?.heard).toEqual([])
    expect(listeners[0]?.heard).toEqual([1])
  })
})

test('a publication asks only the listeners that pin its values', async () => {
  const hub = hubOf()
  let asked = 0
  for (let n = 0; n < 10_000; n++) {
    const request = readSelector(`id = 'ch_${n}' and type like 'charge.%'`, null)
    const matches = () => {
      asked += 1
      return true
    }
    hub.subscribe({ appId: 'app_1', ...request, matches, deliver: () => undefined })
  }
  await hub.publish(publication(1, { chargeId: 'ch_77' }))
  expect(asked).toBe(1)
})
