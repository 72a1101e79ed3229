// A card of the machine's own, after a crash: the kernel gives it back, and gc its name, its addresses and its state.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { Lab } from '../../dist/index.js'

const run = new URL('../../bin/run.js', import.meta.url).pathname
const ip = (...args) => execFileSync('ip', args, { encoding: 'utf8' })

// No udev there does.
execFileSync('modprobe', ['virtio_net'])

/** The spare card that test/support/vm/test.sh gives the guest. */
const card = readdirSync('/sys/class/net').find((name) => name !== 'lo' && !name.startsWith('dummy'))

function shown() {
  const [{ ifname, address, mtu, flags, addr_info: addresses }] = JSON.parse(ip('-j', 'address', 'show', 'dev', card))
  return { ifname, address, mtu, flags, addresses: addresses.map(({ local }) => local) }
}

export const tests = {
  'a card comes back from a crash with its name, addresses and state': async () => {
    assert.ok(card, 'the guest has no card')
    ip('address', 'add', '198.51.100.7/24', 'dev', card)
    ip('link', 'set', card, 'mtu', '1400', 'up')
    await setTimeout(3000) // duplicate address detection of its link-local address
    const before = shown()
    const text = `name: card\nnodes: {a: {interfaces: {eth9: {device: ${card}, mac: "02:00:00:00:00:99"}}}}`
    const lab = await Lab.up(text, { persist: true })
    assert.ok(!readdirSync('/sys/class/net').includes(card))
    const { keeper } = await lab.inspect()
    process.kill(keeper.pid, 'SIGKILL')
    for (let tries = 0; tries < 50 && Lab.list().length > 0; tries++) await setTimeout(100)
    await setTimeout(1000)
    const { stdout, stderr, status } = spawnSync(process.execPath, [run, 'gc'], { encoding: 'utf8' })
    assert.deepEqual([status, stdout, stderr], [0, 'removed what card left\n', ''])
    await setTimeout(3000)
    assert.deepEqual(shown(), before)

    const again = await Lab.up(text, { persist: true })
    await again.down()
    await setTimeout(3000)
    assert.deepEqual(shown(), before)
  },
}
