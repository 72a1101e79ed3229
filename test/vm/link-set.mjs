// `link set` on links that netem emulates: what tc(8) reads afterwards, and what a ping takes.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { Lab, parseTopology, resolveTopology } from '../../dist/index.js'

const RUN = join(import.meta.dirname, '../../bin/run.js')

const qdiscs = (lab, node, name) =>
  JSON.parse(
    execFileSync('tc', ['-n', `${lab.name}.${node}`, '-j', '-s', 'qdisc', 'show', 'dev', name], { encoding: 'utf8' }),
  ).filter(({ kind }) => kind !== 'noqueue')

function set(...words) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [RUN, 'link', 'set', ...words], { encoding: 'utf8' })
  return { status, text: stdout + stderr }
}

const segments = (lab, node) =>
  JSON.parse(
    execFileSync('ip', ['-n', `${lab.name}.${node}`, '-j', '-d', 'link', 'show', 'dev', 'eth0'], { encoding: 'utf8' }),
  )[0].gso_max_segs

export const tests = {
  'a plain link gets netem, keeps it where it can, and loses it': async () => {
    const lab = await Lab.up(
      resolveTopology(parseTopology('name: netem-set\nnodes: {a: {}, b: {}}\nlinks: [[a, b]]')),
      {
        persist: true,
      },
    )
    try {
      assert.equal(segments(lab, 'a'), 65_535)
      const first = set(
        'netem-set/a',
        'delay=20ms',
        'jitter=1ms',
        'jitter.distribution=normal',
        'rate=10mbit',
        'queue=40',
      )
      assert.equal(first.status, 0, first.text)
      assert.match(first.text, /\(netem\)/)
      assert.equal(segments(lab, 'a'), 1)
      assert.deepEqual(
        qdiscs(lab, 'a', 'eth0').map(({ kind }) => kind),
        ['netem', 'tbf', 'pfifo'],
      )
      await lab.node('a').ping('b', { count: 5, intervalMs: 50 })
      const counted = qdiscs(lab, 'a', 'eth0')[0].packets
      assert.ok(counted >= 5)
      // In place: what was counted stays.
      const second = set('netem-set/a', 'delay=40ms', 'loss=0.001%')
      assert.equal(second.status, 0, second.text)
      const [netem, , pfifo] = qdiscs(lab, 'a', 'eth0')
      assert.ok(netem.packets >= counted)
      assert.equal(pfifo.options.limit, 40)
      assert.equal(Math.round(netem.options.delay.delay * 1000), 40)
      assert.equal(Math.round(netem.options.delay.jitter * 1000), 1)
      const { rttMs } = await lab.node('a').ping('b', { count: 5, intervalMs: 50 })
      assert.ok(rttMs.min >= 36 && rttMs.min < 50, JSON.stringify(rttMs))
      // A table cannot be removed, so netem is made anew.
      const third = set('netem-set/a', 'jitter.distribution=uniform')
      assert.equal(third.status, 0, third.text)
      assert.ok(qdiscs(lab, 'a', 'eth0')[0].packets < counted)
      const last = set('netem-set/a', '--clear')
      assert.equal(last.status, 0, last.text)
      assert.deepEqual(qdiscs(lab, 'a', 'eth0'), [])
      assert.equal(segments(lab, 'a'), 65_535)
    } finally {
      await lab.down()
    }
  },
}
