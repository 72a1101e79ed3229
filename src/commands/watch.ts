import { LabCommand } from '../cli/command.js'
import { labArgument } from '../cli/flags.js'
import { isOutputClosed, writeLine } from '../cli/live/line-output.js'
import { Flags } from '../cli/oclif.js'
import { LabError } from '../errors.js'
import type { LabEvent } from '../model/lab-event.js'
import { labEventText } from '../present/events/lab-event.js'

export default class Watch extends LabCommand {
  static readonly network = 'lab'
  static readonly labArgument = 'lab'
  static override summary = 'Print what happens in a running lab: a line for each event.'
  static override description =
    'Links, addresses, routes, next hops, rules and neighbours of every node, nodes that end, pause, come and go, and impairments. ' +
    'Ends when the lab is down, or with Ctrl-C. With --json, each event is a document on a line of its own. See docs/watching.md.'
  static override examples = [
    '<%= config.bin %> watch',
    "<%= config.bin %> watch two-routers --node 'r*' --event route,link",
    '<%= config.bin %> watch two-routers --json',
  ]
  static override args = { lab: labArgument }
  static override flags = {
    node: Flags.string({
      description: 'only events of these nodes; * and ? stand for characters; may be given several times',
      helpValue: 'GLOB',
      multiple: true,
      multipleNonGreedy: true,
    }),
    event: Flags.string({
      description:
        'only these kinds: link, address, route, nexthop, rule, neighbour, node, impairment; may be given several times',
      helpValue: 'KIND[,KIND…]',
      multiple: true,
      multipleNonGreedy: true,
    }),
  }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Watch)
    const { Lab } = await import('../lab/lab.js')
    const stop = new AbortController()
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => stop.abort())
    const lab = Lab.attach(args.lab)
    const events = lab.watch({
      ...(flags.node === undefined
        ? {}
        : {
            nodes: this.nodesOf(
              lab.nodes.map(({ name }) => name),
              flags.node,
            ),
          }),
      ...(flags.event === undefined
        ? {}
        : { events: flags.event.flatMap((text) => text.split(',')) as LabEvent['event'][] }),
      signal: stop.signal,
    })
    process.stdout.once('close', () => stop.abort())
    for await (const event of events) {
      await writeLine(this.jsonEnabled() ? JSON.stringify(event) : labEventText(event), stop.signal)
      if (stop.signal.aborted || isOutputClosed()) break
    }
    // What nobody reads would keep the process.
    if (stop.signal.aborted && process.stdout.writableLength > 0) process.exit()
    return undefined
  }

  /** Every event has been printed. */
  protected override logJson(document: unknown): void {
    if (document !== undefined) process.stdout.write(`${JSON.stringify(document)}\n`)
  }

  /** A name without `*` and `?` must be that of a node; a pattern may match nodes that are added later. */
  private nodesOf(names: readonly string[], globs: readonly string[]): readonly string[] {
    const unknown = globs.find((glob) => !/[*?]/.test(glob) && !names.includes(glob))
    if (unknown === undefined) return globs
    throw new LabError('NODE_NOT_FOUND', `the lab has no node ${unknown}`, { hint: `its nodes: ${names.join(', ')}` })
  }
}
