// What the file says of a node's contents: how it resolves, and what is refused, with its place.

import { describe, expect, test } from 'vitest'
import type { NodeContents } from '../../../../src/model/contents.js'
import { planLab } from '../../../../src/plan/build.js'
import { explain } from '../../../../src/plan/say/explain.js'
import { resolveTopology } from '../../../../src/topology/resolve.js'
import { parseTopology } from '../../../../src/topology/source/parse.js'
import { shown } from '../support.js'

const resolve = (text: string) =>
  resolveTopology(
    parseTopology(text, {
      file: 'labs/lab.yaml',
      readIncluded: () => ({
        file: 'labs/parts/part.yaml',
        identity: 'part',
        text: 'kinds: {web: {files: {/etc/web: {source: web.conf}}}}',
      }),
    }),
    { findSource: (path, from) => `${from} → ${path}` },
  )

const contentsOf = (text: string, name = 'a'): NodeContents | undefined =>
  resolve(text).nodes.find((node) => node.name === name)?.contents

test('a node without any has none', () => {
  expect(contentsOf('nodes: {a: {}}')).toBeUndefined()
  expect(contentsOf('nodes: {a: {env: {}, files: {}, mounts: [], exec: [], hosts: {}}}')).toBeUndefined()
})

test('what is not written has its default', () => {
  const text = `nodes: {a: {
    env: {A: x, B: 2, C: false},
    hosts: {db: 192.0.2.1, ntp: [192.0.2.2, "2001:db8::1"]},
    files: {/etc/motd: hi, /etc/x: {source: ../x, mode: "0600", owner: 5}},
    mounts: [{target: /mnt}, {target: /srv/www, source: www, readonly: true}],
    exec: ["a b", [c, "d e"]]}}`
  expect(contentsOf(text)).toEqual({
    env: { A: 'x', B: '2', C: 'false' },
    hosts: '192.0.2.1\tdb\n192.0.2.2\tntp\n2001:db8::1\tntp\n',
    files: [
      { path: '/etc/motd', content: 'hi', mode: '0644', owner: 'root' },
      { path: '/etc/x', content: { source: 'labs/lab.yaml → ../x' }, mode: '0600', owner: '5' },
    ],
    mounts: [
      { target: '/mnt', source: null, readonly: false, size: null, mode: '0755' },
      { target: '/srv/www', source: 'labs/lab.yaml → www', readonly: true, size: null, mode: '0755' },
    ],
    commands: [
      ['sh', '-c', 'a b'],
      ['c', 'd e'],
    ],
  })
})

test('an owner who is not there is told at once, where somebody knows who is', () => {
  const text = 'nodes: {a: {files: {/x/y: {content: z, owner: web}, /x/z: {content: z, owner: 5}, /x/w: w}}}'
  const findOwnerFault = (owner: string) => (owner === 'web' ? 'user web' : null)
  expect(shown(text, { findOwnerFault })).toEqual([
    '1:47 nodes.a.files./x/y.owner: there is no user web on this machine; write the id as a number',
  ])
  expect(contentsOf(text)?.files.map(({ owner }) => owner)).toEqual(['web', '5', 'root'])
})

test('a source is relative to the file that names it, also by a kind', () => {
  const text = 'include: parts/part.yaml\nnodes: {a: {kind: web, files: {/etc/own: {source: own.conf}}}}'
  expect(contentsOf(text)?.files.map(({ content }) => content)).toEqual([
    { source: 'labs/parts/part.yaml → web.conf' },
    { source: 'labs/lab.yaml → own.conf' },
  ])
})

test('a kind’s files and variables are merged with the node’s', () => {
  const text =
    'kinds: {k: {env: {A: 1, B: 1}, files: {/x/a: k, /x/b: k}}}\nnodes: {a: {kind: k, env: {B: 2}, files: {/x/b: n}}}'
  expect(contentsOf(text)?.env).toEqual({ A: '1', B: '2' })
  expect(contentsOf(text)?.files.map(({ path, content }) => `${path} ${content}`)).toEqual(['/x/a k', '/x/b n'])
})

test('dns is a file; nodes stand for their addresses', () => {
  const text = 'nodes: {a: {dns: [b, r, 192.0.2.1]}, b: {}, r: {kind: router}}\nlinks: [[a, b], [a, r]]'
  expect(contentsOf(text)?.files).toMatchObject([
    {
      path: '/etc/resolv.conf',
      content: [
        'nameserver 10.0.0.1',
        'nameserver fd00::1',
        'nameserver 10.255.0.1',
        'nameserver fd00:ffff::1',
        'nameserver 192.0.2.1',
        '',
      ].join('\n'),
    },
  ])
  expect(contentsOf('nodes: {a: {dns: {search: [x.test], options: [rotate, "ndots:3"]}}}')?.files[0]?.content).toBe(
    'search x.test\noptions rotate ndots:3\n',
  )
})

test('a plan says them as commands', () => {
  const text = `nodes: {a: {
    files: {/etc/motd: "it's"}, mounts: [{target: /mnt/x y, size: 1m}, {source: www, target: /srv/www, readonly: true}],
    exec: ["echo it's"]}}`
  const [node, command] = explain(planLab(resolve(text)).filter(({ op }) => op === 'node.add' || op === 'command.run'))
  expect(node?.command).toContain(
    "mount -t tmpfs -o mode=0755,size=1m tmpfs '\\''/mnt/x y'\\''; " +
      "mount --rbind -o ro '\\''labs/lab.yaml → www'\\'' /srv/www; install -m 0644 -o root /dev/stdin /etc/motd",
  )
  expect(command?.command).toBe("ip netns exec a sh -c 'echo it'\\''s'")
})

describe('refused', () => {
  const a = (body: string) => `nodes: {a: {${body}}}`
  test.each([
    [a('env: {1X: y}'), '1:19 nodes.a.env.1X: 1X: an environment variable is called like LANG or MY_SETTING'],
    [a('env: {X: [y]}'), '1:22 nodes.a.env.X: expected a text, got a list'],
    [a('env: {X: "a\\0b"}'), '1:22 nodes.a.env.X: a text cannot have a NUL character'],
    [
      a('hosts: {"a b": 192.0.2.1}'),
      '1:21 nodes.a.hosts.a b: a b: a host name consists of letters, digits, hyphens and dots',
    ],
    [
      'nodes: {a: {hosts: {db: 192.0.2.1, B: 192.0.2.2}}, b: {}}',
      '1:36 nodes.a.hosts.B: B stands for the node b already',
    ],
    [
      'nodes: {a: {hosts: {b-eth0: 192.0.2.2}}, b: {}}\nlinks: [[a, b]]',
      '1:21 nodes.a.hosts.b-eth0: b-eth0 stands for the interface b:eth0 already',
    ],
    [
      a('hosts: {localhost: 192.0.2.2}'),
      "1:21 nodes.a.hosts.localhost: localhost stands for every node's own loopback already",
    ],
    [a('hosts: {db: 192.0.2}'), '1:25 nodes.a.hosts.db: 192.0.2 is neither an IP address nor NODE nor NODE:INTERFACE'],
    [a('hosts: {db: []}'), '1:25 nodes.a.hosts.db: a name has at least one address'],
    [a('dns: []'), '1:18 nodes.a.dns: there is at least one DNS server'],
    [a('dns: [aa]'), '1:19 nodes.a.dns.0: there is no node aa; did you mean a?'],
    [a('dns: {servers: [a]}'), '1:29 nodes.a.dns.servers.0: a has no address'],
    [a('dns: {server: [a]}'), '1:19 nodes.a.dns.server: unknown key server; did you mean servers?'],
    [a('dns: {options: ["a b"]}'), '1:29 nodes.a.dns.options.0: an option is one word, such as ndots:2'],
    [a('files: {etc/x: y}'), '1:21 nodes.a.files.etc/x: etc/x: a path in a node begins with /'],
    [a('files: {/: y}'), '1:21 nodes.a.files./: /: a path in a node is not / itself'],
    [
      a('files: {/etc/../x: y}'),
      '1:21 nodes.a.files./etc/../x: /etc/../x: a path in a node has no empty, "." or ".." part',
    ],
    [a('files: {/etc//x: y}'), '1:21 nodes.a.files./etc//x: /etc//x: a path in a node has no empty, "." or ".." part'],
    [a('files: {/etc/: y}'), '1:21 nodes.a.files./etc/: /etc/: a path in a node has no empty, "." or ".." part'],
    [a('files: {"/etc/\\n": y}'), '1:21 nodes.a.files./etc/\n: /etc/\n: a path has no control characters'],
    [a('files: {/proc/x: y}'), "1:21 nodes.a.files./proc/x: /proc/x: /proc is the kernel's: nothing can be put there"],
    [
      a('files: {/etc/hosts: y}'),
      '1:21 nodes.a.files./etc/hosts: /etc/hosts is the lab’s own; `hosts` adds names to it',
    ],
    [
      a('files: {/etc/hostname: y}'),
      '1:21 nodes.a.files./etc/hostname: /etc/hostname is the node’s own; `hostname` says what is in it',
    ],
    [
      a('files: {/etc/resolv.conf: y}, dns: [192.0.2.1]'),
      '1:21 nodes.a.files./etc/resolv.conf: `dns` says what is in /etc/resolv.conf',
    ],
    [a('files: {/x/y: {}}'), '1:21 nodes.a.files./x/y: a file has either a `content` or a `source`'],
    [
      a('files: {/x/y: {content: a, source: b}}'),
      '1:21 nodes.a.files./x/y: a file has either a `content` or a `source`',
    ],
    [
      a('files: {/x/y: {content: a, mode: "9"}}'),
      '1:46 nodes.a.files./x/y.mode: a mode is written in octal, such as 0644',
    ],
    [
      a('files: {/x/y: {content: a, owner: "a:b:c"}}'),
      '1:47 nodes.a.files./x/y.owner: an owner is USER or USER:GROUP, names or ids',
    ],
    [
      a('files: {/etc/x: y, /etc/x/y/z: a}'),
      '1:32 nodes.a.files./etc/x/y/z: /etc/x is a file, so there can be nothing below it',
    ],
    [
      a('files: {/etc/hosts/x: y}'),
      '1:21 nodes.a.files./etc/hosts/x: /etc/hosts is a file, so there can be nothing below it',
    ],
    [
      a('files: {/srv/x: y}, mounts: [{target: /srv/x/y}]'),
      '1:51 nodes.a.mounts.0.target: /srv/x is a file, so there can be nothing below it',
    ],
    [
      a('files: {/srv/x: y}, mounts: [{target: /srv/x}]'),
      '1:21 nodes.a.files./srv/x: /srv/x is a directory, which `mounts` puts there',
    ],
    [a('mounts: [{source: x}]'), '1:22 nodes.a.mounts.0.target: the key `target` is missing'],
    [a('mounts: [{target: /x}, {target: /x}]'), '1:45 nodes.a.mounts.1.target: something is mounted at /x already'],
    [
      a('mounts: [{target: /x, readonly: true}]'),
      '1:35 nodes.a.mounts.0.readonly: this would be an empty directory that nobody can write to; give it a `source`',
    ],
    [
      a('mounts: [{target: /x, size: 5q}]'),
      '1:41 nodes.a.mounts.0.size: a size is a number of bytes, with k, m, g or %',
    ],
    [
      a(`env: {${Array.from({ length: 513 }, (_, at) => `V${at}: x`).join(', ')}}`),
      '1:18 nodes.a.env: a node has at most 512 variables',
    ],
    [a(`mounts: [${'{target: /x}, '.repeat(101)}]`), '1:21 nodes.a.mounts: a node has at most 100 mounts'],
    [
      a(`files: {${Array.from({ length: 1001 }, (_, at) => `/x/${at}: y`).join()}}`),
      '1:20 nodes.a.files: a node has at most 1000 files; `mounts` shows a directory',
    ],
    [a('exec: [""]'), '1:20 nodes.a.exec.0: a command is not empty'],
    [a('exec: [[]]'), '1:20 nodes.a.exec.0: a command has at least one word'],
    [a('exec: ls'), '1:19 nodes.a.exec: expected a list, got "ls"'],
    [
      a('mounts: [{target: /x, source: y, size: 1m}]').replace('source: y', 'source: /etc'),
      '1:49 nodes.a.mounts.0.size: size is for a tmpfs; a mount with a `source` has that of the source',
    ],
  ])('%s', (text, fault) => {
    expect(shown(text, { findSource: (path) => path })).toEqual([fault])
  })

  test('sources of a text that is in no file', () => {
    const fault = 'files of the machine can be put into a node only where `resolveTopology` is given `findSource`'
    expect(shown(a('files: {/x/y: {source: z}}'))).toEqual([`1:36 nodes.a.files./x/y.source: ${fault}`])
  })

  test('contents of all but the first of those that share their mounts', () => {
    const shared = 'namespaces: {user: shared, mnt: shared, pid: shared, net: shared, ipc: shared, uts: shared}'
    const text = `nodes:\n  a: {${shared}, files: {/x/y: z}}\n  b: {${shared}, env: {A: 1}, files: {/x/z: z}}`
    expect(shown(text)).toEqual(['3:113 nodes.b.files: b shares mnt with a: write `files` there'])
  })
})
