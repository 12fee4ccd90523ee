/** Random choices that a failing test can repeat: the same seed gives the same row of numbers. */

export interface SeededRandom {
  /** From `least` to `most`, both among them. */
  whole(least: number, most: number): number
  /** True in this share of the cases. */
  chance(share: number): boolean
  pick<T>(items: readonly T[]): T
}

/** The generator mulberry32: small, quick, and good enough to choose moments with. */
export function seededRandom(seed: number): SeededRandom {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const whole = (least: number, most: number) => least + Math.floor(next() * (most - least + 1))
  return {
    whole,
    chance: (share) => next() < share,
    pick(items) {
      const item = items[whole(0, items.length - 1)]
      if (item === undefined) throw new Error('There is nothing to pick from')
      return item
    },
  }
}
