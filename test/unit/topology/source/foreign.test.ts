// Files of other tools are recognised; topologies of nslab are not taken for one.
import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { foreignKind } from '../../../../src/topology/source/foreign.js'

test.each([
  [
    'a containerlab topology',
    'name: srl\ntopology:\n  nodes:\n    a: {kind: linux}\n  links:\n    - endpoints: ["a:e1", "b:e1"]\n',
  ],
  ['a docker compose file', 'services:\n  web:\n    image: nginx\n'],
  ['a docker compose file', 'services: {web: {image: nginx}, db: { restart: always, build: . }}\n'],
  ['a containerlab topology', 'name: x\ntopology: {nodes: {a: {kind: linux}}}\n'],
  ['a netlab topology', 'provider: clab\nmodule: [ospf]\nnodes: [r1, r2]\nlinks: [r1-r2]\n'],
  ['a Vagrantfile', 'Vagrant.configure("2") do |config|\n  config.vm.box = "x"\nend\n'],
  ['a GNS3 project', '{\n  "name": "x", "project_id": "1", "topology": {"nodes": []}\n}\n'],
  ['a MiniEdit network of Mininet', '{"application": {}, "hosts": [], "links": [], "switches": []}'],
  ['a Mininet script', '#!/usr/bin/env python\nfrom mininet.net import Mininet\n'],
  ['a Kathará lab.conf', 'LAB_NAME="x"\npc1[0]="A"\npc1[image]="kathara/base"\n'],
  ['an EVE-NG lab', '<?xml version="1.0"?>\n<lab name="x"><topology><nodes/></topology></lab>'],
  ['a GraphML file', '<graphml xmlns="x"><graph/></graphml>'],
  ['a Graphviz file', 'graph G {\n  a -- b\n}\n'],
  ['a netplan file', 'network:\n  version: 2\n  ethernets: {}\n'],
  ['a shell script', '#!/bin/bash\nip netns add a\n'],
])('%s', (kind, text) => {
  expect(foreignKind(text)).toBe(kind)
})

const shipped = readdirSync('topologies').filter((file) => file.endsWith('.yaml'))

test.each(shipped)('%s is no file of another tool', (file) => {
  expect(foreignKind(readFileSync(`topologies/${file}`, 'utf8'))).toBe(null)
})

test('a text of line ends alone is looked through at once', () => {
  // With \s for the indentation, each line end would begin a search through all that follow: ten minutes.
  expect(foreignKind(`vars: {x: ${'\r'.repeat(300_000)}`)).toBeNull()
})
