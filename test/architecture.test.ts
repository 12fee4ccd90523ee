/** The arrows of ARCHITECTURE.md, executable: who may import whom, and where each vendor package lives. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseSync } from 'oxc-parser'
import { describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const server = 'packages/server/src'
/** What every part of the server may use: names, errors, time, the access rule, the ports. */
const leaves = [
  `${server}/errors.ts`,
  `${server}/clock.ts`,
  `${server}/log.ts`,
  `${server}/config.ts`,
  `${server}/settings`,
  `${server}/access`,
  `${server}/payment-state`,
  `${server}/secrets`,
  `${server}/outbound`,
  `${server}/budgets`,
  `${server}/alarms/alarm-kinds.ts`,
]
const ports = [
  `${server}/store/app-store.ts`,
  `${server}/store/secret-store.ts`,
  `${server}/store/store-health.ts`,
  `${server}/store/doubt-store.ts`,
  `${server}/store/event-store.ts`,
  `${server}/store/price-store.ts`,
  `${server}/store/order-of-issue.ts`,
  `${server}/store/sold-items.ts`,
  `${server}/store/guard-store.ts`,
  `${server}/store/guard-window.ts`,
  `${server}/store/event-columns.ts`,
  `${server}/store/payment-attempt-store.ts`,
  `${server}/store/audit-trail-store.ts`,
  `${server}/store/passthrough-audit-store.ts`,
  `${server}/store/passthrough-rule-store.ts`,
  `${server}/store/repair-progress-store.ts`,
  `${server}/store/payment-store.ts`,
  `${server}/store/alarm-store.ts`,
  `${server}/store/alarm-id.ts`,
  `${server}/alarms/alarms.ts`,
  `${server}/store/ui-message-store.ts`,
  `${server}/store/ui-message-state.ts`,
  `${server}/store/where-clause.ts`,
  `${server}/store/storable-text.ts`,
  `${server}/store/stored-json.ts`,
  `${server}/store/stripe-event-row.ts`,
  `${server}/stripe/stripe-gateway.ts`,
  `${server}/stripe/stripe-forwarder.ts`,
  `${server}/stripe/stripe-account.ts`,
  `${server}/stripe/probe-event.ts`,
  `${server}/stripe/event-facts.ts`,
]
const protocol = '@tollbridge/protocol'

/** Area → what it may import beside itself. One line for each folder: the architecture on one screen. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  'packages/protocol/src': [],
  'packages/sandbox/src': [],
  'packages/browser/src': [protocol],
  'packages/node/src': [protocol],
  'examples/src': ['@tollbridge/browser', '@tollbridge/node'],
  [`${server}/payment-state`]: [],
  [`${server}/access`]: [
    protocol,
    `${server}/errors.ts`,
    `${server}/clock.ts`,
    `${server}/store/app-store.ts`,
  ],
  [`${server}/settings`]: [protocol, `${server}/secrets`],
  [`${server}/secrets`]: [
    `${server}/errors.ts`,
    `${server}/access/api-keys.ts`,
    `${server}/store/secret-store.ts`,
  ],
  [`${server}/apps`]: [protocol, ...leaves, ...ports],
  [`${server}/store`]: [protocol, ...leaves],
  [`${server}/stripe`]: [protocol, ...leaves, ...ports],
  [`${server}/http`]: [protocol, ...leaves, ...ports],
  [`${server}/outbound`]: [...leaves],
  [`${server}/budgets`]: [...leaves],
  [`${server}/openapi`]: [protocol, ...leaves, `${server}/http`],
  [`${server}/passthrough`]: [protocol, ...leaves, ...ports, `${server}/http`],
  [`${server}/payments`]: [protocol, ...leaves, ...ports, `${server}/http`],
  [`${server}/pricing`]: [protocol, ...leaves, ...ports, `${server}/http`],
  [`${server}/guard`]: [protocol, ...leaves, ...ports, `${server}/http`],
  [`${server}/alarms`]: [protocol, ...leaves, ...ports, `${server}/http`],
  [`${server}/monitoring`]: [protocol, ...leaves, ...ports, `${server}/http`],
  [`${server}/webhooks`]: [protocol, ...leaves, ...ports, `${server}/http`],
  [`${server}/events`]: [protocol, ...leaves, ...ports, `${server}/http`],
  [`${server}/realtime`]: [protocol, ...leaves, ...ports, `${server}/http`],
  [`${server}/admin`]: [protocol, ...leaves, ...ports, `${server}/http`, `${server}/apps`],
  [`${server}/privacy`]: [protocol, ...leaves, ...ports, `${server}/http`],
  [`${server}/repair`]: [protocol, ...leaves, ...ports, `${server}/http`],
  [`${server}/ui-messages`]: [protocol, ...leaves, ...ports, `${server}/http`],
  [`${server}/fulfilment`]: [protocol, ...leaves, ...ports, `${server}/http`],
  [`${server}/pages`]: [protocol, ...leaves, ...ports, `${server}/http`],
  [`${server}/compat`]: [protocol, ...leaves, ...ports, `${server}/http`],
  // The wiring knows every part; app.ts alone knows the wiring.
  [`${server}/wiring`]: [server],
  [`${server}/start`]: [
    ...leaves,
    ...ports,
    `${server}/app.ts`,
    `${server}/store/sqlite/open-sqlite-store.ts`,
    `${server}/store/sqlite/folder-lock.ts`,
    `${server}/store/sqlite/backup-database.ts`,
    `${server}/store/sqlite/restore-database.ts`,
    `${server}/store/sqlite/copy-database.ts`,
    `${server}/repair/settle-doubts.ts`,
    `${server}/stripe/live-gateway.ts`,
    `${server}/stripe/stripe-time.ts`,
    `${server}/stripe/http-forwarder.ts`,
    `${server}/stripe/live-account.ts`,
    `${server}/stripe/stripe-connections.ts`,
    `${server}/store/store.ts`,
    `${server}/apps`,
    `${server}/admin`,
    `${server}/privacy/forget-customer.ts`,
    `${server}/events/replay-events.ts`,
    `${server}/events/event-where.ts`,
    `${server}/passthrough/key-rules.ts`,
    `${server}/pages`,
    '@tollbridge/sandbox',
    '@tollbridge/examples',
  ],
  [`${server}/cli`]: [...leaves, ...ports, `${server}/start`, `${server}/apps`, `${server}/admin`],
}

/** Vendor package → the areas that may import more than its types. */
const vendorHomes: Readonly<Record<string, readonly string[]>> = {
  stripe: [`${server}/stripe`],
  'node:sqlite': [`${server}/store/sqlite`, 'packages/sandbox/src'],
  kysely: [`${server}/store`],
  'socket.io': [`${server}/realtime`],
  'engine.io': [`${server}/realtime`],
  jose: [`${server}/access`, `${server}/pricing`],
  'ipaddr.js': [`${server}/outbound`],
  pino: [`${server}/log.ts`],
  commander: [`${server}/cli`],
  react: ['packages/browser/src/react', 'examples/src'],
  '@stripe/react-stripe-js': ['packages/browser/src/react', 'examples/src'],
  'cli-progress': [`${server}/cli`],
  standardwebhooks: [`${server}/alarms`],
  'prom-client': [`${server}/monitoring`],
  '@tollbridge/sandbox': [`${server}/start`],
  '@tollbridge/examples': [`${server}/start`],
}

interface Import {
  readonly file: string
  readonly specifier: string
  readonly typeOnly: boolean
}

const files = [...sourceFiles('packages'), ...sourceFiles('examples')]
const imports = files.flatMap(importsOf)

describe('each area keeps to its arrows', () => {
  test.each(Object.entries(mayImport))('%s', (area, allowed) => {
    const strays = imports
      .filter(({ file }) => isWithin(file, area))
      .filter(
        ({ file, specifier }) => isOurs(specifier) && !isAllowed(target(file, specifier), [area, ...allowed]),
      )
    expect(strays.map(describeImport)).toEqual([])
  })

  test('every folder of the server stands in the table', () => {
    const folders = readdirSync(join(root, server), { withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    )
    const unknown = folders
      .map((entry) => `${server}/${entry.name}`)
      .filter((folder) => !(folder in mayImport))
    expect(unknown).toEqual([])
  })
})

test('no circle of imports is anywhere, not by types either', () => {
  expect(findCircle(new Map(files.map((file) => [file, oursImportedBy(file)])))).toEqual([])
})

test('a circle of types alone would be found', () => {
  const circle = new Map([
    ['a.ts', ['b.ts']],
    ['b.ts', ['c.ts', 'd.ts']],
    ['c.ts', ['b.ts']],
    ['d.ts', []],
  ])
  expect(findCircle(circle)).toEqual(['b.ts', 'c.ts', 'b.ts'])
})

describe('each vendor has one home', () => {
  test.each(Object.entries(vendorHomes))('%s', (vendor, homes) => {
    const strays = imports
      .filter(
        ({ specifier, typeOnly }) =>
          !typeOnly && (specifier === vendor || specifier.startsWith(`${vendor}/`)),
      )
      .filter(({ file }) => !homes.some((home) => isWithin(file, home)))
    expect(strays.map(describeImport)).toEqual([])
  })
})

test('the check sees static, dynamic and re-exporting imports', () => {
  const found = specifiersIn('x.ts', "import a from './a.ts'; export * from './b.ts'; await import('./c.ts')")
  expect(found.map(({ specifier }) => specifier).sort()).toEqual(['./a.ts', './b.ts', './c.ts'])
})

test('a stray import would be found', () => {
  const from = `${server}/webhooks/receive-webhook.ts`
  expect(isAllowed(target(from, '../realtime/hub.ts'), mayImport[`${server}/webhooks`] ?? [])).toBe(false)
  expect(isAllowed(target(from, '../errors.ts'), mayImport[`${server}/webhooks`] ?? [])).toBe(true)
})

function oursImportedBy(file: string): string[] {
  return imports
    .filter((it) => it.file === file && isOurs(it.specifier))
    .map((it) => target(file, it.specifier))
}

/** The first circle that a walk meets, from a file back to itself; empty: there is none. */
function findCircle(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>()
  const walk = (file: string, path: readonly string[]): string[] => {
    const start = path.indexOf(file)
    if (start !== -1) return [...path.slice(start), file]
    if (done.has(file)) return []
    for (const next of graph.get(file) ?? []) {
      const circle = walk(next, [...path, file])
      if (circle.length > 0) return circle
    }
    done.add(file)
    return []
  }
  for (const file of graph.keys()) {
    const circle = walk(file, [])
    if (circle.length > 0) return circle
  }
  return []
}

function sourceFiles(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter(
      (entry) =>
        entry.isFile() && /\.tsx?$/.test(entry.name) && !/\.(test|conformance)\.tsx?$/.test(entry.name),
    )
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter((file) => file.includes('/src/') && !file.includes('node_modules') && !file.includes('/dist/'))
}

function importsOf(file: string): Import[] {
  return specifiersIn(file, readFileSync(join(root, file), 'utf8'))
}

function specifiersIn(file: string, code: string): Import[] {
  const { module } = parseSync(file, code)
  const statics = module.staticImports.map((it) => ({
    file,
    specifier: it.moduleRequest.value,
    typeOnly: it.entries.length > 0 && it.entries.every((entry) => entry.isType),
  }))
  const reexports = module.staticExports.flatMap((it) =>
    it.entries.flatMap(({ moduleRequest, isType }) =>
      moduleRequest === null ? [] : [{ file, specifier: moduleRequest.value, typeOnly: isType }],
    ),
  )
  const dynamics = module.dynamicImports.map((it) => ({
    file,
    specifier: code.slice(it.moduleRequest.start, it.moduleRequest.end).replace(/^['"`]|['"`].*$/g, ''),
    typeOnly: false,
  }))
  return [...statics, ...reexports, ...dynamics]
}

function isOurs(specifier: string): boolean {
  return specifier.startsWith('.') || specifier.startsWith('@tollbridge/')
}

/** The file an import means, relative to the root; a package name stays as it is. */
function target(file: string, specifier: string): string {
  if (!specifier.startsWith('.')) return specifier
  return relative(root, resolve(root, dirname(file), specifier)).replaceAll('\\', '/')
}

function isAllowed(path: string, allowed: readonly string[]): boolean {
  return allowed.some((place) => isWithin(path, place))
}

function isWithin(path: string, place: string): boolean {
  return path === place || path.startsWith(`${place}/`)
}

function describeImport({ file, specifier }: Import): string {
  return `${file} imports ${specifier}`
}
