// Sets one value of a JSON file: `node set.mjs FILE PATH VALUE`, PATH with dots, VALUE as JSON; `-` removes it.
import { readFileSync, writeFileSync } from 'node:fs'

const [, , file, path, value] = process.argv
const document = JSON.parse(readFileSync(file, 'utf8'))
const keys = path.split('.')
const last = keys.pop()
const parent = keys.reduce((each, key) => each[key], document)
if (value === '-') delete parent[last]
else parent[last] = JSON.parse(value)
writeFileSync(file, JSON.stringify(document))
