// What links do to the frames that they carry: merges what is written of them, and fills in the rest.
import type { Direction, Impairment, LinkEmulation, SourceImpairment } from '../../model/impairment.js'
import type { Faults } from '../source/faults.js'
import type { Path } from '../source/located.js'
import { SourceText } from '../source/source-text.js'
import type { Topology } from '../source/topology.js'
import type { WiredEnd, WiredLink } from '../wiring/wire-links.js'
import { impairmentOf, type Sender } from './impairment.js'
import { type Layer, Merged, type Side } from './layers.js'
import { netemJitterText, wireOnly } from './only-wire.js'
import { type Interfaces, macsOf, Pairs } from './pairs.js'
import { derivedSeed } from './seed.js'
import { type SourceFile, SourceFiles } from './source-files.js'
import { DirectionWarnings } from './warnings.js'

/** Source and destination address, and type (IEEE 802.3). */
export const ETHERNET_HEADER = 14

/**
 * Reads a file of the machine that a topology names.
 *
 * @param from the file that names it; undefined for text without a name
 * @throws Error whose message says why it cannot be read
 */
export type ReadSource = (path: string, from: string | undefined) => SourceFile

export interface Emulations {
  /** By number of the link; links without an entry carry frames as they are. */
  byLink: ReadonlyMap<number, LinkEmulation>
  warnings: string[]
}

/** @param readSource without it, links can name no files */
export function resolveEmulations(
  topology: Topology,
  links: readonly WiredLink[],
  interfaces: Interfaces,
  readSource: ReadSource | undefined,
  faults: Faults,
): Emulations {
  const resolver = new EmulationResolver(topology, links, interfaces, readSource, faults)
  const byLink = new Map(
    links.flatMap((link) => {
      const emulation = resolver.emulationOf(link)
      return emulation === null ? [] : [[link.index, emulation] as const]
    }),
  )
  return { byLink, warnings: resolver.warnings.sentences() }
}

interface ReadDirection {
  merged: Merged
  impairment: Impairment | null
}

class EmulationResolver {
  readonly warnings = new DirectionWarnings()
  private readonly pairs: Pairs
  /** By interface of each node. */
  private readonly mtus = new Map<string, Map<string, number>>()
  private readonly files: SourceFiles

  constructor(
    private readonly topology: Topology,
    links: readonly WiredLink[],
    private readonly interfaces: Interfaces,
    readSource: ReadSource | undefined,
    private readonly faults: Faults,
  ) {
    this.pairs = new Pairs(topology, links, faults)
    this.files = new SourceFiles({
      namedIn: (path) => topology.locate(path).origin.source.place,
      read: (name, from) => {
        if (readSource) return readSource(name, from)
        throw new Error('a link can name a file only where `resolveTopology` is given `readSource`')
      },
      report: (path, message) => faults.add(path, message),
      reportIn: (file, at, path, message) => this.reportIn(file, at, path, message),
    })
  }

  /** null: a veth pair alone. */
  emulationOf(link: WiredLink): LinkEmulation | null {
    const backend = this.topology.links[link.index]?.emulation ?? this.topology.emulation
    const [a, b] = link.ends
    const reads = [this.direction(link, 0), this.direction(link, 1)] as const
    const pairs = this.pairs.of(link).map(({ sender, layer }) => {
      const read = this.read([this.ofLink(link), layer], b, `${nameOf(sender)} → ${nameOf(a)}`, 'down')
      const hasOwn =
        (['rate', 'trace'] as const).some((key) => layer.written[key] !== undefined) ||
        layer.written.preset !== undefined
      const sharesRate = !hasOwn && (read.merged.has('rate') || read.merged.has('trace'))
      if (sharesRate && layer.written.queue !== undefined)
        this.faults.add(
          [...layer.path, 'queue'],
          'this pair shares the rate and the queue of its link: write a `rate` too, or no queue',
          'key',
        )
      return { sender, read, sharesRate }
    })
    this.refuseIdleQueues([...reads, ...pairs.map(({ read }) => read)])
    if (backend === 'netem') for (const read of [...reads, ...pairs.map((pair) => pair.read)]) this.refuseWireOnly(read)
    const sources = pairs.flatMap(({ sender, read, sharesRate }) =>
      this.macsOf(sender, link).map(
        (mac): SourceImpairment => ({ station: nameOf(sender), mac, impairment: read.impairment, sharesRate }),
      ),
    )
    const directions: [Direction, Direction] = [
      { impairment: reads[0].impairment },
      { impairment: reads[1].impairment, ...(sources.length === 0 ? {} : { sources }) },
    ]
    const isPlain = directions.every(({ impairment, sources: own }) => impairment === null && own === undefined)
    if (isPlain && backend !== 'wire') return null
    if (backend === 'netem')
      for (const [at, { impairment }] of directions.entries()) this.warnOfNetem(link, at as 0 | 1, impairment)
    return { backend, directions }
  }

  private direction(link: WiredLink, at: 0 | 1): ReadDirection {
    const sender = link.ends[at]
    const written = this.topology.links[link.index]?.endpoints[at]
    const own = typeof written === 'object' ? [{ written, path: ['links', link.index, 'endpoints', at] }] : []
    // The first end is the user's.
    return this.read([this.ofLink(link), ...own], sender, directionName(link, at), at === 0 ? 'up' : 'down')
  }

  private ofLink({ index }: WiredLink): Layer {
    return { written: this.topology.links[index] ?? {}, path: ['links', index] }
  }

  private read(layers: readonly Layer[], end: WiredEnd, name: string, side: Side): ReadDirection {
    const report = (path: Path, message: string, part?: 'key' | 'value') => this.faults.add(path, message, part)
    const merged = new Merged(layers.map(onlyImpairments), side, report)
    if (merged.isEmpty) return { merged, impairment: null }
    const sender: Sender = {
      name,
      frameBytes: this.mtuOf(end) + ETHERNET_HEADER,
      files: this.files,
      seedOf: (written) => derivedSeed(written, name),
      report,
      warn: (text) => this.warnings.add(name, text),
    }
    return { merged, impairment: impairmentOf(merged, sender) }
  }

  private mtuOf({ node, interface: name }: WiredEnd): number {
    const known = this.mtus.get(node)
    const mtus = known ?? new Map(this.interfaces.get(node)?.map((each) => [each.name, each.mtu]))
    if (!known) this.mtus.set(node, mtus)
    return mtus.get(name) ?? 0
  }

  private macsOf(sender: WiredEnd, { index }: WiredLink): string[] {
    const macs = macsOf(sender, this.interfaces)
    if (macs.length === 0)
      this.faults.add(
        ['links', index, 'pairs'],
        `${nameOf(sender)} has no MAC address of its own that a pair could match`,
        'key',
      )
    return macs
  }

  /** A queue that no direction uses. Defaults and the whole link may have one for some directions alone. */
  private refuseIdleQueues(reads: readonly ReadDirection[]): void {
    const used = new Set(
      reads.flatMap(({ merged, impairment }) => (impairment?.queue ? [merged.pathOf('queue').join()] : [])),
    )
    for (const { merged, impairment } of reads) {
      const path = merged.pathOf('queue')
      if (!merged.has('queue') || impairment?.queue || used.has(path.join())) continue
      if (merged.has('trace') || this.topology.locate(path).origin.path.startsWith('defaults.')) continue
      this.faults.add(path, 'a queue stands in front of a rate: write a `rate` or a `trace` too', 'key')
    }
  }

  private refuseWireOnly({ merged, impairment }: ReadDirection): void {
    for (const { key, reason } of impairment ? wireOnly(impairment) : [])
      this.faults.add(merged.pathOf(key), `netem ${reason}; \`emulation: wire\` or \`auto\` does it`)
  }

  private warnOfNetem(link: WiredLink, at: 0 | 1, impairment: Impairment | null): void {
    const text = impairment && netemJitterText(impairment)
    if (text) this.warnings.add(directionName(link, at), text)
  }

  /** What is in the file is not repeated, since the author of the topology may not be allowed to read it. */
  private reportIn({ file, text }: SourceFile, at: number, path: Path, message: string): void {
    const { origin } = this.topology.locate(path)
    const source = new SourceText(text, file).hidden()
    this.faults.addAt({ source, start: at, end: at, path: origin.path }, message)
  }
}

/** Without the other keys of a link or an end. */
function onlyImpairments({ written, path }: Layer): Layer {
  const { preset, delay, jitter, loss, duplicate, corrupt, reorder, rate, trace, queue, seed } = written
  return { path, written: { preset, delay, jitter, loss, duplicate, corrupt, reorder, rate, trace, queue, seed } }
}

const nameOf = ({ node, interface: name }: WiredEnd): string => `${node}:${name}`

const directionName = ({ ends }: WiredLink, at: 0 | 1): string =>
  `${nameOf(ends[at])} → ${nameOf(ends[at === 0 ? 1 : 0])}`
