/** The frames that the official Java SDK was seen to send and to take: test/fixtures/java-wire. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('../fixtures/java-wire/', import.meta.url))

/** `charge`, `find-all-options`, … */
export const frameNames: readonly string[] = readdirSync(folder)
  .filter((file) => file.endsWith('.request.hex'))
  .map((file) => file.replace('.request.hex', ''))

/** A whole HTTP body. */
export function javaFrame(name: string, side: 'request' | 'response'): Buffer {
  return Buffer.from(readFileSync(`${folder}${name}.${side}.hex`, 'utf8').replace(/\s/g, ''), 'hex')
}
