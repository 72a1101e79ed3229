// Which part of src may import which: the one table of directions. A part is a folder, or a single file; a file belongs to
// the longest name that its path begins with. A part may import itself and what its line names, types included, and nothing
// else. `node` stands for the modules of Node.js; packages are called by their names.

/** What everything may use. */
export const COMMON = ['errors.ts', 'namespace-kinds.ts']

/** @type {Record<string, string[]>} */
export const ROOMS = {
  'errors.ts': ['node'],
  'namespace-kinds.ts': [],
  'features.ts': ['node'],

  // Pure: no effects, tested without privileges.
  model: [],
  'topology/values': ['model', 'zod', 'ipaddr.js'],
  'topology/schema': ['model', 'topology/values', 'zod'],
  'topology/source': ['model', 'topology/values', 'topology/schema', 'yaml', 'zod'],
  'topology/wiring': ['model', 'topology/values', 'topology/schema', 'topology/source'],
  'topology/addresses': ['model', 'topology/values', 'topology/schema', 'topology/source', 'topology/wiring'],
  'topology/node': [
    ...['model', 'topology/values', 'topology/schema', 'topology/source', 'topology/wiring', 'topology/addresses'],
    'ipaddr.js',
  ],
  'topology/interfaces': [
    ...['model', 'topology/values', 'topology/schema', 'topology/source', 'topology/wiring', 'topology/addresses'],
  ],
  'topology/routes': [
    ...['model', 'topology/values', 'topology/schema', 'topology/source', 'topology/wiring', 'topology/addresses'],
  ],
  'topology/generate': ['model', 'topology/values', 'yaml'],
  'topology/resolve.ts': ['model', 'topology'],
  plan: ['model', 'topology'],
  'plan/say': ['model', 'topology', 'plan'],
  machine: ['features.ts'],
  present: ['model', 'topology', 'machine', 'cli-table3', 'string-width', 'yaml'],
  'kernel/netlink/rtnl': ['features.ts'],
  'kernel/netlink/genl': ['kernel/netlink/rtnl'],

  kernel: ['node'],
}
