import { LabCommand } from '../cli/command.js'
import { Flags } from '../cli/oclif.js'
import { scenarioJsonSchema, topologyJsonSchema } from '../topology/schema/json-schema.js'

export default class Schema extends LabCommand {
  static readonly network = 'none'
  static override summary = 'Print the JSON Schema of topology files, for editors.'
  static override description =
    'Save it beside a topology, and write `# yaml-language-server: $schema=topology.schema.json` as its first line.'
  static override examples = [
    '<%= config.bin %> schema > topology.schema.json',
    '<%= config.bin %> schema --scenario > scenario.schema.json',
  ]
  static override flags = { scenario: Flags.boolean({ description: 'that of scenario files' }) }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Schema)
    const schema = flags.scenario ? scenarioJsonSchema() : topologyJsonSchema()
    this.log(JSON.stringify(schema, null, 2))
    return schema
  }
}
