/** Joining modules into one script. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runInNewContext } from 'node:vm'
import { expect, onTestFinished, test } from 'vitest'
import { assembleScript } from './assemble-script.ts'

/** Joins the files, of which the first is the entry. */
function assemble(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'assemble-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return assembleScript(join(folder, Object.keys(files)[0] ?? ''))
}

/** What the script leaves in the global `result`. */
function run(script: string): unknown {
  const world: { result?: unknown } = {}
  runInNewContext(script, world)
  return world.result
}

test('each module runs once, in a scope of its own, after what it imports', () => {
  const script = assemble({
    'main.ts': `import { count, type Shape } from './count.ts'
import { twice as double } from './twice.ts'
const hidden: Shape = { size: count() }
globalThis.result = [hidden.size, double(count())]`,
    'twice.ts': `import { count } from './count.ts'
const hidden = 2
export const twice = (value: number): number => value * hidden + 0 * count()`,
    'count.ts': `export interface Shape { size: number }
let hidden = 0
export function count(): number { return ++hidden }
export class Unused {}`,
  })
  expect(run(script)).toEqual([1, 4])
})

test('compiled files are joined as they are', () => {
  const script = assemble({
    'main.js': `import { a } from './a.js';\nglobalThis.result = a;\nexport {};\n//# sourceMappingURL=main.js.map`,
    'a.js': 'export const a = 7;\n',
  })
  expect(run(script)).toBe(7)
  expect(script).not.toContain('sourceMappingURL')
})

test.each([
  ['a default export', { 'main.js': 'export default 1' }, /cannot be joined: export default/],
  ['a package', { 'main.js': "import { x } from 'package'" }, /cannot be joined: import/],
  ['a list of exports', { 'main.js': 'const a = 1\nexport { a }' }, /cannot be joined: export/],
  [
    'a circle',
    {
      'main.js': "import { b } from './b.js'\nexport const a = 1",
      'b.js': "import { a } from './main.js'\nexport const b = 1",
    },
    /a circle/,
  ],
])('%s is refused', (_, files, message) => {
  expect(() => assemble(files as Record<string, string>)).toThrow(message)
})
