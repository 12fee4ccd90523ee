/** `npm run bench [ingest] [fan-out] [charge] [passthrough]`: measures what is named, or everything, and prints ratios. */
import { benchCharge } from './charge.ts'
import { benchFanOut } from './fan-out.ts'
import { benchIngest } from './ingest.ts'
import { benchPassthrough } from './passthrough.ts'

const benches = {
  ingest: benchIngest,
  'fan-out': benchFanOut,
  charge: benchCharge,
  passthrough: benchPassthrough,
} as const
const named = process.argv.slice(2)
const unknown = named.filter((name) => !(name in benches))
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(', ')}. There are: ${Object.keys(benches).join(', ')}.`)
  process.exitCode = 1
} else {
  for (const [name, bench] of Object.entries(benches)) {
    if (named.length === 0 || named.includes(name)) await bench()
  }
}
