// Build only: writes oclif's manifest, without which every start would import every command.
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Config } from '../dist/cli/oclif.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const config = await Config.load({ root, ignoreManifest: true, errorOnManifestCreate: true })
writeFileSync(`${root}oclif.manifest.json`, JSON.stringify(config.plugins.get('nslab').manifest))
