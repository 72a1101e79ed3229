// Who speaks netlink in the networks of a lab for this program.
import type { NetworkCalls } from '../calls/network-calls.js'
import { ownCalls } from '../calls/own-calls.js'
import type { RunningLab } from '../record/select.js'
import { needsOuterNamespace } from '../who/outer-namespace.js'
import { HelperPool } from './helper-pool.js'
import { RemoteCalls } from './remote-calls.js'

/** The helpers of this program, of which each serves many labs. */
const remoteCalls = new RemoteCalls(new HelperPool())

/** @param lab null for one that is to be built */
export const callsFor = (lab: RunningLab | null): NetworkCalls =>
  needsOuterNamespace() && (lab === null || lab.state.rootless) ? remoteCalls : ownCalls
