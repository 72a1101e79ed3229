// Prints what a lab's nodes have, as JSON: `node --import …/dist/user-namespace.js observe.mjs LAB`; standard input has the sysctls of
// each node by its name. A program of its own, since an ordinary user observes as root of a user namespace.
import { readFileSync } from 'node:fs'
import { observeNodes } from '../../dist/lab/read/observe.js'
import { selectLab } from '../../dist/lab/record/select.js'

const asked = JSON.parse(readFileSync(0, 'utf8'))
const ask = { sysctls: (node) => asked[node] ?? { node: [], interfaces: [] } }
process.stdout.write(JSON.stringify(observeNodes(selectLab(process.argv[2]), ask)))
