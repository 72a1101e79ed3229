// Networks that `nslab plan --script` makes, and what the kernel holds of any network, by iproute2's reading. Plain
// JavaScript, so that it runs in the guest of test/vm as well.
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'

/** What one process each reads in a node, and prints a JSON document a line. */
const READINGS = {
  'ip -j -d': { links: 'link show', routes: 'route show table all', rules: 'rule show', nexthops: 'nexthop show' },
  'ip -j': { addresses: 'address show', neighbours: 'neighbour show nud permanent' },
  'ip -j -6': { routes6: 'route show table all', rules6: 'rule show' },
  // What is learned is no part of a plan.
  'bridge -j': { forwarding: 'fdb show state permanent', vlans: 'vlan show' },
}
/** All but the port of one that has none written, which the kernel chooses, here and where its peers heard it. */
const WIREGUARD = `for what in private-key allowed-ips persistent-keepalive fwmark endpoints; do
  wg show all $what | sed "s/^/wg $what /; /endpoints/s/:[0-9]*$//"
done`

/** tc(8) has no JSON for classes, and shows only the last match of a filter in it. */
const SHAPING = `tc qdisc show | sed 's/^/tc /'
tc qdisc show | sed -n 's/^qdisc htb [0-9a-f]*: dev \\([^ ]*\\) .*/\\1/p' | while read -r dev; do
  { tc class show dev "$dev"; tc filter show dev "$dev"; } | sed 's/^/tc /'
done`

const NAMES = Object.values(READINGS).flatMap((commands) => Object.keys(commands))

/** For `sh -c` in a node; `readNetwork` understands what it prints. */
const READ = [
  ...Object.entries(READINGS).map(
    ([program, commands]) => `${program} -batch - <<END\n${Object.values(commands).join('\n')}\nEND`,
  ),
  WIREGUARD,
  SHAPING,
  // Some can be written alone.
  "grep -rs '' /proc/sys/net/ipv4 /proc/sys/net/ipv6 || :",
].join('\n')

/**
 * What is left out, since two networks of one description differ in it:
 * - numbers that the kernel gives to namespaces as they meet (`link_netnsid`), and to a tun's or tap's interface, which
 *   `ip tuntap` takes no number for
 * - numbers of a bridge's ports, which go by the order in which they came (`up` does not wait for one with another)
 * - whether the state of a link that runs is UP or UNKNOWN: the kernel says UP where it saw the carrier come, which of a
 *   bridge it does not when a port was there first
 * - addresses that the kernel makes up: of a VRF, and of a tunnel over IPv6 with the link-local one that comes of it
 * - clocks: what a bridge's timers show, and for how long a spanning tree that has changed has it remember
 * - the order in which the kernel lists things
 * - sysctls of net.ipv6.route, which the kernel shows to the owner of the machine alone (ipv6_route_sysctl_init), and those
 *   that are not of IPv4 or IPv6: they are the machine's, or count
 */
function readNetwork(printed) {
  const lines = withoutMadeUp(printed)
    .split('\n')
    .filter((line) => line !== '')
  const documents = lines.filter((line) => line.startsWith('['))
  if (documents.length !== NAMES.length) throw new Error(`read ${documents.length} documents: ${printed}`)
  const readings = NAMES.map((name, at) => {
    const rows = JSON.parse(documents[at])
    const same = name === 'addresses' ? rows.map(({ ifindex, ...row }) => row) : rows
    return [name, same.map((row) => JSON.stringify(withoutChance(row))).sort()]
  })
  const sysctls = lines.filter((line) => /^\/proc\/sys\/net\/ipv[46]\/(?!route\/)/.test(line)).sort()
  const wireguard = lines.filter((line) => line.startsWith('wg ')).sort()
  const shaping = lines.filter((line) => line.startsWith('tc ')).sort()
  return { ...Object.fromEntries(readings), wireguard, shaping, sysctls }
}

function withoutMadeUp(printed) {
  const rows = printed.split('\n').flatMap((line) => (/^\[\{.*"ifname"/.test(line) ? JSON.parse(line) : []))
  const addresses = rows.flatMap(({ permaddr, addr_info, linkinfo, address }) => [
    ...(permaddr ? (addr_info ?? []).filter(({ scope }) => scope === 'link').map(({ local }) => local) : []),
    ...(linkinfo?.info_kind === 'vrf' ? [address] : []),
  ])
  return addresses.reduce((text, each) => text.replaceAll(`"${each}"`, '"made up"'), printed)
}

const PORT = ['id', 'no', 'designated_port']
const CHANCE =
  /^(link_netnsid|permaddr|topology_change(_detected)?|(hello|tcn|topology_change|gc|hold|message_age|forward_delay)_timer)$/

function withoutChance(value) {
  if (Array.isArray(value)) return value.map(withoutChance)
  if (typeof value !== 'object' || value === null) return value
  const own = [
    ...(value.linkinfo?.info_kind === 'tun' ? ['ifindex'] : []),
    ...('designated_port' in value ? PORT : []),
    ...(value.stp_state === 1 ? ['ageing_time'] : []),
  ]
  const entries = Object.entries(value).filter(([key]) => !CHANCE.test(key) && !own.includes(key))
  return Object.fromEntries(
    entries.map(([key, each]) => [key, key === 'operstate' && each === 'UNKNOWN' ? 'UP' : withoutChance(each)]),
  )
}

/** Of a link that has no carrier the kernel says so after up to a second; of a spanning tree, more. */
const PATIENCE_MS = 20_000

/**
 * What the kernel holds of every node: in a lab, and in the network of its script. Read again until both are the same, or
 * it takes too long.
 */
export async function bothNetworks(lab, made) {
  const { nodes } = await lab.inspect()
  const both = { lab: {}, script: {} }
  for (const { name } of nodes) {
    const deadline = performance.now() + PATIENCE_MS
    do {
      const { stdout } = await lab.node(name).exec(['sh', '-c', READ], { cwd: '/' })
      both.lab[name] = readNetwork(stdout)
      both.script[name] = readNetwork(made.execIn(name, 'sh', '-c', READ))
    } while (!isDeepStrictEqual(both.script[name], both.lab[name]) && performance.now() < deadline)
  }
  return both
}

/**
 * Runs a script in a mount and a network namespace of its own, with an empty /run, so that no namespace of the machine
 * has a name there. All is gone with `close`.
 */
export class ScriptLab {
  #child
  #directory

  /** @throws Error with what the script said, when it fails. */
  static async run(script) {
    const lab = new ScriptLab()
    try {
      await lab.#start(script)
      return lab
    } catch (error) {
      await lab.close()
      throw error
    }
  }

  async #start(script) {
    this.#directory = mkdtempSync(join(tmpdir(), 'nslab-script-'))
    const file = join(this.#directory, 'script.sh')
    writeFileSync(file, script)
    const inside = 'mount -t tmpfs tmpfs /run && sh "$0" && echo made && exec sleep infinity'
    const words = ['--mount', '--net', '--propagation', 'private', 'sh', '-c', inside, file]
    this.#child = spawn('unshare', words, { stdio: ['ignore', 'pipe', 'pipe'] })
    let [out, err] = ['', '']
    this.#child.stderr.on('data', (data) => {
      err += data
    })
    await new Promise((resolve, reject) => {
      this.#child.stdout.on('data', (data) => {
        out += data
        if (out.endsWith('made\n')) resolve()
      })
      this.#child.on('error', reject)
      this.#child.on('close', (status) => reject(new Error(`the script ended with ${status}: ${out}${err}`)))
    })
    // What iproute2 warns of is wrong with the script.
    if (err !== '' || out !== 'made\n') throw new Error(`the script said: ${out}${err}`)
  }

  /** Runs a command beside the nodes; its standard output. */
  exec(...words) {
    return execFileSync('nsenter', ['-t', String(this.#child.pid), '-m', '-n', ...words], { encoding: 'utf8' })
  }

  /** Runs a command in a node. */
  execIn(node, ...words) {
    return this.exec('ip', 'netns', 'exec', node, ...words)
  }

  async close() {
    if (this.#child && this.#child.exitCode === null && this.#child.signalCode === null) {
      const ended = new Promise((resolve) => this.#child.once('close', resolve))
      this.#child.kill('SIGKILL')
      await ended
    }
    if (this.#directory) rmSync(this.#directory, { recursive: true, force: true })
  }
}
