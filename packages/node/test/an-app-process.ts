/** An app's server as a process of its own: `an-app-process.ts <server's address> <milliseconds of its callback>`. */
import { createTollbridge } from '../src/index.ts'

const [, , url = '', takesMs = '0'] = process.argv
const tollbridge = createTollbridge({ url, serverKey: process.env['SERVER_KEY'] ?? '' })

tollbridge.ui.registerCallback('cardSaved', async ({ id }, _, { data }) => {
  console.log(`begin ${id} ${data}`)
  if (takesMs !== '0') await new Promise((resolve) => setTimeout(resolve, Number(takesMs)))
  console.log(`end ${id}`)
})
await tollbridge.ready()
console.log('ready')
// Nothing else ends the process: it does so when nothing is left to do.
process.once('SIGTERM', () => tollbridge.close())
