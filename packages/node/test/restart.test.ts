/** What outlives a restart: callbacks with a name, of the app's process; and everything, of the server. */
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { eventually } from '../../../test/support/eventually.ts'
import { freePort, temporaryFolder } from '../../../test/support/product-process.ts'
import { type Tollbridge as Server, startTollbridge } from '../../../test/support/start-tollbridge.ts'
import { createTollbridge, type Tollbridge } from '../src/index.ts'
import { openPage } from './a-page.ts'

const ORIGIN = 'https://shop.example'
const cleanUps: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

async function start(): Promise<{ server: Server; again(): Promise<Server>; stop(): Promise<void> }> {
  const folder = temporaryFolder()
  const env = { PORT: String(await freePort()), SANDBOX_PORT: String(await freePort()) }
  const up = () => startTollbridge({ dataDir: folder.path, env })
  let server = await up()
  cleanUps.push(
    () => folder.remove(),
    () => server.stop(),
  )
  return {
    server,
    stop: () => server.stop(),
    async again() {
      server = await up()
      return server
    },
  }
}

function connect(server: Server): Tollbridge {
  const client = createTollbridge({ url: server.url, serverKey: server.serverKey, onError: () => undefined })
  cleanUps.push(() => client.close())
  return client
}

async function openTab(client: Tollbridge, server: Server) {
  const { token } = await client.ui.createSession({ user: 'ada', origin: ORIGIN })
  const page = await openPage(server, { token, origin: ORIGIN })
  cleanUps.push(() => page.close())
  return { page, token }
}

async function ask(
  client: Tollbridge,
  callbacks: Parameters<Tollbridge['ui']['sendMessage']>[0]['callbacks'],
) {
  const dataSecret = await client.stripe.setupIntents.post({ payment_method_types: ['card'] })
  return client.ui.sendMessage({
    scope: 'plugin:stripe',
    name: 'collectPaymentInformation',
    data: { dataSecret },
    target: 'users',
    targetUsers: ['ada'],
    callbacks: callbacks ?? {},
  })
}

const refused = { error: { message: 'The card was declined.' } }

test("functions and names of a process that goes on run after the server's restart", async () => {
  const { server, stop, again } = await start()
  const client = connect(server)
  const ran: string[] = []
  client.ui.registerCallback('named', () => ran.push('named'))
  const [first, second] = [
    await ask(client, { onFail: 'named' }),
    await ask(client, { onFail: () => ran.push('function') }),
  ]
  await stop()
  const restarted = await again()
  // The process finds the server again by itself; the page comes back too.
  const { page } = await openTab(client, restarted)
  await page.message(2)
  expect((await page.answer(first.id, 'onFail', refused)).status).toBe(200)
  const answered = await eventually(async () => {
    const answer = await page.answer(second.id, 'onFail', refused)
    return answer.status === 410 ? null : answer
  })
  expect(answered.status).toBe(200)
  await eventually(() => ran.length === 2, { what: 'both callbacks' })
  expect(ran.sort()).toEqual(['function', 'named'])
  expect(await first.settled).toMatchObject({ callback: 'onFail' })
  expect(await second.settled).toMatchObject({ callback: 'onFail' })
})

const APP = fileURLToPath(new URL('an-app-process.ts', import.meta.url))

interface AppProcess {
  readonly child: ChildProcess
  readonly lines: string[]
}

/** An app's server of its own: it registers a callback that takes a while, and prints when it begins and ends. */
function startApp(server: Server, takesMs: number): AppProcess {
  const child = spawn(process.execPath, ['--conditions=source', APP, server.url, String(takesMs)], {
    env: { ...process.env, SERVER_KEY: server.serverKey },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines: string[] = []
  child.stdout?.on('data', (chunk) => lines.push(...String(chunk).trim().split('\n')))
  cleanUps.push(() => child.kill('SIGKILL'))
  return { child, lines }
}

test('a callback whose process is killed in the middle runs again in the next one', async () => {
  const { server } = await start()
  const client = connect(server)
  const { page } = await openTab(client, server)
  const killed = startApp(server, 60_000)
  await eventually(() => killed.lines.includes('ready'), { what: 'the app' })
  const { id } = await ask(client, { onFail: { handler: 'cardSaved', data: 'order-17' } })
  await page.message()
  await page.answer(id, 'onFail', refused)
  await eventually(() => killed.lines.includes(`begin ${id} order-17`), { what: 'the callback' })
  killed.child.kill('SIGKILL')
  const next = startApp(server, 0)
  await eventually(() => next.lines.includes(`end ${id}`), { what: 'the callback in the next process' })
  await eventually(async () => (await client.ui.retrieve(id)).handler?.outcome === 'done', {
    what: 'the ack',
  })
})

test('a process that has closed its client ends by itself', async () => {
  const { server } = await start()
  const app = startApp(server, 0)
  await eventually(() => app.lines.includes('ready'), { what: 'the app' })
  app.child.kill('SIGTERM')
  const code = await new Promise((resolve) => app.child.on('exit', resolve))
  expect(code).toBe(0)
})
