// Files, mounts and commands that a topology puts into nodes: they are there as written, only in that node, and end with it; and
// if they cannot be made, the error says why.
import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, onTestFinished } from 'vitest'
import { type Cli, processesOf, ROOT, test, uniqueName } from '../../../support/lab.js'
import { TestUser } from '../../../support/user.js'

const ALICE = 61_009

interface Place {
  nslab: Cli
  /** Directory for topologies and the files that they name; the caller of nslab can read it. */
  directory: string
}

/** Runs commands as root, or as an unprivileged user with one id. */
function placeOf(who: string, root: Cli, directory: string): Place {
  if (who === 'root') return { nslab: root, directory }
  const alice = new TestUser(ALICE)
  onTestFinished(() => alice[Symbol.dispose]())
  const nslab: Cli = (args, options) => {
    const result = alice.nslab(args, options)
    return {
      ...result,
      stderr: result.stderr.replace(/^(?:nslab: warning|hint): .*nodes have one user only.*\n/gm, ''),
    }
  }
  return { nslab, directory: alice.directory }
}

function write(directory: string, files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    const path = join(directory, name)
    mkdirSync(join(path, '..'), { recursive: true })
    writeFileSync(path, text)
    chmodSync(path, 0o644)
  }
}

const sh = (nslab: Cli, node: string, script: string): string => {
  const { stdout, stderr } = nslab(['exec', node, '--', 'sh', '-c', script], { cwd: '/' })
  return `${stdout}${stderr}`.trim()
}

/** Paths in the machine's directories that tests write to. */
const hostNames = () => ['/etc', '/srv', '/var/lib', '/root'].map((path) => readdirSync(path).join())

describe.each(['root', 'an unprivileged user'])('of %s', (who) => {
  test('files cover those of the machine, or are new; they have a mode, an owner, and any bytes', ({
    nslab,
    stateDirectory,
  }) => {
    const { nslab: cli, directory } = placeOf(who, nslab, stateDirectory)
    const name = uniqueName('files')
    const before = [hostNames(), readFileSync('/etc/passwd', 'utf8')]
    write(`${directory}/lab`, {
      'conf/app.conf': 'key = 1\n',
      'conf/part.yaml': 'nodes: {a: {files: {/etc/app/from-include: {source: app.conf}}}}',
      'lab.yaml': `
include: conf/part.yaml
nodes:
  a:
    files:
      /etc/passwd: "root:x:0:0:::\\n"
      /etc/app/deep/er/app.conf: { source: conf/app.conf, mode: "0640" }
      /etc/zero: { source: zero }
      /run/own: "1"
      /tmp/own: ""
      /root/.profile: "x=1"
      /srv/tool: { content: "#!/bin/sh\\necho it ran", mode: "755" }
  b: {}
`,
    })
    writeFileSync(join(directory, 'lab/zero'), Buffer.from([0, 255, 0, 10, 0xc3]))
    expect(cli(['up', join(directory, 'lab/lab.yaml'), '--name', name])).toMatchObject({ status: 0, stderr: '' })
    const a = `${name}/a`
    expect(sh(cli, a, 'cat /etc/passwd')).toBe('root:x:0:0:::')
    expect(sh(cli, a, 'cat /etc/app/deep/er/app.conf /etc/app/from-include')).toBe('key = 1\nkey = 1')
    expect(sh(cli, a, 'stat -c "%a %u %g" /etc/app/deep/er/app.conf')).toBe('640 0 0')
    expect(sh(cli, a, 'od -An -tx1 /etc/zero')).toBe('00 ff 00 0a c3')
    expect(sh(cli, a, '/srv/tool; cat /root/.profile /run/own; wc -c < /tmp/own')).toBe('it ran\nx=110')
    expect(sh(cli, a, 'ls -A /run')).toBe('own')
    // The files of the machine are still there, and changes in the node do not reach the machine.
    expect(sh(cli, a, 'test -e /etc/services && cat /etc/hostname')).toBe('a')
    expect(sh(cli, a, 'echo new > /etc/new && rm /etc/zero && ls /etc/new')).toBe('/etc/new')
    expect(sh(cli, `${name}/b`, 'ls /etc/app /etc/new; wc -l < /etc/passwd')).not.toMatch(/^(1|.*app.conf)$/m)
    expect([hostNames(), readFileSync('/etc/passwd', 'utf8')]).toEqual(before)
    expect(cli(['down', name]).status).toBe(0)
  })

  test('files of a directory are there, whatever else is written above it afterwards', ({ nslab, stateDirectory }) => {
    const { nslab: cli } = placeOf(who, nslab, stateDirectory)
    const name = uniqueName('above')
    const files = '{/usr/share/doc/one: "1", /usr/share/two: "2", /usr/three: "3", /usr/share/doc/new/four: "4"}'
    expect(cli(['up', '-', '--name', name], { input: `nodes: {a: {files: ${files}}}` })).toMatchObject({ status: 0 })
    const paths = '/usr/share/doc/one /usr/share/two /usr/three /usr/share/doc/new/four'
    expect(sh(cli, `${name}/a`, `cat ${paths}`)).toBe('1234')
    expect(cli(['down', name]).status).toBe(0)
  })

  test('mounts show directories and files of the machine, or are empty and in memory', ({ nslab, stateDirectory }) => {
    const { nslab: cli, directory } = placeOf(who, nslab, stateDirectory)
    const name = uniqueName('mounts')
    write(directory, {
      'lab/www/index.html': 'hello',
      'lab/one': 'one',
      'lab/lab.yaml': `
nodes:
  a:
    mounts:
      - { source: www, target: /srv/www, readonly: true }
      - { source: ./one, target: /opt/deep/one }
      - { target: /var/lib/app, size: 64k, mode: "1777" }
      - { source: www, target: /var/lib/app/inner }
    files: { /srv/beside: x, /var/lib/app/file: y }
`,
    })
    expect(cli(['up', join(directory, 'lab/lab.yaml'), '--name', name])).toMatchObject({ status: 0, stderr: '' })
    const a = `${name}/a`
    expect(sh(cli, a, 'cat /srv/www/index.html /opt/deep/one /var/lib/app/inner/index.html')).toBe('helloonehello')
    expect(sh(cli, a, 'echo x > /srv/www/index.html')).toContain('Read-only file system')
    expect(sh(cli, a, 'cat /srv/beside /var/lib/app/file; stat -c %a /var/lib/app')).toBe('xy1777')
    expect(sh(cli, a, 'head -c 100000 /dev/zero > /var/lib/app/big')).toContain('No space left on device')
    expect(readFileSync(join(directory, 'lab/www/index.html'), 'utf8')).toBe('hello')
    expect(existsSync('/opt/deep')).toBe(false)
    expect(cli(['down', name]).status).toBe(0)
  })

  test('names, servers, environment, and labels that inspect tells', ({ nslab, stateDirectory }) => {
    const { nslab: cli } = placeOf(who, nslab, stateDirectory)
    const name = uniqueName('names')
    const input = `
nodes:
  a:
    labels: { site: fra }
    env: { GREETING: "hello there", HOME: /srv, N: 7, ON: true }
    hosts: { db.example.test: 192.0.2.7, ntp: [192.0.2.8, "2001:db8::8"] }
    dns: { servers: [b, 192.0.2.53], search: [lab.test], options: ["ndots:2"] }
    files: { /etc/beside: x }
  b: { dns: ["2001:db8::53"] }
links: [[a, b]]
`
    expect(cli(['up', '-', '--name', name], { input })).toMatchObject({ status: 0, stderr: '' })
    const labels = cli(['inspect', name, '--json'])
      .json()
      .nodes.map((node: any) => node.labels)
    expect(labels).toEqual([{ site: 'fra' }, {}])
    expect(sh(cli, `${name}/a`, 'echo "$GREETING $HOME $N $ON"')).toBe('hello there /srv 7 true')
    expect(sh(cli, `${name}/b`, 'cd && test -r . && echo "$GREETING in $HOME"')).toMatch(/^in \/(?:root|tmp)$/)
    expect(sh(cli, `${name}/a`, 'cat /etc/resolv.conf')).toBe(
      'nameserver 10.0.0.1\nnameserver fd00::1\nnameserver 192.0.2.53\nsearch lab.test\noptions ndots:2',
    )
    expect(sh(cli, `${name}/b`, 'cat /etc/resolv.conf')).toBe('nameserver 2001:db8::53')
    expect(sh(cli, `${name}/a`, 'getent hosts db.example.test b')).toMatch(
      /^192\.0\.2\.7 +db\.example\.test\n.* +b( |$)/,
    )
    expect(sh(cli, `${name}/a`, 'grep -c ntp /etc/hosts')).toBe('2')
    expect(sh(cli, `${name}/b`, 'grep -c ntp /etc/hosts')).toBe('0')
    expect(cli(['down', name]).status).toBe(0)
  })

  test('commands run in order once the network stands; what they leave behind runs on', ({ nslab, stateDirectory }) => {
    const { nslab: cli } = placeOf(who, nslab, stateDirectory)
    const name = uniqueName('commands')
    const input = `
nodes:
  a:
    env: { WORD: one }
    exec:
      - echo $WORD > /tmp/log
      - [sh, -c, 'echo "$1" >> /tmp/log', sh, two words]
      - pwd >> /tmp/log; cat >> /tmp/log
      - "(while sleep 0.05; do echo tick; date >> /tmp/ticks; done) &"
      - ip -6 route get fd00::1 >> /tmp/log
  b: { exec: ["touch /tmp/b"] }
links: [[a, b]]
`
    expect(cli(['up', '-', '--name', name], { input })).toMatchObject({ status: 0, stderr: '' })
    const log = sh(cli, `${name}/a`, 'cat /tmp/log').split('\n')
    expect(log.slice(0, 3)).toEqual(['one', 'two words', '/'])
    expect(log[3]).toContain('dev eth0')
    const ticks = () => Number(sh(cli, `${name}/a`, 'wc -l < /tmp/ticks'))
    const first = ticks()
    expect(sh(cli, `${name}/a`, 'sleep 0.5; ls /tmp')).toContain('ticks')
    expect(ticks()).toBeGreaterThan(first)
    expect(cli(['down', name]).status).toBe(0)
  })

  test('a command that fails ends up: its output is told, and nothing is left', ({ nslab, stateDirectory }) => {
    const { nslab: cli } = placeOf(who, nslab, stateDirectory)
    const name = uniqueName('fails')
    const up = (exec: string) => cli(['up', '-', '--name', name], { input: `nodes: {a: {exec: [${exec}]}}` })
    const failed = up('"sleep 1000 &", "echo so far; echo no such thing >&2; exit 3", "touch /tmp/never"')
    expect(failed.status).toBe(8)
    expect(failed.stderr).toBe(
      'error: a: `echo so far; echo no such thing >&2; exit 3` ended with status 3:\n  so far\n  no such thing\n',
    )
    expect(up('[not-there, x]')).toMatchObject({
      status: 8,
      stderr: 'error: a: `not-there x` ended with status 127:\n  nslab: not-there: No such file or directory\n',
    })
    expect(up('"kill -9 $$"').stderr).toBe('error: a: `kill -9 $$` ended with status 137, and printed nothing\n')
    expect(up('"yes 0123456789 | head -n 100000; exit 1"').stderr.length).toBeLessThan(6000)
    expect(processesOf(name)).toEqual([])
    expect(cli(['ls', '--json']).json().labs).toEqual([])
  })

  test('what runs on may print for ever: it is neither kept, nor waited for, nor a reason to end', ({
    nslab,
    stateDirectory,
  }) => {
    const { nslab: cli } = placeOf(who, nslab, stateDirectory)
    const name = uniqueName('prints')
    const failed = cli(['up', '-', '--name', name], { input: 'nodes: {a: {exec: ["yes & seq 100; exit 3"]}}' })
    expect(failed.status).toBe(8)
    expect(failed.stderr.split('\n').length).toBeLessThan(25)
    const input = 'nodes: {a: {exec: ["(while echo x; do sleep 0.01; done) & echo $! > /run/pid", "echo next"]}}'
    expect(cli(['up', '-', '--name', name], { input })).toMatchObject({ status: 0, stderr: '' })
    const script = 'sleep 0.2; pid=$(cat /run/pid); kill -0 $pid; echo $?; stat -L -c %F /proc/$pid/fd/1'
    expect(sh(cli, `${name}/a`, script)).toBe('0\nfifo')
    expect(cli(['down', name]).status).toBe(0)
  })

  test('what cannot be put there is told, and nothing is left', ({ nslab, stateDirectory }) => {
    const { nslab: cli } = placeOf(who, nslab, stateDirectory)
    const name = uniqueName('refused')
    const up = (node: string) => {
      const { status, stderr } = cli(['up', '-', '--name', name], { input: `nodes: {a: {${node}}}` })
      return `${status} ${stderr}`
    }
    expect(up('files: {/not-in-root/x: y}')).toMatch(
      /^5 error: cannot make a name in \(a: \/\): EROFS.*\nhint: a node has the directories in \/ that the machine has/,
    )
    expect(up('files: {/etc: x}')).toMatch(/^5 error: cannot write \(a: \/etc\): EISDIR/)
    expect(up('files: {/etc/passwd/x: y}')).toMatch(/^5 error: .*\/etc\/passwd.*: ENOTDIR/)
    expect(up('files: {/etc/x: {content: y, owner: nobody-there}}')).toMatch(
      /^3 error: .*\n<stdin>:1:\d+: there is no user nobody-there on this machine; write the id as a number\n/,
    )
    expect(up('files: {/etc/x: {content: y, owner: "root:nobodies"}}')).toContain('there is no group nobodies')
    expect(up('files: {/etc/x: {content: y, owner: 4000000000}}')).toMatch(
      /^5 error: cannot change the owner of \(a: \/etc\/x\): EINVAL.*\nhint: the node has no user or group of that id/,
    )
    expect(up('mounts: [{source: /etc/passwd, target: /etc}]')).toMatch(
      /^5 error: cannot mount at \(a: \/etc\): EISDIR/,
    )
    expect(processesOf(name)).toEqual([])
  })
})

describe.each(['0', '1'])(
  'where the machine has mounted something below a directory (NSLAB_ROOTLESS=%s)',
  (rootless) => {
    // A /srv for this test alone: x is a file system, bound is a bind-mounted file, inner is a file in a directory.
    const MACHINE = `
    mount --make-rprivate / && mount -t tmpfs -o mode=0755 nslab-test /srv && mkdir /srv/x /srv/dir && mount -t tmpfs nslab-test /srv/x
    echo machine | tee /srv/file /srv/x/deep /srv/dir/inner /srv/bound && ln -s file /srv/link && mount --bind /etc/hostname /srv/bound`
    const INPUT = `nodes: {a: {
    files: {/srv/new: new, /srv/file: "own\\n", /srv/dir/new: new, /srv/x/new: new, /srv/fresh/new: new},
    mounts: [{target: /srv/empty}]}}`

    test('its files are new ones beside what was there, which can be read, and not be changed', ({
      stateDirectory,
    }) => {
      const name = uniqueName('below')
      const inNode = 'cat /srv/file /srv/link /srv/x/deep /srv/dir/inner /srv/*/new /srv/new; cd /srv; echo; echo *'
      const changes = 'for to in x/deep bound; do echo changed > /srv/$to; done; touch /srv/empty/1 /srv/1 && echo made'
      const script = `(${MACHINE}) > /dev/null; nslab() { '${process.execPath}' '${join(ROOT, 'bin/run.js')}' "$@"; }
      nslab up - --name ${name} > /dev/null && nslab exec a -- sh -c '${inNode}'; nslab exec a -- sh -c '${changes}'
      nslab down > /dev/null; cd /srv; cat file x/deep; echo * x/*`
      const { stdout, stderr } = spawnSync('unshare', ['-m', 'sh', '-c', script], {
        encoding: 'utf8',
        cwd: '/',
        env: { ...process.env, NSLAB_STATE_DIR: stateDirectory, NSLAB_ROOTLESS: rootless },
        input: INPUT,
      })
      expect(stdout.split('\n'), stderr).toEqual([
        ...['own', 'own', 'machine', 'machine', 'newnewnewnew'],
        'bound dir empty file fresh link new x',
        'made',
        ...['machine', 'machine', 'bound dir file link x x/deep', ''],
      ])
      expect(stderr).toContain('cannot create /srv/bound: Read-only file system')
    })
  },
)

test('a node that shares its mounts has what the first of them has', ({ nslab }) => {
  const name = uniqueName('sharedmnt')
  const shared = 'namespaces: {user: shared, mnt: shared, pid: shared, net: shared, ipc: shared, uts: shared}'
  const input = `nodes:\n  a: {${shared}, files: {/etc/x: here}, exec: [cat /etc/x]}\n  b: {${shared}, exec: [cat /etc/x]}`
  expect(nslab(['up', '-', '--name', name], { input })).toMatchObject({ status: 0, stderr: '' })
  expect(sh(nslab, `${name}/b`, 'cat /etc/x')).toBe('here')
})

test('Ctrl-C while a command runs ends up, and leaves nothing', async ({ nslab, stateDirectory }) => {
  const name = uniqueName('interrupted')
  const child = spawn(process.execPath, ['bin/run.js', 'up', '-', '--name', name], {
    stdio: ['pipe', 'ignore', 'ignore'],
    env: { ...process.env, NSLAB_STATE_DIR: stateDirectory },
  })
  child.stdin.end('nodes: {a: {exec: [sleep 1000]}}')
  const ended = new Promise((resolve) => child.once('exit', resolve))
  for (let tries = 0; tries < 200 && processesOf(name).length < 2; tries++) await setTimeout(20)
  await setTimeout(200)
  child.kill('SIGINT')
  expect(await ended).toBe(130)
  expect(processesOf(name)).toEqual([])
  expect(nslab(['ls', '--json']).json().labs).toEqual([])
})

test('a file too large for a node is told before there is a node, and nothing is left', ({ nslab, stateDirectory }) => {
  const there = () => [existsSync('/run/netns'), readdirSync(stateDirectory)]
  const name = uniqueName('large')
  writeFileSync(join(stateDirectory, 'large'), Buffer.alloc(16 * 1024 * 1024 + 1))
  const before = there()
  const input = `nodes: {a: {files: {/srv/large: {source: ${stateDirectory}/large}}}}`
  expect(nslab(['up', '-', '--name', name], { input })).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('larger than 16777216'),
  })
  expect(there()).toEqual(before)
  expect(processesOf(name)).toEqual([])
})
