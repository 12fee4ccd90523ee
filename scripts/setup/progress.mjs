/** Shows one line for a step that takes a while, with its seconds, and runs a program quietly under it. */
import { spawn } from 'node:child_process'
import { SetupError } from './setup-error.mjs'

/**
 * Runs a program without showing its output, which is kept for the case that it fails.
 * @param {string} title what the person reads while it runs
 * @param {{quietUnderMs?: number}} options with `quietUnderMs`, a step that is done sooner says nothing
 */
export async function runWithProgress(title, program, args, spawnOptions, { quietUnderMs = 0 } = {}) {
  const startedAt = Date.now()
  const line = startLine(title, quietUnderMs)
  const output = []
  const code = await new Promise((resolve) => {
    const child = spawn(program, args, { ...spawnOptions, stdio: ['ignore', 'pipe', 'pipe'] })
    child.stdout.on('data', (chunk) => output.push(chunk))
    child.stderr.on('data', (chunk) => output.push(chunk))
    child.on('error', (error) => {
      output.push(Buffer.from(String(error)))
      resolve(127)
    })
    child.on('exit', (exitCode) => resolve(exitCode ?? 1))
  })
  line.end(code === 0 ? `${((Date.now() - startedAt) / 1000).toFixed(1)} s` : 'failed')
  if (code !== 0) {
    throw new SetupError(
      `${title} failed:\n${Buffer.concat(output).toString().trim().split('\n').slice(-40).join('\n')}`,
    )
  }
}

function startLine(title, quietUnderMs) {
  const isTerminal = process.stdout.isTTY === true
  const startedAt = Date.now()
  let shown = false
  const show = () => {
    const seconds = Math.round((Date.now() - startedAt) / 1000)
    if (isTerminal) process.stdout.write(`\r  ${title} … ${seconds} s `)
    else if (!shown) process.stdout.write(`  ${title} …\n`)
    shown = true
  }
  const first = setTimeout(show, quietUnderMs)
  const ticks = setInterval(() => shown && isTerminal && show(), 1000)
  return {
    end(result) {
      clearTimeout(first)
      clearInterval(ticks)
      if (!shown) return
      process.stdout.write(isTerminal ? `\r  ${title} … ${result}   \n` : `  ${title}: ${result}\n`)
    },
  }
}
