// The entry `nslab/vitest`: tests with a lab, and matchers for its nodes, which every `expect` has once this is imported.
import { expect } from 'vitest'
import type { LabNode } from './lab/lab-node.js'
import { type AddressOptions, toHaveAddress } from './vitest/address.js'
import { type ReachOptions, toReach, toReachOverTcp, toReachOverUdp } from './vitest/reach.js'
import { type RouteOptions, toHaveRoute } from './vitest/route.js'

export { type LabFixtures, type LabTestOptions, labTest, type TopologyFile } from './vitest/lab-test.js'
export type { Within } from './vitest/within.js'
export type { AddressOptions, ReachOptions, RouteOptions }

declare module 'vitest' {
  // biome-ignore lint/suspicious/noExplicitAny: as Vitest declares it
  interface Matchers<T = any> {
    /** Whether pings from this node get an answer. */
    toReach: (target: LabNode | string, options?: ReachOptions) => Promise<void>
    toReachOverTcp: (target: LabNode | string, port: number, options?: ReachOptions) => Promise<void>
    toReachOverUdp: (target: LabNode | string, port: number, options?: ReachOptions) => Promise<void>
    toHaveRoute: (destination: string, options?: RouteOptions) => Promise<void>
    toHaveAddress: (address: string, options?: AddressOptions) => Promise<void>
  }
}

expect.extend({ toReach, toReachOverTcp, toReachOverUdp, toHaveRoute, toHaveAddress })
