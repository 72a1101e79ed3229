// The commands whose system calls fail, what there is before each of them, and what must be true afterwards.
import { untilAlone } from '../jail/snapshot.mjs'

/** Exit status of a command that says that its clean-up is incomplete. */
export const INCOMPLETE = 6

/** Of every part that a lab is made of, and small. */
export const TOPOLOGY = {
  name: 'attacked',
  nodes: {
    h1: {
      files: { '/etc/chaos.conf': 'a = 1\n' },
      mounts: [
        { target: '/srv/chaos', size: '1m' },
        { source: '/usr/share', target: '/mnt/share', readonly: true },
      ],
      exec: [['true'], 'sleep 1000 &'],
      time: { boottime: '+1d' },
      namespaces: { ipc: 'shared' },
    },
    h2: {
      dns: ['192.0.2.53'],
      namespaces: { ipc: 'shared' },
      interfaces: { br7: { kind: 'bridge', members: ['eth0'] } },
    },
    r1: { kind: 'router' },
    lan: { kind: 'switch' },
  },
  links: [
    ['h1', 'lan'],
    ['r1', 'lan'],
    ['h2', 'r1'],
  ],
}

/** With a link that runs through the lab's wire. */
export const WIRE_TOPOLOGY = {
  name: 'attacked',
  nodes: { h1: {}, h2: {} },
  links: [{ endpoints: ['h1', 'h2'], emulation: 'wire', delay: '1ms', loss: '1%' }],
}

/** What `apply` makes of TOPOLOGY: a node and links more and less, and changes of what stays. */
export const CHANGED_TOPOLOGY = {
  ...TOPOLOGY,
  nodes: {
    h1: { ...TOPOLOGY.nodes.h1, files: { '/etc/chaos.conf': 'a = 2\n' }, hostname: 'www' },
    r1: { kind: 'router', sysctls: { 'net.ipv4.ip_default_ttl': 32 } },
    h3: { exec: [['true']] },
    lan: { kind: 'switch' },
  },
  links: [['h1', 'lan'], { endpoints: ['r1', 'lan'], mtu: 1400 }, ['h3', 'r1']],
}

/**
 * @typedef {object} Subject
 * @property {string} [input] standard input; the topology by default
 * @property {object} [topology] of its lab; TOPOLOGY by default
 * @property {string[]} words of the command line
 * @property {number} weight how often it is attacked, compared with the others
 * @property {boolean} [isLast] whether the lab is gone afterwards
 * @property {(lab: import('../jail/lab.mjs').AttackedLab) => Promise<void>} before
 * @property {(lab: import('../jail/lab.mjs').AttackedLab, result: object) => Promise<string[]>} done what is wrong although the
 *   command says that it is done
 * @property {(lab: import('../jail/lab.mjs').AttackedLab, result: object) => Promise<string[]>} failed what is wrong although it
 *   says that it could not
 */

const { name } = TOPOLOGY
const up = (lab) => lab.ensureUp()

/**
 * Reading changes nothing, whatever comes of it.
 *
 * @param {(stdout: string) => boolean} isRight whether that is the output
 */
const reading = (words, weight, isRight) => ({
  words,
  weight,
  before: up,
  done: async (lab, { stdout }) => [...(await lab.changes()), ...wrongOutput(stdout, isRight)],
  failed: (lab) => lab.changes(),
})

function wrongOutput(stdout, isRight) {
  try {
    if (isRight(stdout)) return []
  } catch {
    // No JSON.
  }
  return [`the output is ${JSON.stringify(stdout)}`]
}

/** @type {Record<string, Subject>} */
const PLAIN = {
  up: {
    words: ['up', '-'],
    weight: 10,
    before: async (lab) => void (await lab.ensureDown()),
    done: async (lab) => {
      const faults = await lab.faults()
      const { status, stderr } = await lab.nslab(['down', name])
      return [
        ...faults,
        ...(status === 0 ? [] : [`down then ends with ${status}: ${stderr}`]),
        ...(await lab.leftOver()),
      ]
    },
    failed: (lab, result) => afterFailure(lab, result, ['gc']),
  },
  down: {
    words: ['down', name],
    weight: 3,
    isLast: true,
    before: up,
    done: (lab) => lab.leftOver(),
    failed: (lab) => afterFailure(lab, { status: INCOMPLETE }, ['down', '--all'], ['gc']),
  },
  'gc after the keeper was killed': {
    words: ['gc'],
    weight: 2,
    isLast: true,
    before: async (lab) => {
      await lab.ensureUp()
      await killKeeper(lab)
    },
    done: (lab) => lab.leftOver(),
    failed: (lab) => afterFailure(lab, { status: INCOMPLETE }, ['gc']),
  },
  ls: reading(['ls', '--json'], 2, (stdout) =>
    JSON.parse(stdout).labs.some((lab) => lab.name === name && lab.status === 'running' && lab.nodes === 4),
  ),
  exec: reading(['exec', `${name}/h1`, '--', 'echo', 'hello'], 3, (stdout) => stdout === 'hello\n'),
  ping: reading(
    ['ping', `${name}/h1`, `${name}/h2`, '-c', '1', '--json'],
    2,
    (stdout) => JSON.parse(stdout).received === 1,
  ),
  inspect: reading(['inspect', name, '--json'], 2, (stdout) => JSON.parse(stdout).nodes.length === 4),
  ps: reading(['ps', name, '--json'], 1, (stdout) => stdout.includes('sleep')),
  pause: {
    words: ['pause', name],
    weight: 2,
    before: up,
    done: (lab) => resumed(lab),
    failed: (lab) => resumed(lab),
  },
  resume: {
    words: ['resume', name],
    weight: 1,
    before: async (lab) => {
      await lab.ensureUp()
      await lab.nslab(['pause', name])
    },
    done: (lab) => lab.changes(),
    failed: (lab) => resumed(lab),
  },
}

const changed = JSON.stringify(CHANGED_TOPOLOGY)

/** @type {Subject} */
const APPLY = {
  words: ['apply', '-', name, '--yes'],
  input: changed,
  weight: 6,
  isLast: true,
  before: up,
  done: async (lab) => [...(await unlike(lab, changed, 'new')), ...(await takenDown(lab))],
  failed: async (lab, { status, stdout, stderr }) => {
    // Where only commands could not run, the change stays.
    const stays = status === INCOMPLETE || /is changed and stays so/.test(stdout + stderr)
    const rolledBack = stays ? [] : await unlike(lab, lab.text, 'old')
    const again = await lab.nslab(APPLY.words, { input: changed })
    return [
      ...rolledBack,
      ...(again.status === 0 ? [] : [`apply then ends with ${again.status}: ${again.stderr.trim()}`]),
      ...(await unlike(lab, changed, 'new')),
      ...(await takenDown(lab)),
    ]
  },
}

/** What `diff` says against a text, when it says anything. */
async function unlike(lab, text, which) {
  const { status, stdout, stderr } = await lab.nslab(['diff', name, '-'], { input: text })
  return status === 0 ? [] : [`it differs from the ${which} topology: ${`${stdout}${stderr}`.trim().slice(0, 300)}`]
}

async function takenDown(lab) {
  const { status, stderr } = await lab.nslab(['down', name])
  return [...(status === 0 ? [] : [`down then ends with ${status}: ${stderr}`]), ...(await lab.leftOver())]
}

/** Changes one end of the link, and brings it up again afterwards. */
const changing = (word, begin) => ({
  words: ['link', word, `${name}/h1:eth0`],
  weight: 2,
  before: async (lab) => {
    await lab.ensureUp()
    if (begin) await lab.nslab(['link', begin, `${name}/h1:eth0`])
  },
  done: (lab) => linkedAgain(lab),
  failed: (lab) => linkedAgain(lab),
})

const { up: upPlain, down: downPlain, pause, resume } = PLAIN
const WIRED = {
  'up with a wire': upPlain,
  'down with a wire': downPlain,
  'pause with a wire': pause,
  'resume with a wire': resume,
  'link down with a wire': changing('down', null),
  'link up with a wire': changing('up', 'down'),
}

/** @type {Record<string, Subject>} */
export const SUBJECTS = {
  ...PLAIN,
  apply: APPLY,
  ...Object.fromEntries(
    Object.entries(WIRED).map(([subject, each]) => [subject, { ...each, topology: WIRE_TOPOLOGY }]),
  ),
}

async function linkedAgain(lab) {
  const { status, stderr } = await lab.nslab(['link', 'up', `${name}/h1:eth0`])
  return [
    ...(status === 0 ? [] : [`link up then ends with ${status}: ${stderr}`]),
    ...(await lab.faults()),
    ...(await lab.changes()),
  ]
}

async function resumed(lab) {
  const { status, stderr } = await lab.nslab(['resume', name])
  return [...(status === 0 ? [] : [`resume then ends with ${status}: ${stderr}`]), ...(await lab.changes())]
}

/** All is rolled back; where the command says that something is left, these commands remove it. */
async function afterFailure(lab, { status }, ...remedies) {
  if (status !== INCOMPLETE) return await lab.leftOver()
  for (const words of remedies) {
    const result = await lab.nslab(words)
    if (result.status !== 0) return [`${words.join(' ')} then ends with ${result.status}: ${result.stderr.trim()}`]
  }
  return await lab.leftOver()
}

/** @param {import('../jail/lab.mjs').AttackedLab} lab */
async function killKeeper(lab) {
  const { stdout } = await lab.nslab(['ls', '--json'])
  process.kill(JSON.parse(stdout).labs[0].keeper.pid, 'SIGKILL')
  await untilAlone()
}
