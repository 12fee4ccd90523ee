/** How to call npm: with the npm that called us, on the Node that we chose. */
import { existsSync } from 'node:fs'
import { delimiter, dirname } from 'node:path'

export function npmCommand(node) {
  const cli = process.env.npm_execpath
  if (cli !== undefined && /npm-cli\.c?js$/.test(cli) && existsSync(cli))
    return { program: node, args: [cli], shell: false }
  return {
    program: process.platform === 'win32' ? 'npm.cmd' : 'npm',
    args: [],
    shell: process.platform === 'win32',
  }
}

/** The environment for npm below `npm start`: without what npm tells its scripts about the outer call. */
export function npmEnvironment(node) {
  const env = { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ''}` }
  for (const name of Object.keys(env)) {
    if (/^npm_(lifecycle|package|config_(local_prefix|workspace|argv))/i.test(name)) delete env[name]
  }
  return env
}
