import { LabCommand } from '../cli/command.js'
import { topologyJsonSchema } from '../topology/schema/json-schema.js'

export default class Schema extends LabCommand {
  static readonly network = 'none'
  static override summary = 'Print the JSON Schema of topology files, for editors.'
  static override description =
    'Save it beside a topology, and write `# yaml-language-server: $schema=topology.schema.json` as its first line.'
  static override examples = ['<%= config.bin %> schema > topology.schema.json']

  async run(): Promise<unknown> {
    await this.parse(Schema)
    const schema = topologyJsonSchema()
    this.log(JSON.stringify(schema, null, 2))
    return schema
  }
}
