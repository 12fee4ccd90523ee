/** What people install: the packed packages alone, in an app of their own. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CARDS, cardFrame, dialogButton, typeCard } from './support/card-form.ts'
import { browser, openShops, skipped } from './support/open-shops.ts'
import { type PackedApp, packPackages, root } from './support/pack-packages.ts'
import { servePages } from './support/serve-pages.ts'

const run = promisify(execFile)
const shops = openShops()
let app: PackedApp

beforeAll(async () => {
  app = await packPackages(
    ['protocol', 'browser', 'node'],
    [
      '@stripe/stripe-js',
      '@stripe/react-stripe-js',
      '@types/node',
      '@types/react',
      '@types/react-dom',
      'react',
      'react-dom',
    ],
  )
}, 240_000)
afterAll(() => app?.remove())

test('the tarballs hold what is to be published, and nothing of ours beside it', async () => {
  for (const name of ['protocol', 'browser', 'node']) {
    const contents = await app.contents(name)
    expect(contents).toContain('package/package.json')
    expect(contents).toContain('package/dist/index.js')
    expect(contents).toContain('package/dist/index.d.ts')
    expect(contents.filter((path) => /\.env|\.tollbridge|node_modules|\.db$|tsbuildinfo/.test(path))).toEqual(
      [],
    )
  }
  expect(await app.contents('browser')).toContain('package/dist/bundle/tollbridge.js')
})

const NODE_SCRIPT = `
import { createTollbridge, StripeApiError } from '@tollbridge/node'
const tollbridge = createTollbridge({ url: process.env.URL_, serverKey: process.env.KEY })
const customer = await tollbridge.stripe.customers.post({ email: 'jo@shop.example' })
const { quote, amount } = await tollbridge.quotes.sign({ orderId: 'packed-' + process.version, amount: 1999, currency: 'eur' })
const payment = await tollbridge.payments.create({ quote, token: 'tok_visa' })
const refusal = await tollbridge.payments
  .create({ orderId: 'packed-declined-' + process.version, amount: 500, token: 'tok_chargeDeclined' })
  .catch((error) => error)
await tollbridge.close()
console.log(JSON.stringify({
  customer: customer.id, amount, status: payment.status,
  refusal: [refusal instanceof StripeApiError, refusal.type, refusal.code],
}))
`

/** This Node, and the machine's own where it is another one: the package promises Node 20.19. */
const nodes = [process.execPath, '/usr/bin/node'].filter((it) => existsSync(it))

test.each(nodes)('@tollbridge/node pays, under %s', async (node) => {
  app.write('pay.mjs', NODE_SCRIPT)
  const { url, serverKey } = shops.tollbridge
  const { stdout } = await run(node, ['pay.mjs'], {
    cwd: app.folder,
    env: { PATH: process.env['PATH'], URL_: url, KEY: serverKey },
  })
  expect(JSON.parse(stdout)).toEqual({
    customer: expect.stringMatching(/^cus_/),
    amount: 1999,
    status: 'succeeded',
    refusal: [true, 'card_error', 'card_declined'],
  })
})

test('the types of @tollbridge/node are right for its users', async () => {
  app.write(
    'server.ts',
    `import { createTollbridge, type Payment } from '@tollbridge/node'
const tollbridge = createTollbridge({ url: 'https://pay.shop.example', serverKey: 'tbk_1' })
export const payment: Promise<Payment> = tollbridge.payments.create({ orderId: '1', amount: 100, token: 'tok_visa' })
// @ts-expect-error an amount is a number
tollbridge.payments.create({ orderId: '1', amount: '100' })
// @ts-expect-error there is no such resource
tollbridge.stripe.customerz.post({})
`,
  )
  await typeCheck(['server.ts'], { lib: ['es2023'], types: ['node'] })
})

const REACT_APP = `
import { createTollbridge, type PayOutcome } from '@tollbridge/browser'
import { PayButton, TollbridgeProvider, usePayment, useWatch } from '@tollbridge/browser/react'
import { useState } from 'react'
import { createRoot } from 'react-dom/client'

const { url = '', clientKey = '' } = document.body.dataset
const tollbridge = createTollbridge({ url, clientKey })

function Shop() {
  const [outcome, setOutcome] = useState<PayOutcome | null>(null)
  const { status } = useWatch(outcome?.payment?.id)
  const { step } = usePayment()
  return (
    <main>
      <PayButton order={{ amount: 1999, currency: 'usd', element: 'card' }} onOutcome={setOutcome} />
      <p>{\`\${step}; told: \${outcome?.status ?? 'nothing'}; live: \${status ?? 'nothing'}\`}</p>
    </main>
  )
}
createRoot(document.getElementById('root') as HTMLElement).render(
  <TollbridgeProvider tollbridge={tollbridge}><Shop /></TollbridgeProvider>,
)
// @ts-expect-error an order is no text
export const wrong = <PayButton order="one" />
`

test.skipIf(browser === null)(
  `a React app of the published entry points alone type-checks, bundles and pays${skipped}`,
  async () => {
    app.write('app.tsx', REACT_APP)
    await typeCheck(['app.tsx'], { lib: ['es2023', 'dom', 'dom.iterable'], jsx: 'react-jsx', types: [] })
    const { rolldown } = await import('rolldown')
    const bundle = await rolldown({
      input: join(app.folder, 'app.tsx'),
      cwd: app.folder,
      platform: 'browser',
      transform: { define: { 'process.env.NODE_ENV': '"production"' } },
      logLevel: 'silent',
    })
    const { output } = await bundle.generate({ format: 'iife' })
    // Nothing but the tarballs, and the peers beside them.
    const ours = output[0].moduleIds.filter((id) => id.startsWith(join(root, 'packages')))
    expect(ours).toEqual([])

    const { url, clientKey } = shops.tollbridge
    const origin = await servePages({
      '/app.js': output[0].code,
      '/': `<!doctype html><html lang="en"><title>Shop</title><link rel="icon" href="data:,">
<body data-url="${url}" data-client-key="${clientKey}"><div id="root"></div><script src="/app.js"></script></body></html>`,
    })
    const { page } = await shops.visit('/')
    await page.goto(origin)
    await page.getByRole('button', { name: 'Pay $19.99' }).click()
    await cardFrame(page).locator('[name="cardnumber"]').waitFor()
    await typeCard(page, CARDS.good)
    await dialogButton(page, 'Pay $19.99').click()
    await page.getByText('idle; told: succeeded; live: succeeded').waitFor()
  },
)

/** Rejects with what tsc says. */
async function typeCheck(
  files: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<void> {
  app.write(
    'tsconfig.json',
    JSON.stringify({
      compilerOptions: {
        strict: true,
        noEmit: true,
        module: 'nodenext',
        target: 'es2023',
        // Our own declarations are checked as well.
        skipLibCheck: false,
        ...options,
      },
      files,
    }),
  )
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  await run(process.execPath, [tsc, '-p', 'tsconfig.json'], { cwd: app.folder }).catch(
    ({ stdout }: { readonly stdout: string }) => {
      throw new Error(`The app does not type-check:\n${stdout}`)
    },
  )
}
