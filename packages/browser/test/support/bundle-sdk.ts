/** Joins the SDK from its sources, as the build does, so that no stale build is tested. */
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

/** @param entry a file of src, such as `script-tag.ts` */
export async function bundleSdk(entry: string, format: 'iife' | 'esm'): Promise<string> {
  const bundle = await rolldown({
    input: fileURLToPath(new URL(`../../src/${entry}`, import.meta.url)),
    platform: 'browser',
    resolve: { conditionNames: ['source', 'import', 'module', 'browser', 'default'] },
    logLevel: 'silent',
  })
  const { output } = await bundle.generate({ format, minify: true })
  return output[0].code
}
