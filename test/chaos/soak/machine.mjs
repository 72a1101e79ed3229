// What a machine has of everything that a lab is made of, and whether there is more of it than before.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { program } from '../command.mjs'

const KINDS = ['user', 'pid', 'mnt', 'uts', 'ipc', 'net', 'cgroup', 'time']
/** Caches of the kernel (slabinfo(5)) that have one object a namespace; of the whole machine. */
const CACHES = ['net_namespace', 'pid_namespace', 'user_namespace', 'uts_namespace']
/** The kernel ends namespaces when it has time. */
const SETTLING = { tries: 60, pauseMs: 500 }

const read = (path) => {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}
const list = (path) => {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}
const linkOf = (path) => {
  try {
    return readlinkSync(path)
  } catch {
    return null
  }
}

/** @param {string} place where labs are kept @returns {Promise<Record<string, number>>} */
async function countOwn(place) {
  const pids = list('/proc').filter((name) => /^[0-9]+$/.test(name))
  const namespaces = new Set(pids.flatMap((pid) => KINDS.map((kind) => linkOf(join('/proc', pid, 'ns', kind)))))
  const cgroups = await program(['find', '/sys/fs/cgroup', '-type', 'd', '-name', 'nslab.soak*'])
  return {
    processes: pids.length,
    namespaces: namespaces.size,
    mounts: read('/proc/self/mountinfo').split('\n').length,
    interfaces: read('/proc/net/dev').split('\n').length,
    cgroups: cgroups.stdout.split('\n').length,
    'names in /run/netns': list('/run/netns').length,
    'files of labs': list(place).length,
    'files in /tmp': list('/tmp').length,
    keys: Number(/^ *0: +([0-9]+)/m.exec(read('/proc/key-users'))?.[1] ?? 0),
  }
}

/** Of the whole machine, on which others may work: it is compared with room. */
function countShared() {
  const slab = read('/proc/slabinfo')
  const objects = CACHES.flatMap((cache) => {
    const count = new RegExp(`^${cache} +([0-9]+)`, 'm').exec(slab)?.[1]
    return count === undefined ? [] : [[`${cache} objects`, Number(count)]]
  })
  const unreclaimable = Number(/^SUnreclaim: +([0-9]+)/m.exec(read('/proc/meminfo'))?.[1] ?? 0)
  return { ...Object.fromEntries(objects), 'KB of slab': unreclaimable }
}

/** How much more there may be of what the whole machine has, beside a share for each cycle. */
const ROOM = { 'KB of slab': { once: 30_000, each: 40 }, objects: { once: 40, each: 0.2 } }

export class Machine {
  /** @param {string} place */
  static async measure(place) {
    const machine = new Machine()
    machine.place = place
    machine.own = await countOwn(place)
    machine.shared = countShared()
    return machine
  }

  /**
   * What there is more of now, once the kernel has had time.
   *
   * @param {number} cycles
   * @returns {Promise<string[]>}
   */
  async grown(cycles) {
    for (let tries = 1; ; tries++) {
      const faults = [
        ...grownOwn(this.own, await countOwn(this.place)),
        ...grownShared(this.shared, countShared(), cycles),
      ]
      if (faults.length === 0 || tries === SETTLING.tries) return faults
      await setTimeout(SETTLING.pauseMs)
    }
  }
}

const text = (what, before, after) => `there are ${after} ${what}, and were ${before}`

const grownOwn = (before, after) =>
  Object.keys(before).flatMap((what) => (after[what] > before[what] ? [text(what, before[what], after[what])] : []))

function grownShared(before, after, cycles) {
  return Object.keys(before).flatMap((what) => {
    const { once, each } = ROOM[what] ?? ROOM.objects
    return after[what] - before[what] > once + each * cycles ? [text(what, before[what], after[what])] : []
  })
}
