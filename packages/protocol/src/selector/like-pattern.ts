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

interface Segment {
  /** UTF-16 code units with A to Z in lower case, or `anyCharacter`. */
  readonly units: readonly number[]
  readonly hasAny: boolean
  /** Knuth-Morris-Pratt: the length of the longest border of each prefix. Empty when `hasAny`. */
  readonly borders: readonly number[]
}

export interface LikePattern {
  /** One more than there are `%` runs; all but the first and the last are not empty. */
  readonly segments: readonly Segment[]
  /** The same pattern for SQL: A to Z in lower case, escaped with a backslash. */
  readonly sql: string
}

export type LikePatternOutcome =
  | { readonly ok: true; readonly pattern: LikePattern }
  | { readonly ok: false; readonly problem: string }

/** Reads a LIKE pattern. `escapedBy` is one character or null. */
export function parseLikePattern(text: string, escapedBy: string | null): LikePatternOutcome {
  const segments: number[][] = [[]]
  const sql: string[] = []
  let escaped = false
  for (const char of text) {
    const current = segments[segments.length - 1] ?? []
    if (!escaped && char === escapedBy) {
      escaped = true
    } else if (!escaped && char === '%') {
      if (current.length > 0 || segments.length === 1) segments.push([])
      if (sql[sql.length - 1] !== '%') sql.push('%')
    } else if (!escaped && char === '_') {
      current.push(anyCharacter)
      sql.push('_')
    } else {
      for (let i = 0; i < char.length; i++) current.push(fold(char.charCodeAt(i)))
      const folded = char.length === 1 ? String.fromCharCode(fold(char.charCodeAt(0))) : char
      sql.push(char === '%' || char === '_' || char === '\\' ? `\\${char}` : folded)
      escaped = false
    }
  }
  if (escaped) return { ok: false, problem: 'The LIKE pattern ends with its escape character' }
  const built = segments.map(buildSegment)
  if (built.slice(1, -1).some((segment) => segment.hasAny && segment.units.length > segmentLimit)) {
    return {
      ok: false,
      problem: `A LIKE pattern that uses _ may hold at most ${segmentLimit} characters between two %`,
    }
  }
  return { ok: true, pattern: { segments: built, sql: sql.join('') } }
}

/** Whether the whole value has the pattern's form. */
export function matchesLike(value: string, { segments }: LikePattern): boolean {
  const first = segments[0]
  const last = segments[segments.length - 1]
  if (first === undefined || last === undefined) return value === ''
  let start = endOfMatchAt(value, first, 0, value.length)
  if (segments.length === 1) return start === value.length
  const end = startOfMatchBefore(value, last)
  if (start === -1 || end < start) return false
  for (let i = 1; i < segments.length - 1; i++) {
    const segment = segments[i]
    if (segment === undefined) break
    start = segment.hasAny ? findWithAny(value, segment, start, end) : findPlain(value, segment, start, end)
    if (start === -1) return false
  }
  return true
}

function buildSegment(units: readonly number[]): Segment {
  const hasAny = units.includes(anyCharacter)
  const borders: number[] = []
  if (!hasAny) {
    let border = 0
    for (let i = 0; i < units.length; i++) {
      while (i > 0 && border > 0 && units[i] !== units[border]) border = borders[border - 1] ?? 0
      if (i > 0 && units[i] === units[border]) border++
      borders.push(border)
    }
  }
  return { units, hasAny, borders }
}

/** Where the segment ends when it stands at `start`, or -1. */
function endOfMatchAt(value: string, { units }: Segment, start: number, end: number): number {
  let at = start
  for (const unit of units) {
    if (at >= end) return -1
    if (unit === anyCharacter) at += isPair(value, at) ? 2 : 1
    else if (fold(value.charCodeAt(at)) === unit) at++
    else return -1
  }
  return at
}

/** Where the segment starts when it stands at the very end of the value, or -1. */
function startOfMatchBefore(value: string, { units }: Segment): number {
  let at = value.length
  for (let i = units.length - 1; i >= 0; i--) {
    if (at <= 0) return -1
    const unit = units[i]
    if (unit === anyCharacter) at -= at >= 2 && isPair(value, at - 2) ? 2 : 1
    else if (fold(value.charCodeAt(at - 1)) === unit) at--
    else return -1
  }
  return at
}

function findWithAny(value: string, segment: Segment, start: number, end: number): number {
  for (let at = start; at < end; at += isPair(value, at) ? 2 : 1) {
    const found = endOfMatchAt(value, segment, at, end)
    if (found !== -1) return found
  }
  return -1
}

function findPlain(value: string, { units, borders }: Segment, start: number, end: number): number {
  let matched = 0
  for (let at = start; at < end; at++) {
    const unit = fold(value.charCodeAt(at))
    while (matched > 0 && unit !== units[matched]) matched = borders[matched - 1] ?? 0
    if (unit === units[matched]) matched++
    if (matched === units.length) return at + 1
  }
  return -1
}

function fold(unit: number): number {
  return unit >= 65 && unit <= 90 ? unit + 32 : unit
}

function isPair(value: string, at: number): boolean {
  return (value.codePointAt(at) ?? 0) > 0xffff
}
