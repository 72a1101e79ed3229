// The shim's verb `probe`: its attempts, and its answer to unknown words.
import { spawnSync } from 'node:child_process'
import { constants } from 'node:os'
import { join } from 'node:path'
import { describe, expect, inject, test } from 'vitest'
import { ROOT } from '../../support/root.js'
import { runVerb, SHIM, words } from '../../support/shim.js'

const probe = (...spec: string[]) => runVerb('probe', [], { spec: words(spec) })

/** RTM_GETLINK of interface index 1, with NLM_F_ACK. */
const GET_LO = '20000000120005000700000000000000000000000100000000000000ffffffff'
/** RTM_NEWLINK with NLM_F_CREATE and NLM_F_EXCL of a device `x` of kind `nosuch`. */
const NEW_NOSUCH = `${'38000000'}${'1000'}${'0506'}${'07000000'}${'00000000'}${'00'.repeat(16)}06000300780000000c0012000a0001006e6f7375636800000000`

describe('probe', () => {
  test('says of each namespace and file system whether it can be made', async () => {
    const { status, reports, stderr } = await probe('namespace', 'user', 'namespace', 'net', 'mount', 'proc')
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(reports).toEqual([
      { namespace: 'user', errno: 0 },
      { namespace: 'net', errno: 0 },
      { mount: 'proc', errno: 0 },
    ])
    const { reports: refused } = await probe('mount', 'no-such-type')
    expect(refused).toEqual([{ mount: 'no-such-type', errno: constants.errno.ENODEV }])
  })

  test('passes messages on to one network namespace that is not the caller’s, and answers back', async () => {
    const { status, reports } = await probe('namespace', 'uts', 'send', '0', GET_LO, 'send', '0', NEW_NOSUCH)
    expect(status).toBe(0)
    expect(reports).toHaveLength(3)
    const link = Buffer.from(reports[1].answer, 'hex')
    expect(link.readUInt16LE(4)).toBe(16) // RTM_NEWLINK
    expect(link.readInt32LE(20)).toBe(1) // lo
    expect(link.readUInt32LE(24) & 1).toBe(0) // a new namespace's lo is down
    const refusal = Buffer.from(reports[2].answer, 'hex')
    expect(refusal.readUInt16LE(4)).toBe(2) // NLMSG_ERROR
    expect(refusal.readInt32LE(16)).toBe(-constants.errno.EOPNOTSUPP)
  })

  test('reports a protocol that the kernel does not have', async () => {
    const { reports } = await probe('send', '31', GET_LO)
    expect(reports).toEqual([{ protocol: 31, errno: constants.errno.EPROTONOSUPPORT, answer: '' }])
  })

  test.each([
    ['an unknown word', ['nonsense']],
    ['an unknown namespace', ['namespace', 'nonsense']],
    ['a word that is not there', ['namespace']],
    ['bytes that are none', ['send', '0', 'zz']],
    ['half a byte', ['send', '0', '123']],
    ['a protocol that is no number', ['send', 'x', '00']],
    ['more bytes than a message may have', ['send', '0', '00'.repeat(1025)]],
    ['other words behind a message', ['send', '0', GET_LO, 'mount', 'proc']],
  ])('fails on %s', async (_, spec) => {
    const { status, signal, reports } = await probe(...spec)
    expect({ status, signal }).toEqual({ status: 1, signal: null })
    expect(reports.at(-1)).toMatchObject({ error: { errno: expect.any(Number) } })
  })

  test('needs no privilege', () => {
    const prefix = process.getuid?.() === 0 ? ['--reuid=65534', '--regid=65534', '--clear-groups'] : []
    const shim = SHIM.replace(ROOT, join(inject('readableCheckout'), '/'))
    const { status, stdout } = spawnSync('setpriv', [...prefix, shim, 'probe', '--report', '1'], {
      input: words(['namespace', 'net', 'mount', 'mqueue', 'send', '0', GET_LO]),
      encoding: 'utf8',
    })
    expect(status).toBe(0)
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).errno),
    ).toEqual([0, 0, 0])
  })
})
