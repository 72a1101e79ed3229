// Mutated netlink replies, given to what reads them: whatever comes, it is read as something, or ends in the RangeError of a
// Buffer that is too short, at once.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const CAPTURES = join(ROOT, 'test/fixtures/netlink')
const RUNS = { short: 30_000, long: 2_000_000 }
const SLOW_MS = 200

/** RTM_NEW… of linux/rtnetlink.h, and who reads it. */
const READERS = {
  16: ['parseLink', 'parseLinkState'],
  20: ['parseAddress'],
  24: ['parseRoutes'],
  28: ['parseNeighbour'],
}
const MODULES = ['link', 'address', 'route', 'neighbour', 'replies', 'replay']

/** The pure modules of the kernel room, from their sources: the built library exports none of them. */
async function loadReaders() {
  const directory = mkdtempSync(join(tmpdir(), 'nslab-chaos-'))
  const input = Object.fromEntries(MODULES.map((name) => [name, join(ROOT, `src/kernel/netlink/rtnl/${name}.ts`)]))
  const bundle = await rolldown({
    cwd: ROOT,
    platform: 'node',
    input: { ...input, wireguard: join(ROOT, 'src/kernel/netlink/genl/wireguard-info.ts') },
  })
  await bundle.write({
    dir: directory,
    format: 'esm',
    entryFileNames: '[name].mjs',
    chunkFileNames: '[name]-[hash].mjs',
  })
  await bundle.close()
  const modules = await Promise.all([...MODULES, 'wireguard'].map((name) => import(join(directory, `${name}.mjs`))))
  rmSync(directory, { recursive: true })
  return Object.assign({}, ...modules)
}

/** Datagrams that the kernel has sent. @returns {Buffer[]} */
const captured = () =>
  readdirSync(CAPTURES)
    .filter((name) => name.endsWith('.json'))
    .flatMap((name) => JSON.parse(readFileSync(join(CAPTURES, name), 'utf8')).datagrams ?? [])
    .map((hex) => Buffer.from(hex, 'hex'))

const NUMBERS = [0, 1, 3, 4, 7, 8, 15, 16, 17, 0x7f, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0xffffffff]

/** @param {Buffer} datagram @param {ReturnType<typeof import('../random.mjs').randomFrom>} random */
function mutated(datagram, random) {
  let bytes = Buffer.from(datagram)
  for (let left = random.integer(1, 5); left > 0; left--) {
    const at = random.integer(0, Math.max(0, bytes.length - 4)) & (random.fraction() < 0.8 ? ~3 : ~0)
    const kind = random.integer(0, 5)
    if (kind === 0) bytes = bytes.subarray(0, at)
    else if (kind === 1) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(random.integer(0, bytes.length))])
    else if (bytes.length < at + 4) continue
    else if (kind === 2) bytes.writeUInt16LE(random.pick(NUMBERS) & 0xffff, at)
    else if (kind === 3) bytes.writeUInt32LE(random.pick(NUMBERS), at)
    else bytes[at] = random.integer(0, 255)
  }
  return bytes
}

/** @param {Buffer} datagram */
function read(readers, datagram) {
  // Whatever the sequence number of the capture was, it is expected.
  const first = datagram.length >= 12 ? datagram.readUInt32LE(8) : 1
  const replies = new readers.Replies(first, 1)
  replies.takeDatagram(datagram)
  const type = datagram.length >= 6 ? datagram.readUInt16LE(4) : 0
  const names = READERS[type] ?? []
  for (const name of names)
    for (const payload of replies.payloads) readers[name](name === 'parseRoutes' ? [payload] : payload)
  if (names.length === 0) readers.parseWireguard(replies.payloads)
}

/** @param {{ random: ReturnType<typeof import('../random.mjs').randomFrom>, long: boolean }} options */
export async function fuzzNetlink({ random, long }) {
  const readers = await loadReaders()
  const datagrams = captured()
  const found = new Map()
  const count = long ? RUNS.long : RUNS.short
  for (let index = 0; index < count; index++) {
    const bytes = mutated(random.pick(datagrams), random)
    const fault = faultOf(readers, bytes)
    if (fault !== null && (found.get(fault)?.length ?? Number.POSITIVE_INFINITY) > bytes.length) found.set(fault, bytes)
  }
  const failures = [...found].map(([fault, bytes]) => `a reply ${bytes.toString('hex')}: ${fault}`)
  return { figures: { 'mutated netlink replies': count }, failures }
}

/** @returns {string | null} */
function faultOf(readers, bytes) {
  const began = performance.now()
  try {
    read(readers, bytes)
  } catch (error) {
    if (error instanceof RangeError) return null
    const where = /at (?:\w+\.)*(\w+) \(file:/.exec(error.stack)?.[1]
    return `${error.name} in ${where}: ${error.message}`.replace(/[0-9]+/g, 'N')
  }
  const ms = performance.now() - began
  return ms > SLOW_MS ? 'takes longer than anything does' : null
}
