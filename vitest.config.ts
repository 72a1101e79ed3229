import { defineConfig } from 'vitest/config'

// What tests write is read by other users, as nodes are. And Node.js warns on standard error where FORCE_COLOR, which many CI
// services set, meets the NO_COLOR of the tests. Workers inherit both.
process.umask(0o022)
delete process.env.FORCE_COLOR

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
        test: { name: 'unit', include: ['test/unit/**/*.test.ts'], isolate: false, testTimeout: 30_000 },
      },
      // What touches Linux: needs root, the built shim and the built command.
      {
        extends: true,
        test: {
          name: 'kernel',
          include: ['test/kernel/**/*.test.ts'],
          globalSetup: ['test/support/readable-checkout.ts'],
        },
      },
    ],
  },
})
