// Texts stay as they are written, whatever YAML reads in them.
import { expect, test } from 'vitest'
import { parseTopology } from '../../../../src/topology/source/parse.js'

const node = (text: string, set?: Record<string, string>) =>
  parseTopology(`vars: {v: 1.10}\nnodes: {a: ${text}, b: {}}`, set ? { set } : {}).nodes.get('a')

test('a number, true or false is a text where the schema takes texts', () => {
  const written = '{S: 1.10, T: 00123, G: 0x10, H: 12345678901234567890, O: 0o17, E: 1e3, B: True, I: .inf}'
  const texts = {
    ...{ S: '1.10', T: '00123', G: '0x10', H: '12345678901234567890', O: '0o17', E: '1e3', B: 'True' },
    I: '.inf',
  }
  expect(node(`{env: ${written}}`)?.env).toEqual(texts)
  expect(node(`{labels: ${written}}`)?.labels).toEqual(texts)
  expect(node('{files: {/etc/a: 0010, /etc/b: {content: 1.0, mode: 0600}}}')?.files).toEqual({
    '/etc/a': '0010',
    '/etc/b': { content: '1.0', mode: '0600' },
  })
  expect(node('{hostname: 007, domainname: 1.10, exec: [[sleep, 0.10]]}')).toMatchObject({
    ...{ hostname: '007', domainname: '1.10', exec: [['sleep', '0.10']] },
  })
})

test('a number is a number where the schema takes numbers', () => {
  expect(node('{mtu: 1400, rules: [{fwmark: 0x10, table: 1}]}')).toMatchObject({
    ...{ mtu: 1400, rules: [{ fwmark: 16, table: 1 }] },
  })
  expect(parseTopology('nodes: {a: {mtu: &n 0x578, env: {M: *n}}}').nodes.get('a')).toMatchObject({
    ...{ mtu: 1400, env: { M: '0x578' } },
  })
})

test('a variable keeps its text', () => {
  const env = '{env: {A: "${v}", B: "x${v}", C: "${w:-2.50}"}}'
  expect(node(env)?.env).toEqual({ A: '1.10', B: 'x1.10', C: '2.50' })
  expect(node(env, { w: '3.00' })?.env).toMatchObject({ C: '3.00' })
})

test('true and false are 1 and 0 for a sysctl, and all else stays', () => {
  const sysctls = '{sysctls: {net.a: true, net.b: False, net.c: 0x10}}'
  expect(node(sysctls)?.sysctls).toEqual({ 'net.a': '1', 'net.b': '0', 'net.c': '0x10' })
})

test('`repeat` keeps the zeros of a list', () => {
  expect([...parseTopology('nodes: {"h{i}": {repeat: [01, 02, 3]}}').nodes.keys()]).toEqual(['h01', 'h02', 'h3'])
})
