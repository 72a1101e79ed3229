// Watches one network namespace: takes the messages of its socket, keeps names and entries, and tells what has changed.
import type { MulticastSocket, Notice } from '../../kernel/netlink/multicast-socket.js'
import type { ReadingSocket } from '../../kernel/netlink/reading-socket.js'
import type { LostEvent, NetworkEvent, NetworkEventKind } from '../../model/lab-event.js'
import { kindOf, NETWORK_KINDS } from './entries/kinds.js'
import type { LinkValue } from './entries/link.js'
import { type EntryChange, EntryTable } from './entry-table.js'

/** Datagrams that one turn of the event loop takes of one namespace. */
const TURN = 512

/** What the watches of all namespaces share. */
export interface HowToWatch {
  wanted: ReadonlySet<NetworkEventKind>
  tell: (event: NetworkEvent | LostEvent) => void
  /** Calls a function with a socket that lists what there is in the network namespace of another one. */
  list: (socket: MulticastSocket, use: (lister: ReadingSocket) => void) => void
}

/** The groups whose messages are needed to tell of some kinds: links give all others their names. */
export const groupsFor = (wanted: ReadonlySet<NetworkEventKind>): number[] =>
  NETWORK_KINDS.filter((kind) => kind === 'link' || wanted.has(kind)).flatMap((kind) => kindOf(kind).groups)

/** The owner disposes of it, which closes the socket. */
export class NetworkWatch implements Disposable {
  /** The nodes that are in the namespace. */
  readonly nodes: string[] = []
  private readonly tables: Map<NetworkEventKind, EntryTable>
  private known: Map<number, string> | null = null
  /** Kinds that must be listed again, once all that has come is read. */
  private readonly suspects = new Set<NetworkEventKind>()
  private isClosed = false

  /**
   * Lists all entries, without telling of them. What changes from now on is told.
   *
   * @param socket which has been told of changes since before that
   * @param lister lists what there is, and is closed by the caller
   * @throws KernelError
   */
  constructor(
    readonly socket: MulticastSocket,
    lister: ReadingSocket,
    private readonly how: HowToWatch,
  ) {
    const kinds = NETWORK_KINDS.filter((kind) => kind === 'link' || how.wanted.has(kind))
    this.tables = new Map(kinds.map((kind) => [kind, new EntryTable(kindOf(kind))]))
    for (const table of this.tables.values()) table.begin(listed(lister, table))
  }

  /** Takes what has come. @throws KernelError */
  take(): void {
    if (this.isClosed) return
    const { isEmpty, hasLost } = this.socket.read(TURN, (notice) => this.takeNotice(notice))
    if (!isEmpty) return
    if (hasLost) {
      this.how.tell({ at: now(), event: 'lost', action: 'overrun', node: this.nodes[0] ?? null, count: null })
      for (const kind of this.tables.keys()) this.suspects.add(kind)
    }
    if (this.suspects.size > 0) this.how.list(this.socket, (lister) => this.listSuspects(lister))
    this.forgetNames()
  }

  [Symbol.dispose](): void {
    if (this.isClosed) return
    this.isClosed = true
    this.socket[Symbol.dispose]()
  }

  private takeNotice(notice: Notice): void {
    // Also of a link that this message removes.
    const { names: _ } = this
    for (const table of this.tables.values()) {
      if (!table.isOf(notice)) continue
      const outcome = table.take(notice)
      if (outcome === 'unclear') this.suspects.add(table.kind.event)
      else if (outcome !== null) this.takeChange(table, outcome)
    }
  }

  private listSuspects(lister: ReadingSocket): void {
    for (const [event, table] of this.tables) {
      if (!this.suspects.delete(event)) continue
      for (const change of table.compare(listed(lister, table))) this.takeChange(table, change)
    }
  }

  private get links(): EntryTable {
    return this.tables.get('link') as EntryTable
  }

  /** Names by ifindex, which are known once something happens. */
  private get names(): Map<number, string> {
    this.known ??= new Map(
      [...this.links.values()].map((link) => [(link as LinkValue).index, (link as LinkValue).name]),
    )
    return this.known
  }

  private takeChange(table: EntryTable, change: EntryChange): void {
    const { value, was } = change
    const { kind } = table
    for (const each of table.silencedBy(change)) if (this.tables.has(each)) this.suspects.add(each)
    if (kind.event === 'link' && value !== null) this.rename(value as LinkValue)
    if (!this.how.wanted.has(kind.event)) return
    const nameOf = (index: number) => this.names.get(index) ?? `if${index}`
    const fields = kind.fields(value ?? was, nameOf)
    const isChange = value !== null && was !== null
    const action = isChange ? (kind.changeOf?.(value, was) ?? 'change') : value === null ? 'remove' : 'add'
    const [node = '', ...others] = this.nodes
    const place = { node, ...(others.length === 0 ? {} : { sharedWith: others }) }
    const before = isChange ? { was: differing(kind.fields(was, nameOf), fields) } : {}
    // A flag that is not told may be all that has changed.
    if (isChange && Object.keys(before.was ?? {}).length === 0) return
    this.how.tell({ at: now(), ...place, event: kind.event, action, ...fields, ...before } as NetworkEvent)
  }

  private rename({ index, name }: LinkValue): void {
    this.names.set(index, name)
  }

  /** The names of links that are gone have been kept for messages about what was on them. */
  private forgetNames(): void {
    if (this.known === null || this.names.size === this.links.size) return
    const present = new Set([...this.links.values()].map((link) => (link as LinkValue).index))
    for (const index of this.names.keys()) if (!present.has(index)) this.names.delete(index)
  }
}

const listed = (lister: ReadingSocket, { kind }: EntryTable): Buffer[] =>
  lister.dump(kind.list(), (payload) => Buffer.from(payload))

const now = (): string => new Date().toISOString()

/** The fields of `was` whose values are others in `fields`. */
function differing(was: object, fields: object): object {
  const after = new Map(Object.entries(fields).map(([key, value]) => [key, JSON.stringify(value)]))
  return Object.fromEntries(Object.entries(was).filter(([key, value]) => after.get(key) !== JSON.stringify(value)))
}
