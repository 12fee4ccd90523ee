/** A secret for a command: as given, a reference, or `-` for a line of standard input, which no process list shows. */
import type { Terminal } from './command-context.ts'
import { UsageError } from './usage-error.ts'

export async function readSecret(given: string, { stdin }: Pick<Terminal, 'stdin'>): Promise<string> {
  if (given !== '-') return given
  let text = ''
  for await (const chunk of stdin) text += String(chunk)
  const [line = ''] = text.split('\n')
  if (line.trim() === '') throw new UsageError('Standard input holds no secret.')
  return line.trim()
}
