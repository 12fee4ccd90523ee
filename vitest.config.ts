import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

// Workers and the products that tests start as processes: what was compiled once is not compiled again.
process.env['NODE_COMPILE_CACHE'] ??= fileURLToPath(new URL('node_modules/.cache/compiled', import.meta.url))

// Packages see each other's sources (the `source` export condition), so tests run with nothing built.
const conditions = ['source', 'module', 'node', 'development|production']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ['source', 'node'] } },
  test: {
    include: ['packages/*/{src,test}/**/*.test.{ts,tsx}', 'test/**/*.test.ts'],
    environment: 'node',
    restoreMocks: true,
    // A worker keeps its modules and its browser from file to file: what is imported anew 300 times is time.
    isolate: false,
    reporters: ['default', './test/support/slowest-tests.ts'],
    // A machine that builds for others is a busy one: there a failed test gets a second try, and the report shows it.
    retry: process.env['CI'] === 'true' ? 1 : 0,
    // Most of them wait for a browser, a timer or a disk, so that two share even a small machine.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
})
