// Finds the interface of a written next hop: the one on whose subnet the gateway is, or the one that is named.

import type { Family } from '../../model/family.js'
import type { NextHop } from '../../model/resolved.js'
import type { Families } from '../addresses/families.js'
import type { InterfaceAddresses } from '../addresses/interface-addresses.js'
import type { Faults } from '../source/faults.js'
import type { Path } from '../source/located.js'
import { contains, formatAddress, isBroadcast, isLinkLocal, type Prefix, parsePrefix } from '../values/prefix.js'
import { suggestion } from '../values/suggest.js'
import type { LinkNeighbour } from './node-names.js'

export interface WrittenNextHop {
  via?: string | undefined
  dev?: string | undefined
  onlink?: boolean | undefined
}

export class NextHopFinder {
  constructor(
    private readonly node: string,
    readonly interfaces: readonly string[],
    /** Interfaces that stay down. */
    private readonly down: readonly string[],
    private readonly addresses: InterfaceAddresses,
    private readonly families: Families,
    private readonly neighbours: () => readonly LinkNeighbour[],
    private readonly faults: Faults,
  ) {}

  /**
   * The next hop; null after a fault.
   *
   * @param family the family that it must have; null for any
   */
  find({ via, dev, onlink }: WrittenNextHop, path: Path, family: Family | null): (NextHop & { family: Family }) | null {
    const refuse = (key: string, message: string): null => {
      this.faults.add([...path, key], message)
      return null
    }
    if (dev !== undefined && !this.interfaces.includes(dev)) return refuse('dev', this.noSuchInterface(dev))
    if (dev !== undefined && this.down.includes(dev))
      return refuse('dev', `${dev} is down (\`up: false\`), so nothing is sent by it`)
    if (onlink && via === undefined) return refuse('onlink', '`onlink` says where `via` is, which is not there')
    if (via === undefined) {
      const reason = this.reasonAgainst(dev as string, family ?? 4)
      return reason === null ? { gateway: null, interface: dev as string, family: family ?? 4 } : refuse('dev', reason)
    }
    const gateway = parsePrefix(via) as Prefix
    if (family !== null && gateway.family !== family) return refuse('via', `${via} is no IPv${family} address`)
    const candidates = dev === undefined ? this.interfaces : [dev]
    const within = this.towards(gateway, candidates)
    const out = within ?? this.onLink(gateway, candidates) ?? (onlink ? dev : undefined)
    if (out === undefined && onlink)
      return refuse('onlink', '`onlink` needs `dev`, the interface whose link the next hop is on')
    if (out === undefined) {
      const place = dev === undefined ? this.node : `${this.node}:${dev}`
      return refuse(
        'via',
        `${via} is on no subnet of ${place}; \`onlink: true\` with \`dev\` takes it to be on the link`,
      )
    }
    if (this.isOwn(gateway)) return refuse('via', `${via} is an address of ${this.node} itself`)
    if (this.addresses.of(this.node, out).some((own) => isBroadcast(own, gateway)))
      return refuse('via', `${via} is the broadcast address of its network`)
    if (this.down.includes(out)) return refuse('via', `${out} is down (\`up: false\`), so nothing is sent to ${via}`)
    const reason = this.reasonAgainst(out, gateway.family)
    if (reason !== null) return refuse('via', reason)
    return {
      gateway: formatAddress(gateway.family, gateway.address),
      interface: out,
      family: gateway.family,
      ...(within === undefined || onlink ? { onlink: true } : {}),
    }
  }

  /** Why the kernel takes no routes and neighbours of a family on an interface of the node; null if it takes them. */
  reasonAgainst(name: string, family: Family): string | null {
    const why = family === 6 ? this.families.whyWithoutIpv6(this.node, name) : null
    return why === null ? null : `${this.node}:${name} has no IPv6: ${why}`
  }

  noSuchInterface(name: string): string {
    return `${this.node} has no interface ${name}${suggestion(name, this.interfaces)}`
  }

  /** The interface on whose subnet an address is; undefined if there is none. A link-local address is on every link. */
  towards({ family, address }: Prefix, candidates: readonly string[]): string | undefined {
    if (isLinkLocal(family, address)) return candidates.length === 1 ? candidates[0] : undefined
    return candidates.find(
      (name) => name !== 'lo' && this.addresses.of(this.node, name).some((own) => contains(own, family, address)),
    )
  }

  /** The interface on whose link another node has an address. */
  private onLink({ family, address }: Prefix, candidates: readonly string[]): string | undefined {
    return this.neighbours().find(
      ({ dev, node, interface: name }) =>
        candidates.includes(dev) &&
        this.addresses.of(node, name).some((each) => each.family === family && each.address === address),
    )?.dev
  }

  isOwn({ family, address }: Prefix): boolean {
    return this.interfaces.some((name) =>
      this.addresses.of(this.node, name).some((own) => own.family === family && own.address === address),
    )
  }
}
