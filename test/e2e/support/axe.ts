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

const LIMIT_MS = 30_000

/** Says what is hanging, in place of the test's own time limit. */
async function within<T>(work: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`Waited ${LIMIT_MS} ms in vain for ${what}`)), LIMIT_MS)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}

/** @returns each violation in words; throws when axe has looked at nothing. */
export async function violationsOf(page: Page): Promise<string[]> {
  for (const frame of page.frames()) {
    // The card's fields are of another origin, which axe leaves out unless told.
    const injected = frame.evaluate(
      `if (typeof axe === 'undefined') { ${source}; axe.configure({ allowedOrigins: ['<unsafe_all_origins>'] }) }`,
    )
    await within(injected, `the frame ${frame.url()} to take axe`).catch((error: unknown) => {
      // A field that has gone meanwhile is nothing to look at.
      if (!frame.isDetached()) throw error
    })
  }
  const run = page.evaluate('axe.run({ frameWaitTime: 10_000 })') as Promise<AxeResults>
  const { violations, passes } = await within(run, 'axe to have looked at everything')
  if (passes.length === 0) throw new Error('axe has found nothing to look at')
  return violations.flatMap(({ id, help, nodes: all }) => {
    const nodes = all.filter((node) => id !== 'color-contrast' || !isInFrame(node))
    if (nodes.length === 0) return []
    return [
      `${id}: ${help}\n${nodes.map(({ target, failureSummary }) => `  ${JSON.stringify(target)} ${failureSummary}`).join('\n')}`,
    ]
  })
}

/** The text of a card field lies on the page's ground, which axe cannot see from within the frame; the dialog's own tests measure it. */
function isInFrame({ target }: { readonly target: unknown }): boolean {
  return Array.isArray(target) && target.length > 1
}
