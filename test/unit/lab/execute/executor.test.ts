// The order in which a plan is carried out, without a kernel: the port is a fake that writes down what it is asked.
import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { execute } from '../../../../src/lab/execute/executor.js'
import type { KernelPort } from '../../../../src/lab/execute/kernel-port.js'
import type { Direction } from '../../../../src/model/impairment.js'
import { buildPlan } from '../../../../src/plan/build.js'
import type { ConfigOp, DeviceOp, RouteAdd, WireguardStart } from '../../../../src/plan/op.js'
import type { NodePlan, Plan } from '../../../../src/plan/plan.js'
import { resolve } from '../../topology/support.js'

type Op = DeviceOp | ConfigOp | WireguardStart

const planOf = (text: string): Plan => buildPlan(resolve(text))

/** `link.up h1:eth0` */
const wordsOf = (op: Op): string => `${op.op} ${op.node}${'interface' in op ? `:${op.interface}` : ''}`

/** Answers a call with a name such as `send h1`. What it throws is what the kernel refuses. */
type Answer = (call: string, signal?: AbortSignal) => Promise<void> | void

class FakeKernel implements KernelPort {
  /** Calls as they came: `send h1: …`. */
  readonly calls: string[] = []
  /** Operations in the order in which they were done. */
  readonly done: string[] = []
  running = 0

  constructor(private readonly answer: Answer = () => {}) {}

  send = (node: string, ops: readonly Op[]) => this.call(`send ${node}`, ops)
  makeTun = (op: Op) => {
    this.calls.push(`makeTun ${wordsOf(op)}`)
  }
  takeDevice = (op: Op) => this.call('takeDevice', [op])
  writeSysctl = (op: Op) => void this.call('writeSysctl', [op])
  tellWireguard = (op: Op) => this.call('tellWireguard', [op])
  change = (op: Op) => this.call('change', [op])
  startWireguard = (rounds: readonly (readonly Op[])[], signal: AbortSignal) =>
    this.call('startWireguard', rounds.flat(), signal)
  linksRun = (node: string, without: ReadonlySet<string>, signal: AbortSignal, only?: ReadonlySet<string>) => {
    const words = only ? ` only ${[...only].join()}` : ''
    return this.call(`linksRun ${node} ${[...without].join()}`.trimEnd() + words, [], signal)
  }

  private async call(name: string, ops: readonly Op[], signal?: AbortSignal): Promise<void> {
    this.calls.push([name, ...ops.map(wordsOf)].join(' | '))
    this.running++
    try {
      await new Promise(setImmediate)
      await this.answer(name, signal)
      this.done.push(...ops.map(wordsOf), ...(ops.length === 0 ? [name] : []))
    } finally {
      this.running--
    }
  }
}

const at = (kernel: FakeKernel, words: string): number => {
  const index = kernel.done.indexOf(words)
  if (index < 0) throw new Error(`${words} was not done: ${kernel.done.join('\n')}`)
  return index
}

const inOrder = (kernel: FakeKernel, ...words: string[]) => {
  const places = words.map((each) => at(kernel, each))
  expect(places, words.join(' → ')).toEqual(places.toSorted((a, b) => a - b))
}

test('everything of a plan is done once, and nothing else', async () => {
  const plan = planOf(
    'nodes: {h1: {}, r1: {kind: router}, s1: {kind: switch}, h2: {}, h3: {}}\nlinks: [[h1, r1], [r1, s1], [h2, s1], [h3, s1]]',
  )
  const kernel = new FakeKernel()
  await execute(plan, kernel)
  const expected = plan.nodes.flatMap(({ devices, interfaces, whole, running }) => [
    ...devices,
    ...interfaces.flatMap(({ config }) => config),
    ...whole,
    ...running,
  ])
  const carriedOut = kernel.done.filter((words) => !words.startsWith('linksRun'))
  expect(carriedOut.toSorted()).toEqual(expected.map(wordsOf).toSorted())
})

// h1 ── h2
test('an end is configured once the pair is made, by whichever node makes it', async () => {
  const kernel = new FakeKernel()
  await execute(planOf('nodes: {h1: {}, h2: {}}\nlinks: [[h1, h2]]'), kernel)
  inOrder(kernel, 'veth.add h1:eth0', 'link.up h1:eth0', 'address.add h1:eth0')
  inOrder(kernel, 'veth.add h1:eth0', 'link.up h2:eth0', 'address.add h2:eth0')
})

test('what one node needs goes in one batch: its devices, and what configures them', async () => {
  const kernel = new FakeKernel()
  await execute(planOf('families: [4]\nnodes: {h1: {}, r: {kind: router}, h2: {}}\nlinks: [[h1, r], [r, h2]]'), kernel)
  expect(kernel.calls.filter((call) => call.startsWith('send h1'))).toEqual([
    'send h1 | link.up h1:lo | veth.add h1:eth0 | link.up h1:eth0 | address.add h1:eth0 | route.add h1',
  ])
})

test('links are asked whether they run only when both of their ends are up', async () => {
  const kernel = new FakeKernel()
  await execute(planOf('nodes: {h1: {}, h2: {}, h3: {}}\nlinks: [[h1, h2], [h2, h3]]'), kernel)
  for (const [node, ends] of [
    ['h1', ['h1:eth0', 'h2:eth0']],
    ['h2', ['h1:eth0', 'h2:eth0', 'h2:eth1', 'h3:eth0']],
    ['h3', ['h2:eth1', 'h3:eth0']],
  ] as const)
    for (const end of ends) inOrder(kernel, `link.up ${end}`, `linksRun ${node}`)
})

test('a node without links is done, and so is a lab without nodes', async () => {
  const kernel = new FakeKernel()
  const counts: number[] = []
  await execute(planOf('nodes: {a: {}, b: {}}'), kernel, { onNodeDone: (count) => counts.push(count) })
  expect(kernel.done.toSorted()).toEqual(['link.up a:lo', 'link.up b:lo', 'linksRun a', 'linksRun b'])
  expect(counts).toEqual([1, 2])
  await execute({ nodes: [], start: [], wire: null, commands: [] }, new FakeKernel())
})

test('a device on a device is made when all others are there, with what stands on it behind it', async () => {
  const kernel = new FakeKernel()
  const plan = planOf(`nodes:
  a: {interfaces: {v20: {kind: vlan, parent: v10, id: 20}, v10: {kind: vlan, parent: eth0, id: 10}}}
  b: {}
links: [[b, a]]`)
  await execute(plan, kernel)
  inOrder(
    kernel,
    'veth.add b:eth0',
    'link.up a:eth0',
    'link.add a:v10',
    'link.add a:v20',
    'link.up a:v10',
    'linksRun a',
  )
})

test('ports join their bridge when all of them are up, also those that other nodes make', async () => {
  const kernel = new FakeKernel()
  await execute(planOf('nodes: {h1: {}, s: {kind: switch}, h2: {}}\nlinks: [[h1, s], [s, h2]]'), kernel)
  for (const port of ['eth0', 'eth1'])
    for (const other of ['eth0', 'eth1']) inOrder(kernel, `link.up s:${other}`, `link.enslave s:${port}`)
})

test('next-hop objects and routes by them come when the links run', async () => {
  const kernel = new FakeKernel()
  const plan = planOf(`nodes:
  a: {nexthops: {1: {via: 10.0.0.1}}, routes: [{to: 192.0.2.0/24, nhid: 1}]}
  b: {}
links: [[a, b]]`)
  await execute(plan, kernel)
  inOrder(kernel, 'linksRun a', 'nexthop.add a', 'route.add a')
})

test('a tun is made before it is given its MTU, and WireGuard is told its peers before it is up', async () => {
  const kernel = new FakeKernel()
  const key = 'yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk='
  await execute(planOf(`nodes: {a: {interfaces: {t0: {kind: tun}, w0: {kind: wireguard, key: "${key}"}}}}`), kernel)
  const [tun, sent] = ['makeTun tun.add a:t0', 'tun.add a:t0']
  expect(kernel.calls.indexOf(tun)).toBeLessThan(kernel.calls.findIndex((call) => call.includes(`| ${sent}`)))
  inOrder(kernel, 'link.add a:w0', 'wireguard.set a:w0', 'link.up a:w0')
})

test('what has nothing at its other end is not waited for', async () => {
  const kernel = new FakeKernel()
  await execute(planOf('nodes: {a: {interfaces: {br: {kind: bridge}, d: {kind: dummy}}}}'), kernel)
  expect(kernel.calls).toContain('linksRun a br')
})

test('both ends of a pair may be in one node', async () => {
  const end = (name: string, index: number) => ({ node: 'a', interface: name, index, mac: null, mtu: 1500 })
  const up = (name: string, index: number) => ({ op: 'link.up', node: 'a', interface: name, index }) as const
  const node: NodePlan = {
    ...{ node: 'a', add: null, remove: [], whole: [], running: [] },
    devices: [{ op: 'veth.add', ...end('x', 20), queues: 1, peer: end('y', 21) }],
    interfaces: [
      { interface: 'y', config: [up('y', 21)] },
      { interface: 'x', config: [up('x', 20)] },
    ],
  }
  const kernel = new FakeKernel()
  await execute({ nodes: [node], start: [], wire: null, commands: [] }, kernel)
  expect(kernel.done).toEqual(['veth.add a:x', 'link.up a:y', 'link.up a:x', 'linksRun a only y,x'])
})

test('what is removed from a running node goes first, and what is added is no special case', async () => {
  const plan = planOf('nodes: {h1: {}, h2: {}}\nlinks: [[h1, h2]]')
  const [h1, h2] = plan.nodes as [NodePlan, NodePlan]
  const gone = { op: 'address.add', node: 'h1', interface: 'lo', index: 1, family: 4, address: '192.0.2.9/32' } as const
  const kernel = new FakeKernel()
  await execute({ ...plan, nodes: [{ ...h1, add: null, remove: [{ ...gone, noDad: false }] }, h2] }, kernel)
  inOrder(kernel, 'address.add h1:lo', 'link.up h1:lo', 'veth.add h1:eth0')
})

test('WireGuard starts when every node is done', async () => {
  const peer = (port: number, peers: string) =>
    `{interfaces: {w0: {kind: wireguard, port: ${port}, addresses: [192.0.2.${port}/24], peers: {${peers}}}}}`
  const kernel = new FakeKernel()
  await execute(planOf(`nodes: {a: ${peer(1, 'b: {}')}, b: ${peer(2, 'a: {}')}}\nlinks: [[a, b]]`), kernel)
  inOrder(kernel, 'linksRun a', 'wireguard.start a:w0')
  inOrder(kernel, 'linksRun b', 'wireguard.start a:w0')
})

/** Refuses what `isRefused` names; everything else takes its time. */
const refusing = (isRefused: (call: string) => boolean, reason: Error) =>
  new FakeKernel((call) => {
    if (isRefused(call)) throw reason
  })

test.each(['send h2', 'linksRun h1'])('a refusal of %s ends the rest, and is what is thrown', async (refused) => {
  const reason = new Error('the kernel refused')
  const kernel = refusing((call) => call === refused, reason)
  const plan = planOf('nodes: {h1: {}, h2: {}, h3: {}}\nlinks: [[h1, h2], [h2, h3]]')
  await expect(execute(plan, kernel)).rejects.toBe(reason)
  expect(kernel.running, 'calls under way').toBe(0)
  const { length } = kernel.calls
  await setTimeout(20)
  expect(kernel.calls).toHaveLength(length)
})

test('the first of several refusals is thrown', async () => {
  const kernel = new FakeKernel(async (call) => {
    if (call === 'send h3') await setTimeout(10)
    if (call.startsWith('send')) throw new Error(call)
  })
  await expect(execute(planOf('nodes: {h3: {}, h1: {}}'), kernel)).rejects.toThrow('send h1')
  expect(kernel.running).toBe(0)
})

test('aborted while links are waited for, it ends with the reason and leaves nothing under way', async () => {
  const reason = new Error('interrupted')
  const controller = new AbortController()
  const kernel = new FakeKernel(async (call, signal) => {
    if (call !== 'linksRun h1') return
    controller.abort(reason)
    await new Promise((_, reject) =>
      signal?.aborted ? reject(signal.reason) : signal?.addEventListener('abort', reject),
    )
  })
  const plan = planOf('nodes: {h1: {}, h2: {}}\nlinks: [[h1, h2]]')
  await expect(execute(plan, kernel, { signal: controller.signal })).rejects.toBe(reason)
  expect(kernel.running).toBe(0)
})

test('aborted before it begins, it asks the kernel nothing', async () => {
  const kernel = new FakeKernel()
  const signal = AbortSignal.abort(new Error('interrupted'))
  await expect(execute(planOf('nodes: {h1: {}}'), kernel, { signal })).rejects.toThrow('interrupted')
  expect(kernel.calls).toEqual([])
})

test('aborted while WireGuard starts, it ends with the reason, not with the error of a timer', async () => {
  const reason = new Error('interrupted')
  const controller = new AbortController()
  const kernel = new FakeKernel(async (call, signal) => {
    if (call === 'startWireguard') await setTimeout(10_000, undefined, { signal })
    if (call === 'linksRun a') globalThis.setTimeout(() => controller.abort(reason), 10)
  })
  const peer = (port: number, other: string) =>
    `{interfaces: {w0: {kind: wireguard, port: ${port}, addresses: [192.0.2.${port}/24], peers: {${other}: {}}}}}`
  const plan = planOf(`nodes: {a: ${peer(1, 'b')}, b: ${peer(2, 'a')}}\nlinks: [[a, b]]`)
  await expect(execute(plan, kernel, { signal: controller.signal })).rejects.toBe(reason)
})

test('a node in the network of another one does not wait for the links of that one', async () => {
  const shared = 'namespaces: {user: shared, net: shared}'
  const kernel = new FakeKernel()
  await execute(planOf(`nodes: {a: {${shared}, interfaces: {br: {kind: bridge}}}, b: {${shared}}}`), kernel)
  expect(kernel.calls.filter((call) => call.startsWith('linksRun'))).toEqual(['linksRun a br'])
})

// a ── @wire ── b
test('the wire’s ends come up like those of a node, and both nodes wait for them', async () => {
  const topology = resolve('nodes: {a: {}, b: {}}\nlinks: [[a, b]]')
  const directions = [{ impairment: { delayNs: 1 } }, { impairment: null }] as [Direction, Direction]
  Object.assign(topology.links[0] ?? {}, { emulation: { backend: 'wire', directions } })
  const kernel = new FakeKernel()
  await execute(buildPlan(topology), kernel)
  inOrder(kernel, 'veth.add a:eth0', 'link.up @wire:w0a', 'linksRun a')
  inOrder(kernel, 'veth.add b:eth0', 'link.up @wire:w0b', 'linksRun b')
  inOrder(kernel, 'link.up a:eth0', 'linksRun @wire only w0a,w0b')
})

/** A plan for nodes that run already. */
const running = (...nodes: (Partial<NodePlan> & { node: string })[]): Plan => ({
  nodes: nodes.map((node) => ({ add: null, remove: [], devices: [], interfaces: [], whole: [], running: [], ...node })),
  ...{ start: [], wire: null, commands: [] },
})

const veth = (node: string, peer: string): DeviceOp => ({
  ...{ op: 'veth.add', node, interface: 'eth0', index: 16, mac: null, mtu: 1500, queues: 1 },
  peer: { node: peer, interface: 'eth0', index: 17, mac: null, mtu: 1500 },
})

test('what goes has gone in all nodes before anything is made in one', async () => {
  const kernel = new FakeKernel(async (call) => {
    if (call === 'send h3') await setTimeout(10)
  })
  const gone = { op: 'remove', node: 'h3', what: veth('h3', 'h1') } as const
  await execute(
    running({ node: 'h1', devices: [veth('h1', 'h2')] }, { node: 'h2' }, { node: 'h3', remove: [gone] }),
    kernel,
  )
  inOrder(kernel, 'remove h3', 'veth.add h1:eth0')
})

test('a name that an interface gets is free in all nodes before, and what hangs on a pair has gone before the pair', async () => {
  const kernel = new FakeKernel(async (call) => {
    if (call === 'send h2' || call === 'send h3') await setTimeout(10)
  })
  const pair = { op: 'remove', node: 'h3', what: veth('h3', 'h1') } as const
  const address = { op: 'address.add', family: 4, noDad: false, node: 'h2', interface: 'eth0', index: 17 } as const
  const [from, to] = [{ ...veth('h1', 'h2'), interface: 'eth1' } as DeviceOp, veth('h1', 'h2')]
  await execute(
    running(
      { node: 'h1', remove: [{ op: 'replace', node: 'h1', from, to }] },
      { node: 'h3', remove: [pair] },
      { node: 'h2', remove: [{ op: 'remove', node: 'h2', what: { ...address, address: '10.0.0.1/24' } }] },
    ),
    kernel,
  )
  inOrder(kernel, 'remove h2', 'remove h3', 'replace h1')
})

test('of a node that runs already, only the interfaces that come up are waited for', async () => {
  const kernel = new FakeKernel()
  const up = { op: 'link.up', node: 'h1', interface: 'eth0', index: 16 } as const
  await execute(running({ node: 'h1', interfaces: [{ interface: 'eth0', config: [up] }] }, { node: 'h2' }), kernel)
  expect(kernel.calls.filter((call) => call.startsWith('linksRun'))).toEqual(['linksRun h1 only eth0'])
})

test('a device, a sysctl and WireGuard are replaced apart from requests of route netlink', async () => {
  const kernel = new FakeKernel()
  const route = (gateway: string): RouteAdd => ({
    ...{ op: 'route.add', node: 'h1', family: 4, destination: '10.9.0.0/16', source: null },
    nextHops: [{ gateway, interface: 'eth0', index: 16 }],
  })
  const [from, to] = [veth('h1', 'h2'), { ...veth('h1', 'h2'), mtu: 1400 } as DeviceOp]
  const whole: ConfigOp[] = [
    { op: 'replace', node: 'h1', from: route('10.0.0.1'), to: route('10.0.0.2') },
    { op: 'replace', node: 'h1', from, to },
  ]
  await execute(running({ node: 'h1', whole }), kernel)
  expect(kernel.calls).toEqual(['send h1 | replace h1', 'change | replace h1'])
})
