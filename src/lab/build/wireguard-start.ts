// Starts the handshakes of WireGuard interfaces, round after round, when all nodes are ready.
import { setTimeout } from 'node:timers/promises'
import type { HomeNetns } from '../../kernel/netns.js'
import type { WireguardStart } from '../../plan/op.js'
import { readWireguard } from '../observe/wireguard.js'
import { tellWireguard } from './wireguard.js'

/** For all handshakes together. Where the topology leaves routes to others, none succeeds, and the lab is complete all the same. */
const PATIENCE_MS = 1000
const FIRST_PAUSE_MS = 1
const LAST_PAUSE_MS = 50

/** Calls a function with an open descriptor of a node's network namespace, which is closed when its promise settles. */
export type InNetns = <T>(node: string, use: (fd: number) => Promise<T>) => Promise<T>

export interface Surroundings {
  inNetns: InNetns
  home: HomeNetns
  /** Aborts the waiting. */
  signal: AbortSignal
}

/** @throws KernelError with what the kernel refused; the signal's reason when aborted. */
export async function startWireguard(
  rounds: readonly (readonly WireguardStart[])[],
  surroundings: Surroundings,
): Promise<void> {
  const { inNetns, home } = surroundings
  const deadline = performance.now() + PATIENCE_MS
  for (const round of rounds) {
    for (const op of round) await inNetns(op.node, (fd) => tellWireguard(op, fd, home))
    await untilHeard(round, deadline, surroundings)
  }
}

/** An interface of the lab, and the public keys of the peers from which it waits to hear. */
interface Listener {
  node: string
  interface: string
  keys: string[]
}

/** Waits until every interface has completed a handshake with each peer that started one to it. */
async function untilHeard(
  round: readonly WireguardStart[],
  deadline: number,
  { inNetns, home, signal }: Surroundings,
): Promise<void> {
  let listeners = listenersOf(round)
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LAST_PAUSE_MS)) {
    const waiting: Listener[] = []
    for (const listener of listeners) {
      const { node, interface: name, keys } = listener
      const view = (await inNetns(node, (fd) => readWireguard(node, [name], fd, home))).get(name)
      const heard = new Set(view?.peers.flatMap(({ key, latestHandshake }) => (latestHandshake === null ? [] : [key])))
      if (keys.some((key) => !heard.has(key))) waiting.push(listener)
    }
    listeners = waiting
    if (listeners.length === 0 || performance.now() >= deadline) return
    await setTimeout(pauseMs, undefined, { signal })
  }
}

function listenersOf(round: readonly WireguardStart[]): Listener[] {
  const byName = new Map<string, Listener>()
  for (const { publicKey, opens } of round) {
    for (const { node, interface: name } of opens) {
      const listener = byName.get(`${node}:${name}`) ?? { node, interface: name, keys: [] }
      listener.keys.push(publicKey)
      byName.set(`${node}:${name}`, listener)
    }
  }
  return [...byName.values()]
}
