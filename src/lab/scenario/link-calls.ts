// What scenarios do to links with netlink.
import { linkOf } from '../links/carrier.js'
import { endOf, type LinkEnd, otherEnd } from '../links/endpoint.js'
import { readForgettable } from '../links/forgotten.js'
import { LabNetwork } from '../links/lab-network.js'
import { type SetLinks, setImpairments } from '../links/set.js'
import { bringUp, takeDown } from '../links/state/link-state.js'
import type { RunningLab } from '../record/select.js'
import { type KnownFile, readerOf } from './known-files.js'

/** Impairments as a step writes them. */
export interface SetStep {
  words: readonly string[]
  /** Removes what is there first. */
  isCleared: boolean
  /** The files that the words name; null where they may name none. */
  files: readonly KnownFile[] | null
}

/** Endpoints are `NODE:INTERFACE`, or `NODE` for a node with one link. */
export interface LinkCalls {
  /** MTUs of the interfaces, in their order. Reads all that later calls will read, since the first time takes longer. */
  mtus(lab: RunningLab, endpoints: readonly string[]): Promise<number[]>
  setLinks(lab: RunningLab, endpoints: readonly string[], step: SetStep): Promise<Omit<SetLinks, 'changes'>>
  takeDown(lab: RunningLab, endpoints: readonly string[]): Promise<void>
  bringUp(lab: RunningLab, endpoints: readonly string[]): Promise<void>
}

export const ownLinkCalls: LinkCalls = {
  async mtus(lab, endpoints) {
    using network = new LabNetwork(lab.state.keeper)
    const mtus: number[] = []
    for (const end of endsOf(lab, endpoints)) {
      for (const each of [end, otherEnd(end)]) await readForgettable(network.of(each.node), each.index)
      mtus.push((await linkOf(network.of(end.node), end)).mtu)
    }
    return mtus
  },
  async setLinks(lab, endpoints, { words, isCleared, files }) {
    const setting = { words, isCleared, ...(files === null ? {} : { readSource: readerOf(files) }) }
    const { warnings, replaced } = await setImpairments(endsOf(lab, endpoints), setting)
    return { warnings, replaced }
  },
  takeDown: async (lab, endpoints) => void (await takeDown(endsOf(lab, endpoints))),
  bringUp: async (lab, endpoints) => void (await bringUp(endsOf(lab, endpoints))),
}

const endsOf = (lab: RunningLab, endpoints: readonly string[]): LinkEnd[] => endpoints.map((text) => endOf(lab, text))
