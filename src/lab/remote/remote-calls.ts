// The calls that speak netlink, made by helper processes.
import type { NetworkCalls } from '../calls/network-calls.js'
import type { RunningLab } from '../record/select.js'
import type { HelperPool } from './helper-pool.js'
import type { CallName, SentLab } from './messages.js'
import { RemoteCall } from './remote-call.js'
import { RemoteWatch } from './remote-watch.js'

/** Root of its outer user namespace, which a helper is, owns an ordinary user's lab there. */
const OWNER_IN_HELPER = 0

export class RemoteCalls implements NetworkCalls {
  constructor(private readonly helpers: HelperPool) {}

  build: NetworkCalls['build'] = async (topology, options) => {
    const helper = this.helpers.helperFor(null)
    const call = new RemoteCall(helper, 'build', [topology, options])
    const { state, directory, isHeld } = (await call.result) as SentLab
    this.helpers.assign(state.keeper, helper)
    return { state, directory, creator: isHeld ? helper.hold(call.id) : null }
  }

  apply = this.inLab('apply')
  diff = this.inLab('diff')
  inspect = this.inLab('inspect')
  check = this.inLab('check')
  mtus = this.inLab('mtus')
  setLinks = this.inLab('setLinks')
  takeDown = this.inLab('takeDown')
  bringUp = this.inLab('bringUp')

  watch: NetworkCalls['watch'] = (lab, options) =>
    new RemoteWatch(this.helpers.helperFor(lab.state.keeper), lab, options)

  private inLab<Name extends Exclude<CallName, 'build'>>(name: Name): NetworkCalls[Name] {
    const call = (lab: RunningLab, ...args: unknown[]) =>
      new RemoteCall(this.helpers.helperFor(lab.state.keeper), name, [{ ...lab, owner: OWNER_IN_HELPER }, ...args])
        .result
    return call as unknown as NetworkCalls[Name]
  }
}
