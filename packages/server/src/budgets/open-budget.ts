/** Counts what is open at one time, for each address, key and app; nothing is remembered of what has closed. */
import { networkOf } from '../access/network-of.ts'
import type { Holder, PerScope, Scope } from './holder.ts'

export interface OpenBudget {
  /** @returns what gives the place back, any number of times; or the scope that has no room. */
  take(holder: Holder, weight?: number): (() => void) | Scope
  /** The scope that has no room for one more; null: there is room. */
  fullFor(holder: Holder): Scope | null
  /** Holders that have something open. */
  readonly size: number
}

export function createOpenBudget(limits: PerScope<number>): OpenBudget {
  const sums = new Map<string, number>()

  const full = (subjects: readonly Subject[], weight: number): Scope | null =>
    subjects.find(({ name, most }) => (sums.get(name) ?? 0) + weight > most)?.scope ?? null

  return {
    take(holder, weight = 1) {
      const subjects = subjectsOf(holder, limits)
      const scope = full(subjects, weight)
      if (scope !== null) return scope
      for (const { name } of subjects) sums.set(name, (sums.get(name) ?? 0) + weight)
      let isHeld = true
      return () => {
        if (!isHeld) return
        isHeld = false
        for (const { name } of subjects) {
          const rest = (sums.get(name) ?? 0) - weight
          if (rest > 0) sums.set(name, rest)
          else sums.delete(name)
        }
      }
    },
    fullFor: (holder) => full(subjectsOf(holder, limits), 1),
    get size() {
      return sums.size
    },
  }
}

interface Subject {
  readonly scope: Scope
  readonly name: string
  readonly most: number
}

function subjectsOf({ address, key, appId }: Holder, limits: PerScope<number>): readonly Subject[] {
  const subjects: Subject[] = []
  const add = (scope: Scope, name: string | null) => {
    const most = limits[scope]
    if (name !== null && most !== null) subjects.push({ scope, name: `${scope} ${name}`, most })
  }
  add('address', networkOf(address))
  add('key', key)
  add('app', appId)
  return subjects
}
