// Checks a lab's state that another user wrote: every field that is used, so that nothing in it is more than it should be.
import { isIP } from 'node:net'
import type { ProcessIdentity } from '../who/process-identity.js'
import type { LabState, NodeState } from './state.js'
import { LAB_NAME } from './store.js'

/** Bytes. What is longer is not even read: more than any lab needs could only be meant to exhaust memory. */
export const FOREIGN_STATE_MAX = 16 * 1024 * 1024

/** `NODE:INTERFACE` */
const ENDPOINT = /^[A-Za-z0-9-]{1,63}:[^\p{C}\p{Z}/:]{1,15}$/u
const KINDS: readonly unknown[] = ['host', 'router', 'switch'] satisfies NodeState['kind'][]

type Unknown<T> = { [Key in keyof T]?: unknown }

/**
 * What is sound in it, without what only a lab of root's has: a cgroup, which is a path that the user wrote, and devices of
 * the machine.
 *
 * @param lab its name, whatever it says itself
 * @returns null when it is not a lab's state
 */
export function soundState(written: LabState, lab: string): LabState | null {
  const { keeper, nodes, links, status, rootless } = (written ?? {}) as Unknown<LabState>
  if (status !== 'building' && status !== 'running') return null
  if (!isProcess(keeper) || !isListOf(nodes, isNode) || !isListOf(links, isLink)) return null
  return {
    ...{ version: 1, lab, status, rootless: rootless === true, cgroup: null, devices: [] },
    keeper: { pid: keeper.pid, startTime: keeper.startTime },
    nodes: nodes.map((node) => ({ ...node, cgroup: null })),
    links,
  }
}

function isNode(value: unknown): value is NodeState {
  const { name, kind, netnsFd, ipv4, ipv6, labels = {}, env = {} } = (value ?? {}) as Unknown<NodeState>
  return (
    isProcess(value) &&
    isText(name, LAB_NAME) &&
    KINDS.includes(kind) &&
    Number.isSafeInteger(netnsFd) &&
    isAddress(ipv4, 4) &&
    isAddress(ipv6, 6) &&
    isTexts(labels) &&
    isTexts(env) &&
    Object.keys(env).every((variable) => !variable.includes('='))
  )
}

function isProcess(value: unknown): value is ProcessIdentity {
  const { pid, startTime } = (value ?? {}) as Unknown<ProcessIdentity>
  return Number.isSafeInteger(pid) && (pid as number) > 1 && Number.isSafeInteger(startTime)
}

const isLink = (value: unknown): value is [string, string] =>
  Array.isArray(value) && value.length === 2 && value.every((end) => isText(end, ENDPOINT))

const isAddress = (value: unknown, family: 4 | 6): boolean =>
  value === null || (isText(value, /^[0-9a-fA-F.:]+$/) && isIP(value) === family)

/** Names and values, none with a NUL, which would end a word of the shim's. */
const isTexts = (value: unknown): value is Record<string, string> =>
  typeof value === 'object' &&
  value !== null &&
  Object.entries(value).every((entry) => entry.every((each) => isText(each, /^[^\0]*$/)))

const isText = (value: unknown, pattern: RegExp): value is string => typeof value === 'string' && pattern.test(value)

const isListOf = <T>(value: unknown, isOne: (each: unknown) => each is T): value is T[] =>
  Array.isArray(value) && value.every(isOne)
