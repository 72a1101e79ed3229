// Cgroups of version 2 with their freezer.
import assert from 'node:assert/strict'
import { readFileSync, statSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { Lab } from '../../dist/index.js'

export const tests = {
  'a node is in a cgroup of its own, which is the root of what it sees; pause freezes it': async () => {
    const lab = await Lab.up('name: frozen\nnodes: {a: {}, b: {}}')
    try {
      const { nodes } = await lab.inspect()
      assert.notEqual(nodes[0].cgroup, null)
      assert.notEqual(nodes[0].cgroup, nodes[1].cgroup)
      assert.match((await lab.node('a').exec(['cat', '/proc/self/cgroup'])).stdout, /^0::\/$/m)
      const counter = 'while :; do echo >> /run/count; done'
      await lab.node('a').exec(['sh', '-c', `(${counter}) > /dev/null 2>&1 &`])
      const count = () => statSync(`/proc/${nodes[0].pid}/root/run/count`).size
      const isCounting = async () => {
        const before = count()
        await setTimeout(1000)
        return count() > before
      }
      await setTimeout(500)
      assert.ok(await isCounting())
      await lab.node('a').pause()
      assert.ok(!(await isCounting()))
      assert.equal((await lab.inspect()).nodes[0].status, 'paused')
      assert.match(readFileSync(`/sys/fs/cgroup${nodes[0].cgroup}/cgroup.events`, 'utf8'), /^frozen 1$/m)
      await lab.node('a').resume()
      assert.ok(await isCounting())
      await lab.pause()
    } finally {
      await lab.down()
    }
    assert.deepEqual(Lab.list(), [])
  },
}
