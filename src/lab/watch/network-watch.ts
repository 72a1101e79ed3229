// Watches one network namespace: takes the messages of its socket, keeps names and entries, and tells what has changed.
import type { MulticastSocket, Notice } from '../../kernel/netlink/multicast-socket.js'
import type { LostEvent, NetworkEvent, NetworkEventKind } from '../../model/lab-event.js'
import { kindOf, NETWORK_KINDS } from './entries/kinds.js'
import type { LinkValue } from './entries/link.js'
import { type EntryChange, EntryTable } from './entry-table.js'

/** Datagrams that one turn of the event loop takes of one namespace. */
const TURN = 512

export type TellNetwork = (event: NetworkEvent | LostEvent) => void

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

  /** Lists all entries, without telling of them; what changes from now on is told. @throws KernelError */
  constructor(
    readonly socket: MulticastSocket,
    private readonly wanted: ReadonlySet<NetworkEventKind>,
    private readonly tell: TellNetwork,
  ) {
    const kinds = NETWORK_KINDS.filter((kind) => kind === 'link' || wanted.has(kind))
    this.tables = new Map(kinds.map((kind) => [kind, new EntryTable(kindOf(kind))]))
    for (const table of this.tables.values()) {
      this.dump(table)
      table.endFirstList()
    }
  }

  /** Takes what has come. @returns whether it must be called again, though the socket may have nothing more @throws KernelError */
  take(): boolean {
    if (this.isClosed) return false
    const { isEmpty, hasLost } = this.socket.read(TURN, (notice) => this.takeNotice(notice))
    if (!isEmpty) return false
    if (hasLost) {
      this.tell({ at: now(), event: 'lost', action: 'overrun', node: this.nodes[0] ?? null, count: null })
      for (const kind of this.tables.keys()) this.suspects.add(kind)
    }
    const isListed = this.suspects.size > 0
    this.listSuspects()
    if (!isListed) this.forgetNames()
    // Messages may have come between the parts of a list.
    return isListed
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

  private listSuspects(): void {
    for (const [event, table] of this.tables) {
      if (!this.suspects.delete(event)) continue
      for (const change of this.list(table)) this.takeChange(table, change)
    }
  }

  private list(table: EntryTable): EntryChange[] {
    // Before the list, which a change may have overtaken.
    table.prepare()
    this.dump(table)
    return table.endList()
  }

  private dump(table: EntryTable): void {
    this.socket.dump(
      table.kind.list(),
      () => table.beginList(),
      (payload) => table.list(payload),
    )
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
    if (!this.wanted.has(kind.event)) return
    const nameOf = (index: number) => this.names.get(index) ?? `if${index}`
    const fields = kind.fields(value ?? was, nameOf)
    const isChange = value !== null && was !== null
    const action = isChange ? (kind.changeOf?.(value, was) ?? 'change') : value === null ? 'remove' : 'add'
    const [node = '', ...others] = this.nodes
    const place = { node, ...(others.length === 0 ? {} : { sharedWith: others }) }
    const before = isChange ? { was: differing(kind.fields(was, nameOf), fields) } : {}
    // A flag that is not told may be all that has changed.
    if (isChange && Object.keys(before.was ?? {}).length === 0) return
    this.tell({ at: now(), ...place, event: kind.event, action, ...fields, ...before } as NetworkEvent)
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

const now = (): string => new Date().toISOString()

/** The fields of `was` whose values are others in `fields`. */
function differing(was: object, fields: object): object {
  const after = new Map(Object.entries(fields).map(([key, value]) => [key, JSON.stringify(value)]))
  return Object.fromEntries(Object.entries(was).filter(([key, value]) => after.get(key) !== JSON.stringify(value)))
}
