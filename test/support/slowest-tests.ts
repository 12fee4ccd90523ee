/** Names the slowest tests at the end of a run, so that whoever made one sees it. */
import { relative } from 'node:path'
import type { Reporter, TestCase } from 'vitest/node'

const SHOWN = 10

interface Timed {
  readonly name: string
  readonly ms: number
}

export default class SlowestTests implements Reporter {
  readonly #timed: Timed[] = []

  onTestCaseResult(test: TestCase): void {
    const ms = test.diagnostic()?.duration
    if (ms === undefined) return
    const file = relative(test.project.config.root, test.module.moduleId).replaceAll('\\', '/')
    this.#timed.push({ name: `${file} > ${test.fullName}`, ms })
  }

  onTestRunEnd(): void {
    const slowest = this.#timed.toSorted((a, b) => b.ms - a.ms).slice(0, SHOWN)
    // Of a handful everybody sees which is slow.
    if (this.#timed.length <= SHOWN) return
    console.log(`\n The ${SHOWN} slowest tests:`)
    for (const { name, ms } of slowest) console.log(`   ${(ms / 1000).toFixed(1).padStart(5)} s  ${name}`)
  }
}
