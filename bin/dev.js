#!/usr/bin/env node
// The command from source: builds what changed, then runs it.
import { setUp } from './setup.js'

setUp()
await import('./run.js')
