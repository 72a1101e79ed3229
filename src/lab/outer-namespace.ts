// Re-executes this program as root of a lab's outer user namespace: what an unprivileged user needs for building a lab,
// and for speaking netlink in the nodes of one. A runtime with threads can do neither unshare(CLONE_NEWUSER) nor setns to
// a user namespace (EINVAL), so the shim does it and runs the program again.
import { execve } from '../kernel/libc.js'
import { ownsNetns } from '../kernel/netns.js'
import { shimPath } from '../kernel/shim-path.js'
import { callerOf, hasEveryId } from './caller.js'
import { lineOf } from './id-map.js'
import { NEIGHBOUR_LIMITS, neighbourLimits } from './neighbour-limits.js'
import { outerIdMaps } from './outer-id-maps.js'
import type { ProcessIdentity } from './process.js'

/**
 * Replaces this program by the same one, with the same arguments, input and output, as root of an outer user namespace.
 * Call it before anything else: nothing of the present program survives. When the kernel refuses a new namespace, the
 * program runs outside and `refusal()` says why.
 *
 * @param keeper of the lab whose namespace is joined; null makes a new one
 * @param environment of the program that is run again
 * @throws KernelError when the shim cannot be run.
 */
export function enterOuterNamespace(keeper: ProcessIdentity | null, environment = process.env): never {
  const env = { ...environment, [NEIGHBOUR_LIMITS]: JSON.stringify(neighbourLimits()) }
  const program = [process.execPath, ...process.execArgv, ...process.argv.slice(1)]
  const fds = [0, 1, 2, ...process.argv.flatMap(namedDescriptor)]
  execve(shimPath(), ['nslab-shim', 'rootless', ...whereTo(keeper), '--', ...program], env, fds)
}

/** The descriptor that a word names, as bash(1) writes one for `<(COMMAND)`. */
const namedDescriptor = (word: string): number[] =>
  [...word.matchAll(/^\/(?:dev|proc\/self)\/fd\/([0-9]{1,9})$/g)].map(([, digits]) => Number(digits))

/** Whether this process is one that `enterOuterNamespace` made, or tried to. */
export const wasReexecuted = (): boolean => callerOf().rootless || refusal() !== null

/**
 * Whether this program must be run again to build a lab: an ordinary user's, root's where that is asked for, and that of a
 * root of a user namespace alone, as in `unshare -Ur`, whom the network it is in does not obey.
 */
export const needsOuterNamespace = (): boolean =>
  !wasReexecuted() && (process.geteuid?.() !== 0 || isAsked() || !(hasEveryId() || ownsNetns()))

const isAsked = (): boolean => !['', '0'].includes(process.env.NSLAB_ROOTLESS ?? '')

/** What the kernel said when it refused an outer user namespace; null when it did not. */
export const refusal = (): string | null => process.env.NSLAB_ROOTLESS_REFUSED ?? null

function whereTo(keeper: ProcessIdentity | null): string[] {
  if (keeper) return ['--pid', String(keeper.pid), '--start-time', String(keeper.startTime)]
  const { uid, gid } = outerIdMaps()
  return [
    ...uid.flatMap((range) => ['--uidmap', lineOf(range)]),
    ...gid.flatMap((range) => ['--gidmap', lineOf(range)]),
  ]
}

/**
 * For programs that use the library without being root: makes this program root of a user namespace, by running it again.
 * Call it first thing; whatever the program did before is done twice. Does nothing for root of the network it is in, unless
 * NSLAB_ROOTLESS is set, or when it is done already.
 *
 * @throws KernelError when the shim cannot be run.
 */
export function enterUserNamespace(): void {
  if (needsOuterNamespace()) enterOuterNamespace(null)
}
