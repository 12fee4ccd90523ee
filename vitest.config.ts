import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

// Packages see each other's sources (the `source` export condition), so tests run with nothing built.
const conditions = ['source', 'module', 'node', 'development|production']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ['source', 'node'] } },
  test: {
    include: ['packages/*/{src,test}/**/*.test.{ts,tsx}', 'test/**/*.test.ts'],
    environment: 'node',
    restoreMocks: true,
    // A machine that builds for others is a busy one: there a failed test gets a second try, and the report shows it.
    retry: process.env['CI'] === 'true' ? 1 : 0,
    // Most of them wait for a browser, a timer or a disk, so that two share even a small machine.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
})
