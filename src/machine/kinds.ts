// Checks the kinds of devices, queueing disciplines, classifiers and the firewall, by the kernel's answer to making each of them.
import { errnoNameOf } from '../errors.js'
import { KINDS, type KindTable, kernelRemedy, lackText, remedyText } from '../features.js'
import { type Check, limited, missing, ok, required } from './check.js'
import type { Answer, Facts } from './facts.js'
import { refusalDetail, refusalRemedy } from './refusals.js'

export const kindChecks = (facts: Facts): Check[] => [
  ...[...KINDS.link.keys()].map((kind) => kindCheck('link', kind, facts.links.get(kind), facts)),
  tunCheck(facts),
  ...[...KINDS.qdisc.keys()].map((kind) => kindCheck('qdisc', kind, facts.qdiscs.get(kind), facts)),
  ...[...KINDS.filter.keys()].map((kind) => kindCheck('filter', kind, facts.filters.get(kind), facts)),
  nftablesCheck(facts),
  ipv6Check(facts),
]

function kindCheck(table: KindTable, kind: string, answer: Answer | undefined, facts: Facts): Check {
  const check = table === 'link' && kind === 'veth' ? required : (each: Check) => each
  const name = `${table}.${kind}`
  const cost = KINDS[table].get(kind)?.cost ?? ''
  if (!answer) return check(untried(name, cost, facts))
  if (answer.errno === 0) return check(ok(name, KINDS[table].get(kind)?.title ?? kind))
  if (answer.isUnknown) {
    return check(missing(name, { detail: lackText(table, kind), cost, remedy: remedyText(table, kind) }))
  }
  return check(refused(name, cost, answer, facts))
}

/** For a kind that was not tried because no network namespace could be made, so that no lab can be made either. */
function untried(name: string, cost: string, facts: Facts): Check {
  const { errno, operation } = facts.refusal ?? { errno: 0, operation: 'try' }
  const check = name === 'link.veth' ? missing : limited
  return check(name, {
    detail: `not tried: cannot ${operation}: ${refusalDetail(errno, 'net', facts)}`,
    cost,
    remedy: refusalRemedy(errno, 'net', facts),
  })
}

/** For a kind that the kernel has, but refused to make. */
function refused(name: string, cost: string, { errno, extack }: Answer, facts: Facts): Check {
  const errnoName = errnoNameOf(errno)
  if (errnoName === 'EPERM' || errnoName === 'EACCES') {
    const detail = `refused: ${refusalDetail(errno, 'net', facts)}`
    return missing(name, { detail, cost, remedy: refusalRemedy(errno, 'net', facts) })
  }
  const detail = `refused: ${extack ? `${errnoName}: ${extack}` : errnoName}`
  return limited(name, { detail, cost, remedy: 'none known: please report it with this output' })
}

function nftablesCheck(facts: Facts): Check {
  const name = 'nftables'
  const cost = 'no firewall and no address translation in nodes'
  const { nftables } = facts
  if (!nftables) return untried(name, cost, facts)
  if (nftables.errno === 0) return ok(name, 'nf_tables')
  if (!nftables.isUnknown) return refused(name, cost, nftables, facts)
  return missing(name, {
    detail: 'this kernel lacks nftables',
    cost,
    remedy: kernelRemedy('CONFIG_NF_TABLES', 'nf_tables'),
  })
}

const ipv6Check = ({ ipv6 }: Facts): Check =>
  ipv6
    ? ok('ipv6', 'IPv6')
    : missing('ipv6', {
        detail: 'this kernel lacks IPv6, or was booted with ipv6.disable=1',
        cost: 'no IPv6 in nodes: labs need `families: [4]`',
        remedy: kernelRemedy('CONFIG_IPV6', null),
      })

function tunCheck({ tun: { errno, openToAll } }: Facts): Check {
  const name = 'tun'
  const cost = 'no tun and tap devices in nodes: no user-space VPNs, no virtual machines'
  const device = '/dev/net/tun'
  if (['ENOENT', 'ENODEV', 'ENXIO'].includes(errnoNameOf(errno))) {
    const remedy = `\`modprobe tun\` (CONFIG_TUN); in a container, \`docker run --device ${device}\``
    return missing(name, { detail: `${device}: ${errnoNameOf(errno)}`, cost, remedy })
  }
  // On the machine, root of a node is an unprivileged user: root's own success does not count.
  if (errno === 0 && openToAll) return ok(name, device)
  return limited(name, {
    detail: `${device} is for root of the machine only`,
    cost,
    remedy: `\`chmod 0666 ${device}\`, as distributions have it`,
  })
}
