// What every node has of its own although the machine has it, too: /etc/hosts, /etc/hostname, and the directories in which every
// user may make files.
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished } from 'vitest'
import { ROOT, runCli, test, uniqueName } from '../../../support/lab.js'
import { TestUser } from '../../../support/user.js'

const PAIR = 'nodes: {a: {}, b: {}}\nlinks: [[a, b]]'

/** Directories of the machine in which every user may make files: `find` is the independent witness. */
function everybodys(): string[] {
  const words = ['/', '-xdev', '-type', 'd', '-perm', '-0002', '-not', '-path', '/proc/*', '-not', '-path', '/dev/*']
  return spawnSync('find', words, { encoding: 'utf8' })
    .stdout.trim()
    .split('\n')
    .filter((path) => path !== '')
}

describe.each(['root', 'root below a user namespace'])('in a lab of %s', (who) => {
  const env = { NSLAB_ROOTLESS: who === 'root' ? '0' : '1' }

  test('a node changes its files, and no other node sees it', ({ nslab }) => {
    const name = uniqueName('own')
    expect(nslab(['up', '-', '--name', name], { input: PAIR, env })).toMatchObject({ status: 0, stderr: '' })
    const sh = (node: string, script: string) =>
      nslab(['exec', `${name}/${node}`, '--', 'sh', '-c', script], { cwd: '/' })
    const before = sh('b', 'cat /etc/hosts /etc/hostname').stdout
    const change =
      'echo 192.0.2.99 mine >> /etc/hosts && echo other > /etc/hostname && touch /var/tmp/mark && chmod 600 /etc/hosts'
    expect(sh('a', change)).toMatchObject({ status: 0, stderr: '' })
    expect(sh('a', 'getent hosts mine; cat /etc/hostname; stat -c %u:%g /etc/hosts').stdout).toMatch(
      /192.0.2.99 +mine\nother\n0:0\n/,
    )
    expect(sh('b', 'cat /etc/hosts /etc/hostname').stdout).toBe(before)
    expect(sh('b', 'ls -A /var/tmp; stat -c %a /var/tmp').stdout).toBe('1777\n')
    expect(existsSync('/var/tmp/mark')).toBe(false)
  })

  test('a large /etc/hosts, whose content nodes share, is a node’s own as well', ({ nslab }) => {
    const name = uniqueName('own')
    const long = 'x'.repeat(57)
    const nodes = Array.from(
      { length: 460 },
      (_, i) => `  n${i}-${long}: {addresses: {lo: ["10.1.${i >> 8}.${i & 255}/32", "fd01::${i}/128"]}}`,
    )
    const up = nslab(['up', '-', '--name', name], { input: `nodes:\n${nodes.join('\n')}`, env })
    expect(up).toMatchObject({ status: 0 })
    const sh = (node: number, script: string) =>
      nslab(['exec', `${name}/n${node}-${long}`, '--', 'sh', '-c', script], { cwd: '/' })
    const size = Number(sh(2, 'wc -c < /etc/hosts').stdout)
    expect(size).toBeGreaterThan(64 * 1024)
    expect(sh(1, 'stat -f -c %T /etc/hosts; echo 192.0.2.99 mine >> /etc/hosts; tail -n 1 /etc/hosts')).toMatchObject({
      stdout: 'overlayfs\n192.0.2.99 mine\n',
      stderr: '',
    })
    expect(Number(sh(2, 'wc -c < /etc/hosts').stdout)).toBe(size)
  })

  test('a machine without /etc/hosts and /etc/hostname gives nodes both', ({ stateDirectory }) => {
    const name = uniqueName('own')
    const nslab = `'${process.execPath}' '${join(ROOT, 'bin/run.js')}'`
    // An /etc without the two: an overlay in which they have been removed.
    const script = `mount --make-rprivate / && mount -t tmpfs x /mnt && mkdir /mnt/u /mnt/w &&
      mount -t overlay -o lowerdir=/etc,upperdir=/mnt/u,workdir=/mnt/w x /etc && rm -f /etc/hosts /etc/hostname &&
      echo '${PAIR}' | ${nslab} up - --name ${name} > /dev/null && cd / &&
      ${nslab} exec ${name}/a -- sh -c 'getent hosts b; cat /etc/hostname; echo mine >> /etc/hosts; test -e /etc/passwd' &&
      ${nslab} exec ${name}/b -- grep -c mine /etc/hosts; ls /etc/hosts /etc/hostname; ${nslab} down ${name}`
    const { stdout, stderr } = spawnSync('unshare', ['-m', 'sh', '-c', script], {
      encoding: 'utf8',
      env: { ...process.env, ...env, NSLAB_STATE_DIR: stateDirectory },
    })
    expect(stdout, stderr).toMatch(/^fd00::1 +b b-eth0\na\n0\nlab .* is down\n$/)
    expect(stderr).not.toContain('warning')
  })

  test('a node leaves nothing in directories in which every user may make files', ({ nslab }) => {
    const name = uniqueName('own')
    expect(nslab(['up', '-', '--name', name], { input: PAIR, env }).status).toBe(0)
    const mark = `nslab-${name}`
    // Those that tests and other programs have made below /tmp are covered with it.
    const places = everybodys().filter((path) => !path.startsWith('/tmp/') && existsSync(path))
    expect(places).toContain('/tmp')
    nslab(['exec', `${name}/a`, '--', 'sh', '-c', 'for d; do touch "$d/$0"; done', mark, ...places], { cwd: '/' })
    nslab(['down', name])
    expect(places.filter((path) => existsSync(join(path, mark)))).toEqual([])
  })
})

describe.each(['root', 'root below a user namespace'])('a directory of a daemon, in a lab of %s', (who) => {
  test('has its owner and its mode, so that the daemon can enter it', ({ nslab }) => {
    const directory = mkdtempSync('/etc/nslab-daemon-')
    onTestFinished(() => rmSync(directory, { recursive: true }))
    const open = mkdtempSync('/var/lib/nslab-daemon-')
    onTestFinished(() => rmSync(open, { recursive: true }))
    for (const [path, mode] of [
      [directory, 0o750],
      [open, 0o2755],
    ] as const) {
      execFileSync('mkdir', [join(path, 'deep')])
      chownSync(path, 105, 106)
      chmodSync(path, mode)
    }
    const name = uniqueName('own')
    const files = `${directory}/lab.conf: conf, ${directory}/deep/er/x: deep, ${open}/new: new`
    const input = `nodes: {a: {files: {${files}}}}`
    const env = { NSLAB_ROOTLESS: who === 'root' ? '0' : '1' }
    expect(nslab(['up', '-', '--name', name], { input, env })).toMatchObject({ status: 0, stderr: '' })
    const script = `stat -c '%a %u:%g' ${directory} ${open}
      setpriv --reuid 105 --regid 106 --clear-groups sh -c 'cat ${directory}/lab.conf ${directory}/deep/er/x; echo x > ${directory}/state; echo x > ${open}/state'`
    const { stdout, stderr } = nslab(['exec', `${name}/a`, '--', 'sh', '-c', script], { cwd: '/' })
    expect({ stdout, stderr }).toEqual({ stdout: '750 105:106\n2755 105:106\nconfdeep', stderr: '' })
  })
})

// A machine whose /sys a container engine has changed, and whether its interfaces are seen in a node.
test.each([
  ['mount -o bind,remount,ro /sys', '/sys is read-only here', 'eth0 lo'],
  ['mount -t tmpfs -o ro x /sys/firmware', 'parts of /sys are masked here', null],
])('after %j, up says once what that means', (change, warning, interfaces) => {
  const name = uniqueName('sys')
  const directory = mkdtempSync('/tmp/nslab-sys-')
  chmodSync(directory, 0o711)
  onTestFinished(() => rmSync(directory, { recursive: true }))
  onTestFinished(() => void runCli(['down', '--all'], { env: { NSLAB_STATE_DIR: directory } }))
  const nslab = `'${process.execPath}' '${join(ROOT, 'bin/run.js')}'`
  const script = `mount --make-rprivate / && ${change} && cd / && echo '${PAIR}' | ${nslab} up - --name ${name} > /dev/null &&
    ${nslab} exec a -- sh -c 'cd /sys/class/net; echo *' && ${nslab} exec a -- true`
  const { stdout, stderr } = spawnSync('unshare', ['-m', 'sh', '-c', script], {
    encoding: 'utf8',
    env: { ...process.env, NSLAB_STATE_DIR: directory },
  })
  expect(stderr.split('\n')).toEqual([expect.stringContaining(warning), ''])
  if (interfaces !== null) expect(stdout.trim()).toBe(interfaces)
})

test.each(['root', 'an unprivileged user'])(
  'a private home of %s is empty, and writes do not reach the user’s',
  (who) => {
    const uid = who === 'root' ? 0 : 61_014
    const user = new TestUser(uid)
    onTestFinished(() => user[Symbol.dispose]())
    // Not below /tmp, which is a node's own anyway.
    const home = mkdtempSync('/srv/nslab-home-')
    onTestFinished(() => rmSync(home, { recursive: true }))
    chownSync(home, uid, uid)
    chmodSync(home, 0o777)
    user.run(['touch', join(home, 'mine')])
    const name = uniqueName('home')
    const env = { HOME: home }
    const sh = (node: string, script: string) =>
      user.nslab(['exec', `${name}/${node}`, '--', 'sh', '-c', script], { env, cwd: '/' }).stdout
    expect(user.nslab(['up', '-', '--name', name], { input: 'nodes: {a: {home: private}, b: {}}', env }).status).toBe(0)
    expect(sh('a', `ls -A ${home}; touch ${home}/a; ls ${home}; stat -c '%a %u' ${home}`)).toBe('a\n700 0\n')
    expect(sh('b', `ls -A ${home}; touch ${home}/b`)).toBe('mine\n')
    expect(readdirSync(home)).toEqual(['b', 'mine'])
  },
)
