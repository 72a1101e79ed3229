// Re-executes this program as root of a lab's outer user namespace. An unprivileged user needs that to build a lab, and to use
// netlink in the nodes of one. A program with threads can call neither unshare(CLONE_NEWUSER) nor setns to a user namespace
// (EINVAL), so the shim does that and runs the program again.
import { execve } from '../../kernel/libc.js'
import { ownsNetns } from '../../kernel/netns.js'
import { shimPath } from '../../kernel/shim-path.js'
import { callerOf, hasEveryId, OUTSIDE_UID_VARIABLE, outsideUid } from './caller.js'
import { DIRECTORY_OWNERS_VARIABLE, ownersForOuterNamespace } from './directory-owners.js'
import { idMapLine } from './id-map.js'
import { NAMESPACE_LIMITS_VARIABLE, namespaceLimits } from './namespace-limits.js'
import { NEIGHBOUR_LIMITS_VARIABLE, neighbourTables } from './neighbour-tables.js'
import { outerIdMaps } from './outer-id-maps.js'
import type { ProcessIdentity } from './process-identity.js'

/**
 * Replaces this program by the same program with the same arguments, input and output, as root of an outer user namespace. Call
 * it first: nothing of the present program survives. If the kernel refuses a new namespace, the program runs outside of one,
 * and `outerNamespaceRefusal()` tells why.
 *
 * @param keeper keeper of the lab whose namespace is joined; null makes a new namespace
 * @param environment environment of the program that is run again
 * @throws KernelError when the shim cannot be run.
 */
export function enterOuterNamespace(keeper: ProcessIdentity | null, environment = process.env): never {
  const env = outerEnvironment(keeper, environment)
  const program = [process.execPath, ...process.execArgv, ...process.argv.slice(1)]
  const fds = [0, 1, 2, ...process.argv.flatMap(descriptorsIn)]
  const variables = Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]))
  execve(shimPath(), ['nslab-shim', ...rootlessArguments(keeper, program)], variables, fds)
}

/** An environment with what a program cannot find out by itself in an outer user namespace; `keeper` as in `enterOuterNamespace`. */
export const outerEnvironment = (
  keeper: ProcessIdentity | null,
  environment: NodeJS.ProcessEnv,
): NodeJS.ProcessEnv => ({
  ...environment,
  [OUTSIDE_UID_VARIABLE]: String(outsideUid(environment)),
  [NEIGHBOUR_LIMITS_VARIABLE]: JSON.stringify(neighbourTables()),
  [NAMESPACE_LIMITS_VARIABLE]: JSON.stringify(namespaceLimits()),
  // Only a lab that is built has directories of the machine to cover.
  ...(keeper ? {} : { [DIRECTORY_OWNERS_VARIABLE]: JSON.stringify(ownersForOuterNamespace()) }),
})

/** The shim's arguments that run a program in an outer user namespace; `keeper` as in `enterOuterNamespace`. */
export const rootlessArguments = (keeper: ProcessIdentity | null, program: readonly string[]): string[] => [
  'rootless',
  ...namespaceArguments(keeper),
  '--',
  ...program,
]

/** The descriptor that an argument names, such as /dev/fd/63, which bash(1) writes for `<(COMMAND)`. */
const descriptorsIn = (word: string): number[] =>
  [...word.matchAll(/^\/(?:dev|proc\/self)\/fd\/([0-9]{1,9})$/g)].map(([, digits]) => Number(digits))

/** Whether `enterOuterNamespace` has run already: this process is the program that it started. */
export const wasReexecuted = (): boolean => callerOf().rootless || outerNamespaceRefusal() !== null

/**
 * Whether this program must be run again to build a lab: for an ordinary user; for root if NSLAB_ROOTLESS is set; and for root
 * of a user namespace that does not own the network namespace it is in, as in `unshare -Ur`.
 */
export const needsOuterNamespace = (): boolean =>
  !wasReexecuted() && (process.geteuid?.() !== 0 || isRootlessAskedFor() || !(hasEveryId() || ownsNetns()))

const isRootlessAskedFor = (): boolean => !['', '0'].includes(process.env.NSLAB_ROOTLESS ?? '')

/** The kernel's error when it refused an outer user namespace; null when it did not refuse one. */
export const outerNamespaceRefusal = (): string | null => process.env.NSLAB_ROOTLESS_REFUSED ?? null

function namespaceArguments(keeper: ProcessIdentity | null): string[] {
  if (keeper) return ['--pid', String(keeper.pid), '--start-time', String(keeper.startTime)]
  const { uid, gid } = outerIdMaps()
  return [
    ...uid.flatMap((range) => ['--uidmap', idMapLine(range)]),
    ...gid.flatMap((range) => ['--gidmap', idMapLine(range)]),
  ]
}

/**
 * For programs that use the library without being root: makes this program root of a user namespace by running it again. Call
 * it first; everything that the program did before is done twice. It does nothing if it has been called before, or for root
 * of the network namespace that the program is in unless NSLAB_ROOTLESS is set.
 *
 * @throws KernelError when the shim cannot be run.
 */
export function enterUserNamespace(): void {
  if (needsOuterNamespace()) enterOuterNamespace(null)
}
