// The keys of a node for its isolation from the host and from other nodes: `namespaces`, `users`, `time`. Single values are checked
// here; combinations of them are checked when they are resolved.
import { z } from 'zod'
import { parseDuration } from '../values/duration.js'
import { OFFSET } from '../values/patterns.js'
import { checkedText } from '../values/text-schema.js'

/** (uid_t) -1 means "no user", so it cannot be mapped. */
const ID_MAX = 0xffff_fffe
/** A map is written to the kernel in one call, and must fit into a page (user_namespaces(7)). */
const RANGES_MAX = 100
/** 146 years, half of the largest value of a clock: the kernel refuses more (time_namespaces(7)). */
const OFFSET_SECONDS_MAX = 4_611_686_018

const choice = z.enum(['own', 'shared', 'host'])

/** The kinds have the names of the files in /proc/PID/ns (namespaces(7)). */
export const namespaces = z
  .strictObject({
    user: choice.optional().describe('users, groups and what root may do'),
    pid: choice.optional().describe('processes'),
    mnt: choice.optional().describe('mounts'),
    uts: choice.optional().describe('hostname and NIS domain name'),
    ipc: choice.optional().describe('System V IPC, POSIX message queues and /dev/shm'),
    net: choice.optional().describe('devices, addresses, routes, firewall, ports'),
    cgroup: choice.optional().describe('the root of the cgroups that the node sees'),
    time: choice.optional().describe('the clocks that `time` moves; `own` when it does'),
  })
  .describe('kind → `own` (the default), `shared` with all nodes that say so, or `host`')

const ID = 'an id is 0 to 4294967294'
const id = z.int().min(0, ID).max(ID_MAX, ID)

export const idRange = z
  .strictObject({
    inside: id.describe('first id in the node'),
    outside: id.describe('the id outside that it is mapped to'),
    count: z.int().min(1, 'a range has at least one id').describe('how many ids'),
  })
  .superRefine(({ inside, outside, count }, context) => {
    const last = Math.max(inside, outside) + count - 1
    if (Number.isSafeInteger(last) && last > ID_MAX)
      context.addIssue({ code: 'custom', message: `the range ends at ${last}; ${ID}` })
  })

const idMap = z.union([
  z.literal('host'),
  z.array(idRange).min(1, 'a map has at least one range').max(RANGES_MAX, `a map has at most ${RANGES_MAX} ranges`),
])

export const users = z
  .strictObject({
    map: idMap.describe('users outside to which users of the node are mapped; `host`: the same ids'),
    groups: idMap.optional().describe('the same for groups; like `map` by default'),
  })
  .describe('the user namespace’s uid and gid maps')

const offset = checkedText((text) => {
  const duration = parseDuration(text)
  if (typeof duration === 'string') return duration
  const isFar = Math.abs(duration.seconds) > OFFSET_SECONDS_MAX
  return isFar ? `a clock can be moved by at most ${OFFSET_SECONDS_MAX} seconds` : null
}, OFFSET)

export const time = z
  .strictObject({
    boottime: offset.optional().describe('added to CLOCK_BOOTTIME, and so to the uptime'),
    monotonic: offset.optional().describe('added to CLOCK_MONOTONIC'),
  })
  .describe('clocks of a time namespace')
