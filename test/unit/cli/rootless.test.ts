// Where an ordinary user's command runs: the command line is read by the command's own arguments and flags.
import { describe, expect, test } from 'vitest'
import { COMMANDS } from '../../../src/cli/main.js'
import { networkCommands } from '../../../src/cli/network-commands.js'
import type { NetworkCommand } from '../../../src/cli/network-use.js'
import { type UserNamespace, userNamespaceFor } from '../../../src/cli/rootless.js'
import type { LabRecord } from '../../../src/lab/record/lab-record.js'
import type { LabState } from '../../../src/lab/record/state.js'

// As bin/run.js reads them.
const written = new Map<string, NetworkCommand>(JSON.parse(JSON.stringify(await networkCommands())))

const keeperOf = (pid: number) => ({ pid, startTime: 1 })

function lab(name: string, pid: number, rootless = true): LabRecord {
  const state = { rootless, keeper: keeperOf(pid) } as LabState
  return { name, directory: '', alive: true, owner: 0, state, damage: null }
}

async function where(line: string, ...labs: LabRecord[]): Promise<UserNamespace> {
  const [name = '', ...words] = line
    .replace(/^link /, 'link_')
    .split(' ')
    .map((word) => word.replace('link_', 'link '))
  return await userNamespaceFor(written.get(name) as NetworkCommand, words, async () => labs)
}

test('up, inspect, export and graph build or read networks; every other command declares that it does not', async () => {
  expect([...written.keys()].toSorted()).toEqual([
    'apply',
    'check',
    'diff',
    'export',
    'graph',
    'inspect',
    'interface down',
    'interface up',
    'link add',
    'link down',
    'link flap',
    'link ls',
    'link rm',
    'link set',
    'link up',
    'node add',
    'node restart',
    'node rm',
    'run',
    'test',
    'up',
    'watch',
  ])
  for (const load of Object.values(COMMANDS))
    expect(['none', 'new', 'build', 'lab', 'path', 'file', 'topology']).toContain((await load()).default.network)
})

test.each([...written])('what %s names is an argument or a flag of its own', (_, command) => {
  if (command.network === 'new') return
  if (command.network === 'build') expect(command.flags).toHaveProperty(command.dryRunFlag)
  else expect(command.args).toHaveProperty(argumentOf(command))
})

function argumentOf(command: Exclude<NetworkCommand, { network: 'build' | 'new' }>): string {
  switch (command.network) {
    case 'lab':
      return command.labArgument
    case 'path':
      return command.pathArgument
    case 'file':
    case 'topology':
      return command.fileArgument
  }
}

describe('up', () => {
  test.each([
    'up lab.yaml',
    'up -',
    'up --name dry-run lab.yaml',
    'up -- --dry-run',
    'up --set a=1 lab.yaml --set b=2',
  ])('%s runs in a namespace of its own', async (line) => expect(await where(line, lab('lab.yaml', 1))).toBe('new'))

  test.each(['up --dry-run lab.yaml', 'up lab.yaml --name a --dry-run', 'up --help', 'up lab.yaml -h'])(
    '%s needs none',
    async (line) => expect(await where(line)).toBe('present'),
  )

  test.each(['up a b', 'up lab.yaml --nosuch', 'up lab.yaml --name', 'up --name --dry-run lab.yaml'])(
    '%s is wrong, and the command says so',
    async (line) => expect(await where(line)).toBe('present'),
  )
})

test('up of a lab that runs reads that lab', async () => {
  const [two, other] = [lab('two-hosts', 1), lab('other', 2)]
  expect(await where('up topologies/two-hosts.yaml', two, other)).toEqual(keeperOf(1))
  expect(await where('up topologies/two-hosts.yaml --name other', two, other)).toEqual(keeperOf(2))
  expect(await where('up topologies/two-hosts.yaml', other)).toBe('new')
})

describe('apply and diff', () => {
  const [two, other] = [lab('two-hosts', 1), lab('other', 2)]
  const file = 'topologies/two-hosts.yaml'

  test('run in the namespace of the lab that is named, or of the one that the file names', async () => {
    expect(await where(`apply ${file}`, two, other)).toEqual(keeperOf(1))
    expect(await where(`apply ${file} other`, two, other)).toEqual(keeperOf(2))
    expect(await where(`apply ${file} --name other --json`, two, other)).toEqual(keeperOf(2))
    expect(await where(`diff ${file}`, two, other)).toEqual(keeperOf(1))
    expect(await where(`diff other ${file}`, two, other)).toEqual(keeperOf(2))
    expect(await where('apply - two-hosts', two, other)).toEqual(keeperOf(1))
  })

  test('are told by the command what is wrong with the file', async () => {
    expect(await where('apply no-such-file.yaml', two, other)).toBe('present')
    expect(await where('diff', two)).toBe('present')
  })
})

describe('a command that reads a lab', () => {
  const [first, second, roots] = [lab('first', 1), lab('second', 2), lab('roots', 3, false)]

  test('runs in the namespace of the lab that is named, or of the only one', async () => {
    expect(await where('inspect second', first, second)).toEqual(keeperOf(2))
    expect(await where('inspect --json first', first, second)).toEqual(keeperOf(1))
    expect(await where('inspect', second, roots)).toEqual(keeperOf(2))
    expect(await where('export --table links', first)).toEqual(keeperOf(1))
    expect(await where(`inspect ${process.geteuid?.()}:second`, first, second)).toEqual(keeperOf(2))
  })

  test('stays where no lab is meant, or one that root made', async () => {
    expect(await where('inspect', first, second)).toBe('present')
    expect(await where('inspect')).toBe('present')
    expect(await where('inspect third', first)).toBe('present')
    expect(await where('inspect roots', first, roots)).toBe('present')
    expect(await where('inspect 4294967294:first', first)).toBe('present')
    expect(await where('export topologies/two-hosts.yaml', first)).toBe('present')
  })

  test('takes no value of a flag for the name of a lab', async () => {
    const csv = lab('csv', 4)
    expect(await where('export first --format csv', csv, first)).toEqual(keeperOf(1))
    expect(await where('export --format csv first', csv, first)).toEqual(keeperOf(1))
    expect(await where('export --name csv -o first second', csv, first, second)).toEqual(keeperOf(2))
    expect(await where('export --format csv', csv, first)).toBe('present')
  })

  // In the present namespace, the command could only say that it is the wrong one, once the labs can be read again.
  test('fails where the labs cannot be read', async () => {
    const unreadable = async () => {
      throw new Error('the state directory belongs to somebody else')
    }
    const inspect = written.get('inspect') as NetworkCommand
    await expect(userNamespaceFor(inspect, [], unreadable)).rejects.toThrow('belongs to somebody else')
  })
})

describe('run', () => {
  const [wan, other] = [lab('wan-sites', 1), lab('other', 2)]
  const file = 'topologies/scenarios/wan-sites.yaml'

  test('runs in the namespace of the lab of --lab, or of the one that the file names', async () => {
    expect(await where(`run ${file}`, wan, other)).toEqual(keeperOf(1))
    expect(await where(`run ${file} --lab other`, wan, other)).toEqual(keeperOf(2))
    expect(await where(`run --lab other ${file} --json`, wan, other)).toEqual(keeperOf(2))
    expect(await where(`run ${file}`, other)).toBe('present')
  })

  test('is told by the command what is wrong with the file', async () => {
    expect(await where('run no-such-file.yaml', wan, other)).toBe('present')
    expect(await where('run topologies/two-hosts.yaml', wan, other)).toBe('present')
    expect(await where(`run ${file} --set nothing=1`, wan, other)).toBe('present')
  })
})
