#!/usr/bin/env node
// The installed command.
import { execute } from '../dist/cli/oclif.js'

await execute({ dir: import.meta.url })
