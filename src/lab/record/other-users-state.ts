// Checks the state of a lab that another user wrote. Each field that nslab uses must have the type and form that it should have.
import { isIP } from 'node:net'
import type { ProcessIdentity } from '../who/process-identity.js'
import { LAB_NAME } from './lab-record.js'
import type { LabState, NodeState } from './state.js'

/** Longest state file that is read, in bytes: more than any lab needs, so that a user cannot exhaust root's memory. */
export const MAX_STATE_BYTES = 16 * 1024 * 1024

/** `NODE:INTERFACE` */
const ENDPOINT = /^[A-Za-z0-9-]{1,63}:[^\p{C}\p{Z}/:]{1,15}$/u
const KINDS: readonly unknown[] = ['host', 'router', 'switch'] satisfies NodeState['kind'][]

type Unknown<T> = { [Key in keyof T]?: unknown }

/**
 * The checked state, without the two fields that only a lab made by root has: the cgroup, whose path the user could have made
 * up, and devices of the machine.
 *
 * @param lab name of the lab; the name in the state is ignored
 * @returns null when it is not the state of a lab
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

/** Whether it maps names to texts without a NUL, which would end a word of the shim's spec. */
const isTexts = (value: unknown): value is Record<string, string> =>
  typeof value === 'object' &&
  value !== null &&
  Object.entries(value).every((entry) => entry.every((each) => isText(each, /^[^\0]*$/)))

const isText = (value: unknown, pattern: RegExp): value is string => typeof value === 'string' && pattern.test(value)

const isListOf = <T>(value: unknown, isOne: (each: unknown) => each is T): value is T[] =>
  Array.isArray(value) && value.every(isOne)
