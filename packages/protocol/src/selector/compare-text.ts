/** Orders text by Unicode code points, as SQLite's BINARY and PostgreSQL's "C" collation do. */

/** Negative, zero or positive. JavaScript's own `<` compares UTF-16 units, which puts U+1F600 before U+FF5E. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i)
    const right = b.charCodeAt(i)
    if (left !== right) return codePointRank(left) - codePointRank(right)
  }
  return a.length - b.length
}

/** Surrogates stand for code points above every other unit. */
function codePointRank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit
}
