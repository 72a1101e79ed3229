// Ways of breaking a lab: `why` names that cause and no other, its remedy mends it, and then it says that all works. The tests of a
// file share one lab, which is made anew after a failure.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Explanation, Lab } from '../../../../src/index.js'
import type { WhyOptions } from '../../../../src/lab/why/explain.js'
import { resolveTopology } from '../../../../src/topology/resolve.js'
import { parseTopology } from '../../../../src/topology/source/parse.js'
import { runCli, uniqueName } from '../../../support/lab.js'

/** Node and shell command. `nslab` stands for the command line itself, whose words follow, `kill` for the end of the node that follows. */
export type Step = [node: string, command: string]

export interface Break {
  name: string
  /** What is asked of h1. */
  to?: string
  options?: Partial<WhyOptions>
  broken: Step[]
  /** Of the cause: code, node and interface. */
  cause: [code: string, node: string, device: string | null]
  /** Of the sentence. */
  words?: RegExp
  evidence?: RegExp
  /** Where the cause has no remedy, or the remedy alone does not bring back what the kernel forgot. */
  mend?: Step[]
  /** After the remedy. */
  alsoMend?: Step[]
  /** What takes away the rest, when all works. */
  clean?: Step[]
  /** Whether it works before: not where a service must be started to mend it. */
  worksBefore?: boolean
  /** What this machine lacks. */
  skip?: boolean
}

export function breaks(name: string, topology: string, all: readonly Break[], prepare: Step[] = []): void {
  describe.skipIf(process.getuid?.() !== 0)(name, () => {
    let lab: Lab | null = null
    let directory = ''
    const up = async (): Promise<Lab> => {
      if (lab) return lab
      lab = await Lab.up(resolveTopology(parseTopology(`name: ${uniqueName('why2')}\n${topology}`)))
      for (const step of prepare) await sh(step)
      return lab
    }
    /** As it is now: a node that is restarted has another first process. */
    const attached = (): Lab => Lab.attach(lab?.name)
    const down = async () => {
      await lab?.down()
      lab = null
    }
    const sh = async ([node, command]: Step): Promise<void> => {
      if (node === 'nslab') {
        const { status, stderr } = runCli(command.split(' '), { env: { NSLAB_STATE_DIR: directory } })
        expect({ command, status, stderr }).toMatchObject({ command, status: 0 })
        return
      }
      if (node === 'kill') {
        const { pid } = attached().node(command)
        process.kill(pid, 'SIGKILL')
        await expect
          .poll(async () => (await attached().inspect()).nodes.find(({ name }) => name === command)?.status)
          .toBe('dead')
        return
      }
      const { exitCode, stderr } = await attached().node(node).exec(['sh', '-c', command])
      expect({ command, exitCode, stderr }).toEqual({ command, exitCode: 0, stderr: '' })
    }
    beforeAll(() => {
      directory = mkdtempSync(join(tmpdir(), 'nslab-why-'))
      process.env.NSLAB_STATE_DIR = directory
    })
    afterEach(async ({ task }) => {
      if (task.result?.state === 'fail') await down()
    })
    afterAll(async () => {
      await down()
      delete process.env.NSLAB_STATE_DIR
      rmSync(directory, { recursive: true, force: true })
    })

    for (const {
      to = 'h2',
      options = {},
      broken,
      cause,
      words,
      evidence = /./,
      mend = [],
      alsoMend = [],
      clean = [],
      worksBefore = true,
      ...about
    } of all)
      test.skipIf(about.skip === true)(about.name, async () => {
        const isFresh = lab === null
        await up()
        const why = (): Promise<Explanation> => attached().node('h1').why(to, options)
        // Each test leaves what the next one finds.
        if (worksBefore && isFresh)
          await expect.poll(why, { timeout: 5000 }).toMatchObject({ works: true, cause: null })
        for (const step of broken) await sh(step)

        const found = await why()
        expect([found.cause?.code, found.cause?.node, found.cause?.interface, found.sentence]).toEqual([
          ...cause,
          expect.stringMatching(words ?? /^h1 cannot reach /),
        ])
        expect(found.cause?.evidence).toMatch(evidence)
        expect(found.works).toBe(false)
        const { remedy = null, command = null, node = '' } = found.cause ?? {}
        if (mend.length === 0 && remedy !== null) await sh([node, remedy])
        else if (mend.length === 0) await sh(['nslab', (command ?? 'nslab false').replace(/^nslab /, '')])
        for (const step of [...mend, ...alsoMend]) await sh(step)
        // Interfaces that come up carry frames only when the kernel has seen their carriers.
        await expect.poll(why, { timeout: 5000 }).toMatchObject({ works: true, cause: null })
        for (const step of clean) await sh(step)
      })
  })
}
