#!/usr/bin/env node
// The command from source: builds what changed, then runs it.
const { setUp } = require('./setup.js')

setUp()
require('./run.js')
