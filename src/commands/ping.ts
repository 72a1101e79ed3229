import { LabCommand } from '../cli/command.js'
import { pingFlags, portFlag } from '../cli/flags.js'
import { writeLine } from '../cli/live/line-output.js'
import { argument, Flags } from '../cli/oclif.js'
import { LabError } from '../errors.js'
import type { MeshMatrix } from '../lab/observe/mesh-matrix.js'
import type { MeshOptions } from '../lab/observe/ping-mesh.js'
import type { PingOptions } from '../lab/observe/ping-targets.js'
import type { RunningLab } from '../lab/record/select.js'
import type { PingResult } from '../model/reach/ping.js'
import type { PortProtocol } from '../model/reach/port-report.js'
import { HEAT, NO_HEAT } from '../present/reach/heat.js'
import { meshJson } from '../present/reach/mesh-json.js'
import { meshText, replyText, summaryText } from '../present/reach/ping.js'
import { portText } from '../present/reach/port.js'

const OF_PINGS = ['all', 'count', 'interval']

export default class Ping extends LabCommand {
  static readonly network = 'none'
  static override summary = 'Ping from a node to a node or an address, or from every host to every host.'
  static override description =
    'The exit status is 8 when a packet is lost, or a pair cannot be pinged. Ctrl-C stops the sending and prints the summary. ' +
    'A node may have got its address by DHCP, SLAAC or by hand. With --all, the time is the least of a pair: the first request ' +
    'also waits for neighbours to be resolved. With --tcp or --udp, one port is asked, and the status is 8 unless it is open; a ' +
    'UDP port is open when something comes back, so a service that has no answer to 12 zero bytes is silent.'
  static override examples = [
    '<%= config.bin %> ping h1 h2',
    '<%= config.bin %> ping h1 r1:eth0',
    '<%= config.bin %> ping two-routers/h1 fd00::2 -c 1',
    '<%= config.bin %> ping --all -6',
    "<%= config.bin %> ping --all --from 'leaf*' --to h1",
    '<%= config.bin %> ping h1 h2 --tcp 80',
  ]
  static override args = {
    from: argument('[LAB/]NODE that sends'),
    to: argument('NODE, NODE:INTERFACE or NODE-INTERFACE of the same lab, or an address'),
  }
  static override flags = {
    all: Flags.boolean({ description: 'from every host to every host' }),
    lab: Flags.string({ description: 'with --all: which lab' }),
    from: Flags.string({ description: 'with --all: only from nodes that match, such as `leaf*`', helpValue: 'GLOB' }),
    to: Flags.string({ description: 'with --all: only to nodes that match', helpValue: 'GLOB' }),
    tcp: portFlag('connect to this TCP port', [...OF_PINGS, 'udp']),
    udp: portFlag('send a datagram to this UDP port', [...OF_PINGS, 'tcp']),
    ...pingFlags,
  }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Ping)
    const options = optionsOf(flags)
    if (flags.lab !== undefined && !flags.all) {
      throw new LabError('USAGE', '--lab goes with --all', { hint: `a node of lab ${flags.lab} is ${flags.lab}/NODE` })
    }
    const ends = { ...(flags.from && { from: flags.from }), ...(flags.to && { to: flags.to }) }
    if (Object.keys(ends).length > 0 && !flags.all) throw new LabError('USAGE', '--from and --to go with --all')
    if (flags.all && args.from === undefined) return await this.mesh(flags.lab, { ...options, ...ends })
    if (flags.all || args.from === undefined || args.to === undefined) {
      throw new LabError('USAGE', 'ping needs two nodes, a node and an address, or --all')
    }
    if (flags.tcp !== undefined) return await this.port(args.from, args.to, 'tcp', flags.tcp, options)
    if (flags.udp !== undefined) return await this.port(args.from, args.to, 'udp', flags.udp, options)
    return await this.path(args.from, args.to, options)
  }

  private async port(
    from: string,
    to: string,
    protocol: PortProtocol,
    port: number,
    { family, timeoutMs }: Partial<PingOptions>,
  ): Promise<unknown> {
    const { selectNode, withoutLab } = await import('../lab/record/select.js')
    const { CONNECT_DEFAULTS, probePort } = await import('../lab/observe/connect.js')
    const { lab, node } = selectNode(from)
    const how = { ...CONNECT_DEFAULTS, ...(timeoutMs === undefined ? {} : { timeoutMs }), family: family ?? null }
    const report = await probePort(lab, node, withoutLab(to, lab.name), { ...how, protocol, port })
    this.log(portText(report))
    if (report.state !== 'open') process.exitCode = new LabError('NEGATIVE', 'the port is not open').exitCode
    return report
  }

  private async path(from: string, to: string, options: Partial<PingOptions>): Promise<unknown> {
    const { selectNode, withoutLab } = await import('../lab/record/select.js')
    const { pingPath } = await import('../lab/observe/ping.js')
    const { PING_DEFAULTS } = await import('../lab/observe/ping-targets.js')
    const { lab, node } = selectNode(from)
    const onReply: PingOptions['onReply'] = (reply) => this.log(replyText(reply))
    const how = { ...PING_DEFAULTS, ...options, onReply, interrupt: interruption() }
    const result = await pingPath(lab, node, withoutLab(to, lab.name), how)
    this.log(summaryText(result))
    this.answer(result)
    return result
  }

  private async mesh(name: string | undefined, options: Partial<MeshOptions>): Promise<void> {
    const { selectLab } = await import('../lab/record/select.js')
    const lab = selectLab(name)
    const matrix = await this.pinged(lab, { ...options, interrupt: interruption() })
    if (matrix.hasFailed) process.exitCode = new LabError('NEGATIVE', 'packets were lost').exitCode
    const mesh = matrix.reading()
    if (this.jsonEnabled()) for (const lines of meshJson(mesh)) await writeLine(lines)
    // no-color.org: any value but the empty one turns colours off.
    const isColoured = process.stdout.isTTY && !process.env.NO_COLOR && process.env.TERM !== 'dumb'
    if (!this.jsonEnabled())
      this.log(meshText(mesh, process.stdout.isTTY ? this.columns : 80, isColoured ? HEAT : NO_HEAT))
  }

  /** Pings a mesh, with a line of progress on stderr that is gone when this returns. */
  private async pinged(lab: RunningLab, options: Partial<MeshOptions>): Promise<MeshMatrix> {
    const { ProgressLine } = await import('../cli/progress.js')
    const { pingMatrix } = await import('../lab/observe/ping-mesh.js')
    const { MESH_DEFAULTS } = await import('../lab/observe/ping-targets.js')
    using line = new ProgressLine()
    const onProgress: PingOptions['onProgress'] = (done, total) => line.count('pairs pinged', done, total)
    return await pingMatrix(lab, { ...MESH_DEFAULTS, ...options, onProgress })
  }

  /** A mesh has been printed when its document would be. */
  protected override logJson(document: unknown): void {
    if (document !== undefined) super.logJson(document)
  }

  /** Sets the exit status when packets were lost. A request that was interrupted is neither answered nor lost. */
  private answer({ sent, received }: PingResult): void {
    if (received < sent) process.exitCode = new LabError('NEGATIVE', 'packets were lost').exitCode
  }
}

/** Aborted by the first Ctrl-C; the second ends the process. */
function interruption(): AbortSignal {
  const controller = new AbortController()
  process.once('SIGINT', () => controller.abort())
  return controller.signal
}

interface Flagged {
  count: number | undefined
  interval: string | undefined
  timeout: string | undefined
  ipv4: boolean
  ipv6: boolean
}

const optionsOf = ({ count, interval, timeout, ipv4, ipv6 }: Flagged): Partial<PingOptions> => ({
  family: ipv4 ? 4 : ipv6 ? 6 : null,
  ...(count === undefined ? {} : { count }),
  ...(interval === undefined ? {} : { intervalMs: Number(interval) * 1000 }),
  ...(timeout === undefined ? {} : { timeoutMs: Number(timeout) * 1000 }),
})
