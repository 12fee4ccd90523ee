/** Small tools of the benchmarks: medians, tables, and rounds that take turns. */

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

/**
 * Runs the cases in turn, `rounds` times over, so that a machine that grows slower slows all of them.
 * The first round warms up and is not counted.
 * @returns the results of each case, in rounds.
 */
export async function inTurn<Name extends string, Result>(
  cases: Readonly<Record<Name, () => Promise<Result>>>,
  rounds: number,
): Promise<Record<Name, Result[]>> {
  const names = Object.keys(cases) as Name[]
  const results = Object.fromEntries(names.map((name) => [name, [] as Result[]])) as Record<Name, Result[]>
  for (let round = 0; round <= rounds; round++) {
    for (const name of names) {
      const result = await cases[name]()
      if (round > 0) results[name].push(result)
      process.stderr.write('.')
    }
  }
  process.stderr.write('\n')
  return results
}

/** The median of the ratios round by round, which a drifting machine leaves alone. */
export function ratio(of: readonly number[], to: readonly number[]): number {
  return median(of.map((value, round) => value / (to[round] ?? Number.NaN)))
}

export function printTable(
  title: string,
  header: readonly string[],
  rows: readonly (readonly string[])[],
): void {
  const widths = header.map((name, column) =>
    Math.max(name.length, ...rows.map((row) => (row[column] ?? '').length)),
  )
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  console.log(`\n${title}\n`)
  console.log(line(header))
  console.log(line(widths.map((width) => '-'.repeat(width))))
  for (const row of rows) console.log(line(row))
}

export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}

export function times(value: number): string {
  return `${value.toFixed(2)}×`
}
