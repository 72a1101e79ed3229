// The only importer of @oclif/core, so that the build can put all of it into one file: one file loads in a third of the
// time of a hundred (`nslab ls` took 2.9 times `node -e 0` without, 2.1 with).
export * as Args from '@oclif/core/args'
export { Command } from '@oclif/core/command'
export { Config } from '@oclif/core/config'
export { execute } from '@oclif/core/execute'
export * as Flags from '@oclif/core/flags'
