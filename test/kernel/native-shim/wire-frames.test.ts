// Frames come out of a wire as they went in. The reference sends and receives them with packet sockets of its own.
//
//   a ── wire ── b
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, expect, test } from 'vitest'
import { WireLab } from '../../support/wire/wire-lab.js'

const labs: WireLab[] = []
async function startLab(options: Parameters<WireLab['addLink']>[1] = {}): Promise<WireLab> {
  const lab = await WireLab.start()
  labs.push(lab)
  await lab.addLink(0, options)
  return lab
}
afterEach(async () => {
  for (const lab of labs.splice(0)) await lab.close()
})

const ADDRESSES = 'ffffffffffff020000000001'
const TAG = '81006123' // priority 3, VLAN 0x123
const OUTER_TAG = '88a80007'

/** Of a frame whose checksum is whole and which is not to be segmented (struct virtio_net_hdr). */
const PLAIN = Buffer.alloc(10)

/** A frame of this length whose bytes differ from those of other lengths. */
const frame = (length: number, tags = ''): Buffer => {
  const head = Buffer.from(`${ADDRESSES}${tags}88b5`, 'hex')
  const rest = Array.from({ length: length - head.length }, (_, at) => (at * 31 + length) % 256)
  return Buffer.concat([PLAIN, head, Buffer.from(rest)])
}

/** A TCP segment over IPv4 whose checksum is yet to be computed, and which is to be segmented when it is long. */
function segment(payload: number, tag = ''): Buffer {
  const at = 14 + tag.length / 2
  const vnet = Buffer.alloc(10)
  vnet[0] = 1 // VIRTIO_NET_HDR_F_NEEDS_CSUM
  vnet[1] = payload > 1448 ? 1 : 0 // VIRTIO_NET_HDR_GSO_TCPV4
  vnet.writeUInt16LE(payload > 1448 ? at + 40 : 0, 2)
  vnet.writeUInt16LE(payload > 1448 ? 1448 : 0, 4)
  vnet.writeUInt16LE(at + 20, 6)
  vnet.writeUInt16LE(16, 8)
  const ip = Buffer.from('450000000000400040060000c0000201c0000202', 'hex')
  ip.writeUInt16BE(40 + payload, 2)
  const tcp = Buffer.from('04000007000000010000000150100400ffff0000', 'hex')
  return Buffer.concat([vnet, Buffer.from(`${ADDRESSES}${tag}0800`, 'hex'), ip, tcp, Buffer.alloc(payload, 'x')])
}

const hex = (frames: readonly Buffer[]): string[] => frames.map((each) => each.toString('hex'))

const SIZES = [60, 61, 64, 99, 128, 1000, 1513, 1514]
const JUMBO = [1899, 1900, 1901, 2047, 2048, 4096, 8999, 9014]
const FRAMES = [
  ...SIZES.map((size) => frame(size)),
  ...SIZES.map((size) => frame(size + 4, TAG)),
  ...SIZES.slice(0, -2).map((size) => frame(size, OUTER_TAG + TAG)),
]

test.each([
  ['plain', []],
  [
    'delayed',
    ['direction', 'a', 'class', 'default', 'delay', 1_000_000, 'direction', 'b', 'class', 'default', 'delay', 1],
  ],
])(
  '%s frames of all sizes, with and without VLAN tags, come out in their order both ways',
  async (_, configuration) => {
    const lab = await startLab({ mtu: 9000, configuration })
    for (const [from, to] of [
      ['a', 'b'],
      ['b', 'a'],
    ] as const) {
      const all = [...FRAMES, ...JUMBO.map((size) => frame(size))]
      // Small and large ones take turns, since they come in through different rings.
      const mixed = [...all, ...JUMBO.flatMap((size) => [frame(size), frame(60), frame(size, TAG)])]
      const received = await lab.frames(to, 'receive', 'e0', '500')
      lab.sendFrames(from, 'e0', mixed)
      expect(await received()).toEqual(hex(mixed))
    }
  },
)

test.each([
  ['plain', []],
  ['delayed', ['direction', 'a', 'class', 'default', 'delay', 1_000_000]],
])(
  '%s segments whose checksums and lengths are left to the device come out so, with and without VLAN tags',
  async (_, configuration) => {
    const lab = await startLab({ configuration })
    const received = await lab.frames('b', 'receive', 'e0', '500')
    const segments = [segment(100), segment(100, TAG), segment(8000), segment(8000, TAG), segment(60_000)]
    lab.sendFrames('a', 'e0', segments)
    const got = await received()
    // The kernel sets hdr_len (bytes 2 and 3) as it likes, since it is a hint (virtio 1.2, 5.1.6.2).
    const withoutHint = (text: string) => `${text.slice(0, 4)}${text.slice(8)}`
    expect(got.map(withoutHint)).toEqual(hex(segments).map(withoutHint))
  },
)

test('a frame that is longer than the receiver may have is lost, as with a plain veth', async () => {
  const lab = await startLab({ mtu: 9000 })
  lab.lab.ip('b', 'link set e0 mtu 1500')
  const received = await lab.frames('b', 'receive', 'e0', '500')
  lab.sendFrames('a', 'e0', [frame(1514), frame(4000), frame(1518, TAG), frame(60)])
  expect(await received()).toEqual(hex([frame(1514), frame(1518, TAG), frame(60)]))
})

const SERVE = `use IO::Socket::INET; use Digest::MD5;
my $l = IO::Socket::INET->new(Listen => 1, LocalPort => 7) or die; $| = 1; print "ready\\n";
my $c = $l->accept; my $d = Digest::MD5->new; $d->addfile($c); print $d->hexdigest, "\\n";`
const SEND = `use IO::Socket::INET; use Digest::MD5;
my $s = IO::Socket::INET->new("10.0.0.2:7") or die; my $t = join("", map { pack("N", $_) } 0..250000);
print $s $t for 1..8; close $s; my $d = Digest::MD5->new; $d->add($t) for 1..8; print $d->hexdigest, "\\n";`

/** Sends 8 MB from `a` to `b` by TCP, and compares what arrives. */
async function transfer(lab: WireLab): Promise<void> {
  const nsenter = (name: string) => ['-n', '-t', String(lab.lab.node(name).pid)]
  const server = spawn('nsenter', [...nsenter('b'), 'perl', '-e', SERVE], { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  server.stdout.on('data', (chunk) => (output += chunk))
  await lab.until(() => output === 'ready\n')
  const sent = execFileSync('nsenter', [...nsenter('a'), 'perl', '-e', SEND], { encoding: 'utf8' })
  if (server.exitCode === null) await once(server, 'close')
  expect(output).toBe(`ready\n${sent}`)
}

test('TCP arrives whole through a wire without impairments, in frames that are yet to be segmented', async () => {
  const lab = await startLab()
  const longest = await lab.frames('b', 'longest', 'e0', '500')
  await transfer(lab)
  expect(Number((await longest())[0])).toBeGreaterThan(1514)
})

test('TCP arrives whole through a wire that delays single frames', async () => {
  const lab = await startLab({ configuration: ['direction', 'a', 'class', 'default', 'delay', 2_000_000] })
  for (const name of ['a', 'b']) lab.lab.ip(name, 'link set e0 gso_max_segs 1')
  const longest = await lab.frames('b', 'longest', 'e0', '500')
  await transfer(lab)
  expect(Number((await longest())[0])).toBe(1514)
})

test('loss takes the share of frames that is configured, and counts it', async () => {
  const lab = await startLab({
    configuration: ['direction', 'a', 'class', 'default', 'loss', 'random', 0.5, 0, 'seed', 7],
  })
  const before = (await lab.statistics()).ends[0]
  const received = await lab.frames('b', 'receive', 'e0', '500')
  lab.sendFrames('a', 'e0', Array(1000).fill(frame(60)))
  const arrived = (await received()).length
  // Five standard deviations of a binomial distribution.
  expect(Math.abs(arrived - 500)).toBeLessThan(80)
  const after = (await lab.statistics()).ends[0]
  expect((after?.drops.loss ?? 0) - (before?.drops.loss ?? 0)).toBeGreaterThanOrEqual(1000 - arrived)
})
