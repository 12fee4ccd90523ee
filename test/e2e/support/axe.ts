/** An accessibility run of axe-core over a page and the frames in it. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface AxeResults {
  readonly violations: readonly {
    readonly id: string
    readonly help: string
    readonly nodes: readonly { readonly target: unknown; readonly failureSummary?: string }[]
  }[]
  readonly passes: readonly unknown[]
}

/** @returns each violation in words; throws when axe has looked at nothing. */
export async function violationsOf(page: Page): Promise<string[]> {
  for (const frame of page.frames()) {
    await frame.evaluate(`if (typeof axe === 'undefined') { ${source} }`)
  }
  const { violations, passes } = (await page.evaluate('axe.run()')) as AxeResults
  if (passes.length === 0) throw new Error('axe has found nothing to look at')
  return violations.map(
    ({ id, help, nodes }) =>
      `${id}: ${help}\n${nodes.map(({ target, failureSummary }) => `  ${JSON.stringify(target)} ${failureSummary}`).join('\n')}`,
  )
}
