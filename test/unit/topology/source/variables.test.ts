// `${name}`: where values come from, what type they have, and what is wrong with them.
import { expect, test } from 'vitest'
import { LabError } from '../../../../src/errors.js'
import { parse, resolve, shown } from '../support.js'

const LINK = 'nodes: {a: {}, b: {}}\nlinks:\n  - endpoints: [a, b]\n    mtu: ${mtu}\n'

const mtuOf = (text: string, options = {}): number | undefined => resolve(text, options).links[0]?.mtu

test('a value from the file keeps its type where it stands alone', () => {
  expect(mtuOf(`vars: {mtu: 1400}\n${LINK}`)).toBe(1400)
  expect(shown(`vars: {mtu: "1400"}\n${LINK}`)).toEqual([
    '5:10 links.0.mtu: expected a number, got "1400" (mtu = 1400)',
  ])
  expect(parse('vars: {n: 7}\nnodes: {a: {hostname: "h${n}"}}').nodes.get('a')?.hostname).toBe('h7')
})

test('--set wins over the environment, that over the default', () => {
  const text = `vars: {mtu: {env: LAB_MTU, default: 1300}}\n${LINK}`
  const environment = (name: string) => ({ LAB_MTU: '1400', HOME: '/root' })[name]
  expect(mtuOf(text)).toBe(1300)
  expect(mtuOf(text, { environment })).toBe(1400)
  expect(mtuOf(text, { environment, set: { mtu: '1500' } })).toBe(1500)
})

test('of the environment, only what the file names is read', () => {
  const asked: string[] = []
  const environment = (name: string) => {
    asked.push(name)
    return undefined
  }
  expect(
    shown('vars: {image: {env: IMAGE}}\nnodes: {a: {hostname: "${image}", domainname: "${HOME}"}}', { environment }),
  ).toEqual([
    '2:23 nodes.a.hostname: the variable image has no value: the environment has no IMAGE',
    '2:47 nodes.a.domainname: the variable HOME has no value; give it one under `vars`, or with --set HOME=…',
  ])
  expect(asked).toEqual(['IMAGE'])
})

test('a text from outside takes the type of the value that it replaces', () => {
  const text = 'vars: {site: "1"}\nnodes: {a: {hostname: "${site}"}}'
  expect(parse(text, { set: { site: '2' } }).nodes.get('a')?.hostname).toBe('2')
  expect(shown(`vars: {mtu: 1400}\n${LINK}`, { set: { mtu: 'big' } })).toEqual([
    '1:8 vars.mtu: mtu is given as "big", and its default is the number 1400',
  ])
})

test('a default can stand at the place itself', () => {
  const text = LINK.replace('${mtu}', '${mtu:-1400}')
  expect(mtuOf(text)).toBe(1400)
  expect(mtuOf(text, { set: { mtu: '1450' } })).toBe(1450)
  expect(mtuOf(`vars: {mtu: }\n${text}`)).toBe(1400)
  expect(parse('nodes: {a: {domainname: "x${y:-}z"}}').nodes.get('a')?.domainname).toBe('xz')
})

test('names of nodes, and values of variables below, can have variables in them', () => {
  const text =
    'vars: {site: fra, host: "${site}-web"}\nnodes: {"${host}": {}, "${site}-db": {}}\nlinks: [["${host}", "${site}-db"]]'
  expect(resolve(text).nodes.map(({ name }) => name)).toEqual(['fra-web', 'fra-db'])
  expect(shown('vars: {b: "${a}", a: 1}\nnodes: {a: {hostname: "${b}"}}')).toEqual([
    '1:11 vars.b: the variable a has no value here: a variable can use those above it alone',
  ])
  expect(shown('vars: {a: "${b}", b: "${a}"}\nnodes: {a: {hostname: "${b}"}}')).toEqual([
    '1:11 vars.a: the variable b has no value here: a variable can use those above it alone',
  ])
  expect(shown('vars: {x: a}\nnodes: {a: {}, "${x}": {}}')).toEqual(['2:16 nodes.${x}: a is there twice (x = a)'])
})

test('a doubled dollar sign writes a brace that is no variable', () => {
  const { nodes } = parse('nodes: {a: {domainname: "$${HOME}/$x/${y:-$}"}}')
  expect(nodes.get('a')?.domainname).toBe('${HOME}/$x/$')
})

test('what is no variable is refused, once, where it stands', () => {
  const fault = (text: string) => shown(`nodes:\n  a: {hostname: "${text}"}`)
  expect(fault('${HOME%/*}')).toEqual([
    '2:17 nodes.a.hostname: ${HOME%/*} is not ${NAME} or ${NAME:-DEFAULT}; write $${ for a text that begins like that',
  ])
  expect(fault('${x')).toEqual(['2:17 nodes.a.hostname: ${x has no closing brace'])
  expect(fault('${}')).toHaveLength(1)
  expect(fault('${__proto__}')).toHaveLength(1)
  expect(shown('vars: {site: x}\nnodes: {a: {hostname: "${sit}"}}')).toEqual([
    '2:23 nodes.a.hostname: the variable sit has no value; did you mean site?',
  ])
})

test('a variable cannot make a key that JavaScript gives a meaning to', () => {
  expect(shown('vars: {x: __proto__}\nnodes: {a: {sysctls: {"${x}": 1}}}')).toEqual([
    '2:23 nodes.a.sysctls.${x}: __proto__ cannot be a key',
  ])
})

test('in brackets and braces, YAML wants quotes around a variable, and the message says so', () => {
  const [fault] = shown('nodes: {a: {hostname: ${x}}}')
  expect(fault).toMatch(/^1:2\d : inside \[ \] and \{ \}, a text with braces is put in quotes$/)
})

test('setting what the topology does not have is wrong usage', () => {
  const set = () => parse(`vars: {mtu: 1400}\n${LINK}`, { set: { mut: '1' } })
  expect(set).toThrow(new LabError('USAGE', 'lab.yaml has no variable mut; did you mean mtu?'))
})

test('what is declared wrong is told at the declaration', () => {
  expect(shown('vars: {1a: x, b: [1], c: {env: X, defalt: 1}}\nnodes: {a: {}}')).toEqual([
    '1:8 vars.1a: 1a: a variable is called like mtu or site_name',
    '1:18 vars.b: expected a text, a number, true or false, nothing or a map, got a list',
    '1:35 vars.c.defalt: unknown key defalt; did you mean default?',
  ])
})

test.each(['2.50', '2.5', '04', '+4', '1e3', '0x10'])(
  '%s takes the place of a number and stays as it is written',
  (text) => {
    const topology = parse('vars: {v: 1.10}\nnodes: {a: {labels: {release: "${v}", name: "r-${v}"}}}', {
      set: { v: text },
    })
    expect(topology.nodes.get('a')?.labels).toEqual({ release: text, name: `r-${text}` })
  },
)

test('a number with a zero in front is a number, as YAML reads it in the file', () => {
  expect(mtuOf(`vars: {mtu: 1400}\n${LINK}`, { set: { mtu: '01450' } })).toBe(1450)
  expect(mtuOf(`vars: {mtu: 01450}\n${LINK}`)).toBe(1450)
})
