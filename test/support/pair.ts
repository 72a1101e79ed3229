// A test with a lab of two hosts, made by the library in this process: h1 ── h2.
import { Lab, type LabNode } from '../../src/index.js'
import { test, uniqueName } from './lab.js'

/** The text of such a lab. @param name begins its name */
export const pairTopology = (name: string) => `{name: ${uniqueName(name)}, nodes: {h1: {}, h2: {}}, links: [[h1, h2]]}`

/** @param name begins the name of the lab */
export const pairTest = (name: string) =>
  test.extend<{ lab: Lab; h1: LabNode; h2: LabNode }>({
    lab: async ({ stateDirectory }, use) => {
      void stateDirectory
      await using lab = await Lab.up(pairTopology(name))
      await use(lab)
    },
    h1: async ({ lab }, use) => use(lab.node('h1')),
    h2: async ({ lab }, use) => use(lab.node('h2')),
  })
