import { LabCommand } from '../cli/command.js'
import { generatedNameFlag } from '../cli/flags.js'
import { Flags, requiredArgument } from '../cli/oclif.js'
import { LabError } from '../errors.js'
import { makeShape, SHAPES, usageOf } from '../topology/generate/shapes.js'
import { writeTopology } from '../topology/generate/write.js'

const number = (description: string, least: number) => Flags.integer({ description, min: least, max: 100_000 })
const shapes = Object.keys(SHAPES)

export default class Generate extends LabCommand {
  static readonly network = 'none'
  static override needs = 'a shape, such as chain 3'
  static override summary = 'Write a topology of a well-known shape.'
  static override description = [
    'SHAPE and its numbers and flags are one of',
    ...shapes.map((name) => `- ${usageOf(name)}: ${SHAPES[name]?.summary}`),
  ].join('\n')
  static override usage = 'generate SHAPE [NUMBER...] [--name LAB] [--json]'
  static override examples = [
    '<%= config.bin %> generate chain 5',
    '<%= config.bin %> generate clos --leaves 4 --spines 2 --hosts 3 | <%= config.bin %> up -',
    '<%= config.bin %> generate random 20 --degree 3 --seed 1 --name jungle > jungle.yaml',
  ]
  static override strict = false
  static override args = { shape: requiredArgument('which shape') }
  static override flags = {
    name: generatedNameFlag,
    hosts: number('hosts on each router, or leaf; 1 by default', 0),
    leaves: number('leaves of a clos', 1),
    spines: number('spines of a clos', 1),
    'super-spines': number('super-spines of a clos', 0),
    degree: Flags.string({ description: 'links of a router to others in a random network, on average' }),
    seed: number('seed of a random network', 0),
  }

  async run(): Promise<unknown> {
    const parsed = await this.parse(Generate)
    const { args, flags } = parsed
    const { name = args.shape, json, degree: writtenDegree, ...given } = flags as typeof flags & { json?: boolean }
    const shape = makeShape(args.shape, this.listOf(parsed).slice(1), { ...given, degree: numberOf(writtenDegree) })
    const topology = writeTopology(shape, name, ['generate', ...this.argv].join(' '))
    if (!this.jsonEnabled()) process.stdout.write(topology)
    return { name, nodes: shape.nodes.size, links: shape.links.length, topology }
  }
}

function numberOf(text: string | undefined): number | undefined {
  if (text === undefined || /^[0-9]{1,5}(?:\.[0-9]+)?$/.test(text)) return text === undefined ? text : Number(text)
  throw new LabError('USAGE', `--degree ${text} is not a number such as 3 or 2.5`)
}
