// Prints the values that sysctls have in a new node, as JSON: `node pristine.mjs KEY…`. A program of its own, as observe.mjs is.
import { pristineSysctls } from '../../dist/lab/read/pristine.js'

process.stdout.write(JSON.stringify(Object.fromEntries(pristineSysctls(process.argv.slice(2)))))
