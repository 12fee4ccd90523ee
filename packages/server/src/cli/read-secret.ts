/** A secret for a command: as given, a reference, or `-` for a line of standard input, which no process list shows. */
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import type { Terminal } from './command-context.ts'
import { UsageError } from './usage-error.ts'

/** @param what named in the question that a person at a terminal gets; what is typed is not shown */
export async function readSecret(
  given: string,
  what: string,
  { stdin, stderr }: Pick<Terminal, 'stdin' | 'stderr'>,
): Promise<string> {
  if (given !== '-') return given
  const isTyped = 'isTTY' in stdin && stdin.isTTY === true
  if (isTyped) stderr.write(`${what} (not shown): `)
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: stdin, output: silent, terminal: isTyped })
  try {
    for await (const line of lines) {
      if (line.trim() !== '') return line.trim()
      break
    }
  } finally {
    lines.close()
    if (isTyped) stderr.write('\n')
  }
  throw new UsageError('Standard input holds no secret.')
}
