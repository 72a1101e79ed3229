// `pause` and `resume` of a lab whose link runs through the lab's wire, which is stopped or has failed.
//
//   a ── wire ── b
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { expect } from 'vitest'
import { type Cli, test, uniqueName } from '../../../support/lab.js'

const LINK = '{endpoints: [a, b], emulation: wire, delay: 20ms}'

function start(nslab: Cli): string {
  const name = uniqueName('wire')
  const input = `nodes: {a: {}, b: {}}\nlinks: [${LINK}]`
  expect(nslab(['up', '-', '--name', name], { input })).toMatchObject({ status: 0 })
  return name
}

const statusOf = (nslab: Cli, name: string) =>
  nslab(['ls', '--json'])
    .json()
    .labs.find((lab: { name: string }) => lab.name === name)?.status

/** PIDs of the processes with this title, without those that have ended and are not reaped. */
const titled = (title: string): number[] =>
  execFileSync('ps', ['-eo', 'pid=,stat=,args='], { encoding: 'utf8' })
    .split('\n')
    .flatMap((line) => {
      const [, pid, args] = /^ *(\d+) +[^Z ]\S* +(.*)$/.exec(line) ?? []
      return args === title ? [Number(pid)] : []
    })
const wireOf = (name: string) => titled(`nslab: ${name} wire`)[0] as number

/** Kills the wire, and waits until the keeper has reaped it and another one runs, or none. */
async function killWire(name: string): Promise<void> {
  const pid = wireOf(name)
  process.kill(pid, 'SIGKILL')
  for (let tries = 0; tries < 500 && titled(`nslab: ${name} wire`).includes(pid); tries++) await setTimeout(10)
}

test('a wire that is stopped keeps no node from going on and no lab from going down', ({ nslab }) => {
  const name = start(nslab)
  const wire = wireOf(name)
  const timedOut = { status: 5, stderr: expect.stringMatching(/the lab's wire.*ETIMEDOUT.*\nhint: .*kill -CONT/) }

  process.kill(wire, 'SIGSTOP')
  expect(nslab(['pause', name])).toMatchObject(timedOut)
  expect(statusOf(nslab, name)).toBe('running')
  expect(nslab(['link', 'ls', name])).toMatchObject({ status: 0, stdout: expect.stringContaining('does not answer') })
  expect(nslab(['inspect', name, '--json']).json().wire).toEqual({ status: 'silent', restarts: 0, lost: 0 })

  process.kill(wire, 'SIGCONT')
  expect(nslab(['pause', name])).toMatchObject({ status: 0 })
  process.kill(wire, 'SIGSTOP')
  expect(nslab(['resume', name])).toMatchObject(timedOut)
  expect(statusOf(nslab, name)).toBe('running')
  process.kill(wire, 'SIGCONT')
  expect(nslab(['resume', name])).toMatchObject({ status: 0 })
  expect(nslab(['ping', `${name}/a`, `${name}/b`, '-c', '1'])).toMatchObject({ status: 0 })

  process.kill(wire, 'SIGSTOP')
  expect(nslab(['down', name])).toMatchObject({ status: 0 })
  expect(() => readFileSync(`/proc/${wire}/cmdline`)).toThrow('ENOENT')
})

test('a keeper that is stopped is named, and the lab goes down', ({ nslab }) => {
  const name = start(nslab)
  const [keeper] = titled(`nslab: ${name}`)
  process.kill(keeper as number, 'SIGSTOP')
  expect(nslab(['pause', name])).toMatchObject({
    status: 5,
    stderr: expect.stringMatching(/the keeper.*ETIMEDOUT.*\nhint: .*kill -CONT/),
  })
  expect(nslab(['down', name])).toMatchObject({ status: 0 })
})

/** Until it is not started again. */
async function endWire(name: string): Promise<void> {
  await killWire(name)
  for (let tries = 0; tries < 500 && wireOf(name) === undefined; tries++) await setTimeout(10)
  await killWire(name)
  for (let tries = 0; tries < 500 && wireOf(name) !== undefined; tries++) await setTimeout(10)
}

test('a lab whose wire fails while it is paused goes on', async ({ nslab }) => {
  const name = start(nslab)
  expect(nslab(['pause', name])).toMatchObject({ status: 0, stderr: '' })
  await endWire(name)
  expect(statusOf(nslab, name)).toBe('paused')
  expect(nslab(['inspect', name, '--json']).json().wire).toMatchObject({ status: 'ended' })
  expect(nslab(['resume', name])).toMatchObject({ status: 0, stderr: '' })
  expect(statusOf(nslab, name)).toBe('running')
})

test('a lab whose wire has failed is paused and goes on', async ({ nslab }) => {
  const name = start(nslab)
  await endWire(name)
  expect(nslab(['pause', name])).toMatchObject({ status: 0, stderr: '' })
  expect(statusOf(nslab, name)).toBe('paused')
  expect(nslab(['resume', name])).toMatchObject({ status: 0, stderr: '' })
  expect(statusOf(nslab, name)).toBe('running')
})
