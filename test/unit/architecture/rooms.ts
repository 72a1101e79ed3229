// Which part of src may import which: the one table of directions. A room is a folder or a file; a file belongs to the room
// with the longest name that its path begins with. It may import its own room and what its room's line names, types
// included. A name that ends in `/*` stands for the room and all rooms below it.

/** What every room may import. */
export const COMMON = ['errors.ts', 'namespace-kinds.ts', 'steps.ts']

const TOPOLOGY_BASE = ['model/*', 'topology/values', 'topology/schema/*', 'topology/source', 'topology/wiring']

export const ROOMS: Record<string, readonly string[]> = {
  'errors.ts': [],
  'namespace-kinds.ts': [],
  'steps.ts': [],
  'features.ts': ['model/*'],

  // Pure: no effects, tested without privileges.
  model: ['model/*'],
  'model/interfaces': ['model/family.ts'],
  'model/source': [],
  'model/reach': ['model/family.ts'],
  'model/family.ts': [],
  'topology/values': ['model/*'],
  'topology/schema': ['topology/values', 'topology/schema/interfaces'],
  'topology/schema/interfaces': ['topology/values'],
  'topology/source': ['topology/values', 'topology/schema/*'],
  'topology/wiring': ['model/*', 'topology/values', 'topology/schema/*', 'topology/source'],
  'topology/addresses': TOPOLOGY_BASE,
  'topology/node': [...TOPOLOGY_BASE, 'topology/addresses'],
  'topology/interfaces': [...TOPOLOGY_BASE, 'topology/addresses'],
  'topology/routes': [...TOPOLOGY_BASE, 'topology/addresses'],
  'topology/emulation': TOPOLOGY_BASE,
  'topology/scenario': TOPOLOGY_BASE,
  'topology/checks': TOPOLOGY_BASE,
  'topology/unknowns': [...TOPOLOGY_BASE, 'topology/addresses'],
  'topology/generate': ['model/*', 'topology/values'],
  'topology/edit': [...TOPOLOGY_BASE, 'topology/node'],
  topology: ['model/*', 'topology/*'],
  plan: ['features.ts', 'model/*', 'topology/*'],
  verify: ['model/*'],
  'plan/say': ['model/*', 'plan', 'topology/*'],
  machine: ['features.ts', 'model/*'],
  present: ['model/*', 'machine', 'topology/*'],
  'present/checks': ['model/*', 'present'],
  'present/formats': ['present'],
  'present/reach': ['model/*', 'present'],
  'present/events': ['model/*', 'present'],

  // The kernel: system calls, netlink and /proc. It knows no topology and no lab.
  'kernel/netlink/rtnl': ['features.ts'],
  'kernel/netlink/genl': ['kernel/netlink/rtnl'],
  'kernel/netlink': ['kernel', 'kernel/netlink/*', 'features.ts'],
  'kernel/proc': ['kernel'],
  'kernel/readiness': ['kernel'],
  kernel: ['kernel/netlink/rtnl'],

  // Labs: the rooms in the order in which they may import those before them.
  'lab/who': ['model/*', 'machine', 'plan', 'kernel/*', 'topology/*'],
  'lab/source': ['model/*', 'topology/*', 'lab/who'],
  'lab/turn': ['kernel', 'lab/who'],
  'lab/record': ['model/*', 'kernel/*', 'lab/who', 'lab/turn'],
  'lab/run': ['model/*', 'plan', 'kernel/*', 'lab/who', 'lab/record', 'lab/turn', 'lab/wire'],
  'lab/wire': ['model/*', 'kernel', 'lab/who'],
  'lab/execute': ['plan'],
  'lab/requests': ['model/*', 'plan', 'kernel/netlink/*', 'lab/execute'],
  'lab/links/state': ['kernel/*', 'topology/*', 'lab/record', 'lab/turn', 'lab/links'],
  'lab/links': [
    ...['model/*', 'plan', 'topology/*', 'kernel/*', 'lab/who', 'lab/record', 'lab/run', 'lab/turn', 'lab/wire'],
    'lab/requests',
  ],
  'lab/read': ['model/*', 'plan', 'kernel/*', 'lab/who', 'lab/record', 'lab/run', 'lab/requests'],
  'lab/observe': [
    ...['model/*', 'machine', 'kernel/*', 'topology/*'],
    ...['lab/who', 'lab/record', 'lab/run', 'lab/wire', 'lab/read'],
  ],
  'lab/why/firewall': ['model/*'],
  'lab/why': ['lab/why/firewall', 'model/*', 'lab/who', 'lab/record', 'lab/record/applied', 'lab/run', 'lab/observe'],
  'lab/watch/entries': ['model/*', 'kernel/netlink/*'],
  'lab/watch': [
    ...['model/*', 'topology/emulation', 'kernel/*', 'lab/who', 'lab/record', 'lab/run', 'lab/watch/entries'],
  ],
  'lab/verify': ['model/*', 'kernel', 'verify', 'lab/who', 'lab/record', 'lab/run', 'lab/links', 'lab/links/state'],
  'lab/devices': ['model/*', 'plan', 'kernel/*', 'lab/who', 'lab/record'],
  'lab/end': ['lab/who', 'lab/record', 'lab/devices', 'kernel/*'],
  'lab/build': [
    ...[
      'model/*',
      'machine',
      'plan',
      'topology/*',
      'kernel/*',
      'lab/who',
      'lab/record',
      'lab/run',
      'lab/turn',
      'lab/wire',
      'lab/observe',
      'lab/devices',
    ],
    ...['lab/end', 'lab/execute', 'lab/requests'],
  ],
  'lab/session': ['plan', 'kernel', 'lab/who', 'lab/record', 'lab/build'],
  'lab/change': [
    ...['model/*', 'plan', 'kernel/*', 'lab/who', 'lab/record', 'lab/run', 'lab/wire', 'lab/links/*', 'lab/read'],
    ...['lab/turn', 'lab/build', 'lab/session', 'lab/execute', 'lab/requests'],
  ],
  'lab/edit': ['model/*', 'topology/*', 'lab/record', 'lab/source', 'lab/change'],
  'lab/scenario': ['model/*', 'topology/*', 'lab/who', 'lab/record', 'lab/run', 'lab/links/*', 'lab/observe'],
  'lab/check': [
    ...['model/*', 'topology/checks', 'topology/values', 'lab/who', 'lab/record', 'lab/run', 'lab/observe'],
    ...['lab/record/applied', 'lab/why'],
  ],
  lab: ['model/*', 'topology/*', 'kernel/*', 'lab/*'],

  // What users touch.
  'cli/input': ['model/*', 'topology/*', 'lab/who', 'lab/source'],
  cli: ['cli/input', 'model/*', 'plan/*', 'topology/*', 'present/*', 'lab/*'],
  'cli/testing': ['cli', 'cli/input', 'model/*', 'topology/*', 'present/*', 'lab/*'],
  'cli/live': ['cli', 'cli/input', 'model/*', 'present/*', 'lab/*'],
  commands: [
    'cli',
    'cli/input',
    'cli/live',
    'cli/testing',
    'model/*',
    'plan/*',
    'topology/*',
    'present/*',
    'machine',
    'lab/*',
  ],
  'commands/node': ['commands', 'cli', 'cli/*', 'model/*', 'topology/*', 'present/*', 'lab/*'],
  'commands/interface': ['commands', 'cli', 'cli/*', 'model/*', 'topology/*', 'present/*', 'lab/*'],
  'commands/link': ['commands', 'cli', 'cli/*', 'model/*', 'topology/*', 'present/*', 'lab/*'],
  'cli/main.ts': ['cli', 'commands/*'],
  'cli/network-commands.ts': ['cli', 'cli/main.ts'],
  'user-namespace.ts': ['lab/who'],
  'index.ts': ['model/*', 'machine', 'plan/*', 'topology/*', 'kernel', 'lab/*'],
}

/** The rooms and files that may import a package; `node:*` stands for the modules of Node.js. */
export const PACKAGES: Record<string, readonly string[]> = {
  'node:*': [
    'errors.ts',
    'kernel',
    'kernel/netlink',
    'kernel/proc',
    'kernel/readiness',
    'lab/*',
    'cli',
    'cli/input',
    'cli/live',
    'cli/testing',
    'cli/main.ts',
    'commands',
  ],
  koffi: ['kernel/libc.ts', 'kernel/readiness/calls.ts', 'kernel/netlink/multicast-calls.ts'],
  netlink: ['kernel/netlink/raw-socket.ts'],
  zod: ['topology/values', 'topology/schema/*', 'topology/source'],
  yaml: ['topology/source', 'topology/generate', 'present/formats'],
  'ipaddr.js': ['topology/values', 'topology/node'],
  'cli-table3': ['present'],
  'string-width': ['present'],
  '@oclif/core': ['cli'],
}
