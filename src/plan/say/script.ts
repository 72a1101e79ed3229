// The network of a plan as a shell script of iproute2 and sysctl(8), without processes, mounts and users. Pure text.
import { EVERY_KIND, type KernelKinds } from '../../model/kernel-kinds.js'
import type { ResolvedTopology } from '../../model/resolved.js'
import { isOfNetwork } from '../../topology/node/sysctls.js'
import { buildPlan } from '../build.js'
import { withoutWire } from '../emulation/links.js'
import { configOf, devicesOf, singles } from '../flatten.js'
import type { DeviceOp, NexthopAdd, NodeAdd, SingleConfigOp } from '../op.js'
import type { Plan } from '../plan.js'
import { explain } from './explain.js'
import { notEmulated, notInScript } from './script-notes.js'
import { quoted } from './shell.js'

/** Arguments that one line of `ip -batch` can have, less what iproute2 counts beside them (MAX_ARGS in lib/utils.c). */
const BATCH_WORDS = 98
/** A command in a node whose words need no quotes, neither for the shell nor for `-batch`. */
const BATCHABLE = /^((?:ip|bridge|tc)(?: -6)? -n \S+) ([\w@%+=:,./ -]+)$/
const COLUMNS = 110

/**
 * A POSIX shell script that makes the network of a lab that does not exist yet, each node a network namespace of its
 * name. A comment names what it leaves out.
 *
 * @param kinds what the kernel that it is for has to emulate links with
 * @throws LabError as `buildPlan`
 */
export function networkScript(whole: ResolvedTopology, kinds: KernelKinds = EVERY_KIND): string {
  const { topology, carried } = withoutWire(whole, kinds)
  const plan = buildPlan(topology, kinds)
  const early = plan.nodes.flatMap(configOf)
  const late = plan.nodes.flatMap(({ running }) => running.flatMap(singles))
  const added = plan.nodes.flatMap(({ add }) => add ?? [])
  const sections = [
    head(topology.name, plan, notEmulated(plan, carried)),
    nodes(added),
    ...sysctls(added),
    ...byNode(devicesOf(plan), (node) => `${node}: interfaces`),
    ...byNode(early, (node) => `${node}: configuration`),
    ...nexthops(late),
    ...spanningTrees(plan),
    ...plan.start.map((round) => ['# WireGuard: peers begin to talk', ...batched(explain(round).flatMap(parts))]),
  ]
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`
}

function head(lab: string, plan: Plan, notes: readonly string[]): string[] {
  const names = plan.nodes.map(({ node }) => node)
  const hasWireguard = plan.nodes.flatMap(configOf).some(({ op }) => op === 'wireguard.set')
  const tools = hasWireguard ? 'iproute2 and wg(8)' : 'iproute2 alone'
  const links = devicesOf(plan).filter(({ op }) => op === 'veth.add').length
  return [
    '#!/bin/sh',
    `# The network of the lab ${lab}, made with ${tools}: nodes ${names.length}, links ${links}. Run it as root.`,
    '# A node is a network namespace of its name: ip netns exec NODE COMMAND',
    `# To remove it, whole or half made: for node in ${names.join(' ')}; do ip netns del "$node"; done`,
    ...notInScript(plan),
    ...notes,
    'set -e',
  ]
}

function nodes(all: readonly NodeAdd[]): string[] {
  const own = all.filter(({ network }) => network === undefined)
  return ['# Nodes', ...forEach(own, 'ip netns add "$node"'), ...all.flatMap(guest)]
}

/** A second name for a namespace. iproute2 has no command for it; it makes the first name in the same way. */
const guest = ({ node, network }: NodeAdd): string[] =>
  network === undefined
    ? []
    : [
        `# ${node} is in the network of ${network}`,
        `: > /run/netns/${node}`,
        `mount --bind /run/netns/${network} /run/netns/${node}`,
      ]

/** One section for all nodes with the same sysctls. The script leaves out sysctls of other kinds of namespaces. */
function sysctls(all: readonly NodeAdd[]): string[][] {
  const same = new Map<string, NodeAdd[]>()
  for (const node of all) {
    const settings = Object.entries(node.sysctls).filter(([key]) => isOfNetwork(key))
    if (settings.length === 0) continue
    const words = settings.map(([key, value]) => quoted(`${key}=${value}`))
    const command = folded(['  ip netns exec "$node" sysctl -qw', ...words], '    ')
    same.set(command, [...(same.get(command) ?? []), node])
  }
  return [...same].map(([command, those]) => {
    const kinds = [...new Set(those.map(({ kind }) => kind))]
    return [`# Kernel parameters of kind ${kinds.join(', ')}`, ...forEach(those, command.trimStart())]
  })
}

function nexthops(late: readonly SingleConfigOp[]): string[][] {
  if (late.length === 0) return []
  const hops = late.filter((op): op is NexthopAdd => op.op === 'nexthop.add')
  const ends = hops.flatMap(({ node, nexthop }) =>
    'hop' in nexthop ? [`${node} ${quoted(nexthop.hop.interface)}`] : [],
  )
  const wait = [
    '# The kernel takes a next-hop object only when its link runs',
    'await() { # NODE INTERFACE',
    '  seconds=0',
    '  until ip -n "$1" link show dev "$2" | grep -q LOWER_UP; do',
    '    [ "$seconds" -lt 60 ] || { echo "$1: $2 has no carrier" >&2; return 1; }',
    '    sleep 1',
    '    seconds=$((seconds + 1))',
    '  done',
    '}',
    ...[...new Set(ends)].map((end) => `await ${end}`),
  ]
  return [
    ...(ends.length === 0 ? [] : [wait]),
    ...byNode(late, (node) => `${node}: next-hop objects, and what comes after them`),
  ]
}

function spanningTrees(plan: Plan): string[][] {
  const trees = [...devicesOf(plan), ...plan.nodes.flatMap(configOf)].flatMap((op) =>
    op.op === 'bridge.add' && op.settings?.stp ? [op.node] : [],
  )
  if (trees.length === 0) return []
  const wait = 'while bridge -n "$node" link show | grep -Eq "state (listening|learning)"; do sleep 1; done'
  return [
    [
      '# Nothing passes before the spanning tree has settled',
      ...forEach(
        trees.map((node) => ({ node })),
        wait,
      ),
    ],
  ]
}

/** One section a node, in the order in which the nodes first appear. */
function byNode(ops: readonly (DeviceOp | SingleConfigOp)[], title: (node: string) => string): string[][] {
  const nodes = new Map<string, (DeviceOp | SingleConfigOp)[]>()
  for (const op of ops) {
    const own = nodes.get(op.node)
    if (own) own.push(op)
    else nodes.set(op.node, [op])
  }
  return [...nodes].map(([node, own]) => [`# ${title(node)}`, ...batched(explain(own).flatMap(parts))])
}

/** Split at `&&`: `set -e` does not end the script when a command before `&&` fails. */
const parts = ({ command }: { command: string }): string[] => command.split(' && ')

/** Consecutive commands of one program in one node become input of one process with `-batch`. */
function batched(commands: readonly string[]): string[] {
  const runs: { prefix: string | undefined; lines: string[] }[] = []
  for (const command of commands) {
    const [, prefix, line = command] = (isBatchable(command) && BATCHABLE.exec(command)) || []
    const run = runs.at(-1)
    if (run && run.prefix === prefix) run.lines.push(line)
    else runs.push({ prefix, lines: [line] })
  }
  return runs.flatMap(({ prefix, lines }) => {
    if (prefix === undefined) return lines
    return lines.length === 1 ? [`${prefix} ${lines[0]}`] : [`${prefix} -batch - <<'END'`, ...lines, 'END']
  })
}

const isBatchable = (command: string): boolean => command.split(' ').length <= BATCH_WORDS

/** A loop that runs `command` for each node, which is `$node` in it. */
function forEach(those: readonly { node: string }[], command: string): string[] {
  const words = those.map(({ node }) => node)
  return [`${folded(['for node in', ...words], '  ')}; do`, `  ${command}`, 'done']
}

/** Words on lines of at most COLUMNS characters. */
function folded(words: readonly string[], indent: string): string {
  const lines: string[] = []
  for (const word of words) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + word.length < COLUMNS) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(last === undefined ? word : indent + word)
  }
  return lines.join(' \\\n')
}
