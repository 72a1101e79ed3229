#!/usr/bin/env node
// The installed command.
import { load, root } from './load.js'

await load().main(root, process.argv.slice(2))
