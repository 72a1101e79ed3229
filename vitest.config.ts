import { defineConfig } from 'vitest/config'

// What tests write is read by other users, as nodes are. And Node.js warns on standard error where FORCE_COLOR, which many CI
// services set, meets the NO_COLOR of the tests. Workers inherit both.
process.umask(0o022)
delete process.env.FORCE_COLOR

/** What takes time to be measured: other tests beside it would be measured too. */
const MEASURED = 'test/kernel/lab/verify/**/*.test.ts'

export default defineConfig({
  test: {
    pool: 'forks',
    // No test is timed: this only ends one that hangs, also on a machine that is busy.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      // Pure code: needs no privilege and no build. `npx vitest run --project unit`.
      // No file changes what another one sees, so that a worker loads every module once.
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          isolate: false,
          testTimeout: 30_000,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      // What touches Linux: needs root, the built shim and the built command.
      {
        extends: true,
        test: {
          name: 'kernel',
          include: ['test/kernel/**/*.test.ts', 'docs/testing/*.test.ts'],
          exclude: [MEASURED],
          globalSetup: ['test/support/readable-checkout.ts'],
        },
      },
      // Links are measured when all others are done, one after the other. What a busy machine adds to a delay is no fault of a link, so
      // a measurement that differs is repeated.
      {
        extends: true,
        test: {
          name: 'measured',
          include: [MEASURED],
          globalSetup: ['test/support/readable-checkout.ts'],
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
          retry: 2,
        },
      },
    ],
  },
})
