// Which of the kinds that emulate links this kernel has, found out in a scratch namespace that is gone afterwards.
import { release } from 'node:os'
import { lackedKind } from '../../kernel/netlink/rtnl/kind.js'
import { type KindProbe, kindProbes, probeGround } from '../../kernel/netlink/rtnl/probe.js'
import { NETLINK_ROUTE, tryInScratch } from '../../kernel/scratch.js'
import { EMULATION_KINDS, type EmulationKind, type KernelKinds } from '../../model/kernel-kinds.js'
import type { ResolvedTopology } from '../../model/resolved.js'

/** The first version whose netem takes a seed (TCA_NETEM_PRNG_SEED). */
const SEEDS_SINCE = [6, 6] as const

/** For a topology without emulated links, none: nothing is tried. @throws as `kernelKinds` */
export const kindsFor = async ({ links }: Pick<ResolvedTopology, 'links'>): Promise<KernelKinds> =>
  links.some(({ emulation }) => emulation !== undefined && emulation.backend !== 'wire')
    ? await kernelKinds()
    : new Set()

/**
 * Tries all kinds; takes some milliseconds, and may make the kernel load modules. None where no namespace can be made.
 *
 * @throws LabError FEATURE_MISSING when the native helper is not built.
 */
export async function kernelKinds(): Promise<KernelKinds> {
  const probes = kindProbes().filter(
    ({ kind: { table, name } }) => name === 'veth' || (table !== 'link' && isEmulating(name)),
  )
  const { answers } = await tryInScratch({
    namespaces: [],
    mounts: [],
    messages: [probeGround(), ...probes.map(({ request }) => request)].map((request) => ({
      ...{ protocol: NETLINK_ROUTE, request },
    })),
  })
  const found = probes.flatMap(({ kind: { name }, request }: KindProbe, at) => {
    const answer = answers[at + 1]
    const isThere = answer !== undefined && answer.errno === 0 && lackedKind(request, answer) === null
    return isThere && isEmulating(name) ? [name] : []
  })
  return new Set<EmulationKind>([
    ...found,
    ...(found.includes('netem') && takesSeeds(release()) ? ['netem-seed' as const] : []),
  ])
}

const isEmulating = (name: string): name is (typeof EMULATION_KINDS)[number] =>
  (EMULATION_KINDS as readonly string[]).includes(name)

/** @param text of uname(2): `6.12.9-amd64` */
function takesSeeds(text: string): boolean {
  const [major = 0, minor = 0] = text.split('.').map((part) => Number.parseInt(part, 10))
  return major > SEEDS_SINCE[0] || (major === SEEDS_SINCE[0] && minor >= SEEDS_SINCE[1])
}
