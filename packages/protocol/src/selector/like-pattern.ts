/**
 * LIKE without regular expressions: a pattern is cut at its `%` into segments, which are then found one after the
 * other, leftmost first.
 *
 * Letters A to Z match in either case and no other letters do, which is what SQLite's LIKE does; `_` is one Unicode
 * code point. Time is linear: a segment without `_` is found by Knuth, Morris and Pratt; one with `_` that stands
 * between two `%` may hold at most `segmentLimit` characters; each character of the value is searched once.
 */

/** Characters allowed between two `%` when a `_` is among them. */
export const segmentLimit = 64

/** Stands for `_` among the code units of a segment. */
const anyCharacter = -1

/** Flat lists, since a pattern of 10,000 characters may have 5,000 segments. */
export interface LikePattern {
  /** UTF-16 code units of all segments, with A to Z in lower case, or `anyCharacter`. */
  readonly units: readonly number[]
  /** Where in `units` each segment starts, and at the end the length of `units`. Only the first and last may be empty. */
  readonly bounds: readonly number[]
  /**
   * Knuth-Morris-Pratt for the same places as `units`: the length of the longest border of the segment up to there;
   * -1 all over a segment with `anyCharacter`.
   */
  readonly borders: readonly number[]
  /** The same pattern for SQL: A to Z in lower case, escaped with a backslash. */
  readonly sql: string
}

export type LikePatternOutcome =
  | { readonly ok: true; readonly pattern: LikePattern }
  | { readonly ok: false; readonly problem: string }

/** Reads a LIKE pattern. `escapedBy` is one character or null. */
export function parseLikePattern(text: string, escapedBy: string | null): LikePatternOutcome {
  const units: number[] = []
  const bounds = [0]
  const sql: string[] = []
  let escaped = false
  for (const char of text) {
    if (!escaped && char === escapedBy) {
      escaped = true
    } else if (!escaped && char === '%') {
      if (sql[sql.length - 1] !== '%') {
        bounds.push(units.length)
        sql.push('%')
      }
    } else if (!escaped && char === '_') {
      units.push(anyCharacter)
      sql.push('_')
    } else {
      for (let i = 0; i < char.length; i++) units.push(fold(char.charCodeAt(i)))
      const folded = char.length === 1 ? String.fromCharCode(fold(char.charCodeAt(0))) : char
      sql.push(char === '%' || char === '_' || char === '\\' ? `\\${char}` : folded)
      escaped = false
    }
  }
  if (escaped) return { ok: false, problem: 'The LIKE pattern ends with its escape character' }
  bounds.push(units.length)
  const borders = findBorders(units, bounds)
  if (hasLongSegment(bounds, borders)) {
    return {
      ok: false,
      problem: `A LIKE pattern that uses _ may hold at most ${segmentLimit} characters between two %`,
    }
  }
  return { ok: true, pattern: { units, bounds, borders, sql: sql.join('') } }
}

/** Whether the whole value has the pattern's form. */
export function matchesLike(value: string, pattern: LikePattern): boolean {
  const { bounds, borders } = pattern
  const last = bounds.length - 2
  let start = endOfMatchAt(value, pattern, 0, 0, value.length)
  if (last === 0) return start === value.length
  const end = startOfMatchBefore(value, pattern, last)
  if (start === -1 || end < start) return false
  for (let segment = 1; segment < last; segment++) {
    const loose = borders[at(bounds, segment)] === -1
    start = (loose ? findLoose : findPlain)(value, pattern, segment, start, end)
    if (start === -1) return false
  }
  return true
}

function findBorders(units: readonly number[], bounds: readonly number[]): number[] {
  const borders: number[] = []
  for (let segment = 0; segment + 1 < bounds.length; segment++) {
    const from = at(bounds, segment)
    const to = at(bounds, segment + 1)
    let border = 0
    let loose = false
    for (let i = from; i < to; i++) {
      while (border > 0 && units[i] !== units[from + border]) border = at(borders, from + border - 1)
      if (i > from && units[i] === units[from + border]) border++
      borders.push(border)
      loose ||= units[i] === anyCharacter
    }
    if (loose) borders.fill(-1, from, to)
  }
  return borders
}

function hasLongSegment(bounds: readonly number[], borders: readonly number[]): boolean {
  return bounds.some((from, segment) => {
    const between = segment > 0 && segment < bounds.length - 2
    return between && borders[from] === -1 && at(bounds, segment + 1) - from > segmentLimit
  })
}

/** Where the segment ends when it stands at `start`, or -1. */
function endOfMatchAt(
  value: string,
  pattern: LikePattern,
  segment: number,
  start: number,
  end: number,
): number {
  const { units, bounds } = pattern
  const to = at(bounds, segment + 1)
  let place = start
  for (let i = at(bounds, segment); i < to; i++) {
    if (place >= end) return -1
    if (units[i] === anyCharacter) place += isPair(value, place) ? 2 : 1
    else if (fold(value.charCodeAt(place)) === units[i]) place++
    else return -1
  }
  return place
}

/** Where the segment starts when it stands at the very end of the value, or -1. */
function startOfMatchBefore(value: string, { units, bounds }: LikePattern, segment: number): number {
  const from = at(bounds, segment)
  let place = value.length
  for (let i = at(bounds, segment + 1) - 1; i >= from; i--) {
    if (place <= 0) return -1
    if (units[i] === anyCharacter) place -= place >= 2 && isPair(value, place - 2) ? 2 : 1
    else if (fold(value.charCodeAt(place - 1)) === units[i]) place--
    else return -1
  }
  return place
}

/** Where the segment's first appearance between `start` and `end` ends, or -1; for a segment with `_`. */
function findLoose(value: string, pattern: LikePattern, segment: number, start: number, end: number): number {
  for (let place = start; place < end; place += isPair(value, place) ? 2 : 1) {
    const found = endOfMatchAt(value, pattern, segment, place, end)
    if (found !== -1) return found
  }
  return -1
}

/** The same for a segment without `_`. */
function findPlain(value: string, pattern: LikePattern, segment: number, start: number, end: number): number {
  const { units, bounds, borders } = pattern
  const from = at(bounds, segment)
  const length = at(bounds, segment + 1) - from
  let matched = 0
  for (let place = start; place < end; place++) {
    const unit = fold(value.charCodeAt(place))
    while (matched > 0 && unit !== units[from + matched]) matched = at(borders, from + matched - 1)
    if (unit === units[from + matched]) matched++
    if (matched === length) return place + 1
  }
  return -1
}

/** An element that is there by construction. */
function at(list: readonly number[], index: number): number {
  return list[index] ?? 0
}

function fold(unit: number): number {
  return unit >= 65 && unit <= 90 ? unit + 32 : unit
}

function isPair(value: string, place: number): boolean {
  return (value.codePointAt(place) ?? 0) > 0xffff
}
