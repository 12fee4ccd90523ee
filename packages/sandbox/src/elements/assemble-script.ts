/** Joins modules written for the browser into one classic script, as they are: no bundler, no build step. */
import { readFileSync } from 'node:fs'
import * as nodeModule from 'node:module'
import { dirname, resolve } from 'node:path'

const IMPORT = /^import\s+\{([^}]*)\}\s+from\s+['"](\.[^'"]+)['"];?[ \t]*$/gm
const EXPORT = /^export\s+(?=(?:async\s+)?(?:function|class|const)\s+([A-Za-z_$][\w$]*))/gm
const EMPTY_EXPORT = /^export\s*\{\s*\};?[ \t]*$/gm
const SOURCE_MAP = /^\/\/# sourceMappingURL=.*$/gm

/**
 * The text of one script: `entry` and all that it imports, each module in a scope of its own. Reads TypeScript sources
 * (types are erased) or compiled files. Modules may use named imports of relative files, and export functions, classes
 * and constants where they declare them.
 * @throws Error for any other import or export, and for modules that import each other in a circle.
 */
export function assembleScript(entry: string): string {
  const names = new Map<string, string>()
  const parts: string[] = []

  function add(file: string, importedBy: readonly string[]): string {
    if (importedBy.includes(file)) throw new Error(`${[...importedBy, file].join(' imports ')}: a circle.`)
    const known = names.get(file)
    if (known !== undefined) return known
    const exported: string[] = []
    const body = readModule(file)
      .replace(SOURCE_MAP, '')
      .replace(EMPTY_EXPORT, '')
      .replace(IMPORT, (_, clause: string, path: string) => {
        const from = add(resolve(dirname(file), path), [...importedBy, file])
        const imported = clause
          .split(',')
          .map((name) => name.trim())
          .filter(Boolean)
        const bindings = imported.map((name) => name.replace(/\s+as\s+/, ': '))
        return bindings.length > 0 ? `const { ${bindings.join(', ')} } = ${from}` : ''
      })
      .replace(EXPORT, (_, name: string) => {
        exported.push(name)
        return ''
      })
    const stray = /^(?:import|export)\b.*$/m.exec(body)
    if (stray) throw new Error(`${file} has an import or export that cannot be joined: ${stray[0]}`)
    const name = `module${names.size}`
    names.set(file, name)
    parts.push(`const ${name} = (() => {\n${body}\nreturn { ${exported.join(', ')} }\n})();`)
    return name
  }

  add(entry, [])
  return `(() => {\n'use strict';\n${parts.join('\n')}\n})();\n`
}

function readModule(file: string): string {
  const text = readFileSync(file, 'utf8')
  return file.endsWith('.ts') ? nodeModule.stripTypeScriptTypes(text, { mode: 'strip' }) : text
}
