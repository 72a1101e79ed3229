// Checks whether root has what labs need, and whether users other than root can make user namespaces, and have more than one id in them.
import { type Check, limited, missing, ok, required } from './check.js'
import type { Facts, IdSpan } from './facts.js'
import { refusalDetail, refusalRemedy } from './refusals.js'

/** Ids that a system's own users and daemons need: `nobody` is 65534. SUB_UID_COUNT of login.defs(5) is one more than this. */
const ENOUGH_IDS = 65_535
/** asm-generic/errno-base.h */
const EPERM = 1
const ENOSPC = 28

export const userChecks = (facts: Facts): Check[] => [
  required(capabilityCheck(facts)),
  unprivilegedCheck(facts),
  subordinateCheck(facts),
]

function capabilityCheck({ uid, lackedCapabilities: lacked }: Facts): Check {
  const name = 'capabilities'
  if (lacked.length === 0) return ok(name, uid === 0 ? 'root has those that labs need' : 'only root needs any')
  const options = lacked.map((each) => `--cap-add ${each.replace(/^CAP_/, '')}`).join(' ')
  return missing(name, {
    detail: `root has no ${lacked.join(' and no ')}, as in a container`,
    cost: 'no lab',
    remedy: `\`docker run ${options}\`, or --privileged`,
  })
}

function unprivilegedCheck(facts: Facts): Check {
  const name = 'unprivileged'
  const errno = facts.uid === 0 ? forbiddenBySetting(facts) : facts.namespaces.user.errno || (facts.refusal?.errno ?? 0)
  if (errno === 0) return ok(name, facts.uid === 0 ? 'no setting forbids it' : 'user namespaces can be made')
  const anybody = { uid: facts.uid || 1, sysctls: facts.sysctls }
  return missing(name, {
    detail: `user namespaces are refused: ${refusalDetail(errno, 'user', anybody)}`,
    cost: 'labs of root only',
    remedy: refusalRemedy(errno, 'user', anybody),
  })
}

/** The errno that another user would get. Root cannot find out by trying, since these settings do not apply to root. */
function forbiddenBySetting({ sysctls }: Facts): number {
  if (sysctls.maxNamespaces.user === 0) return ENOSPC
  return sysctls.unprivilegedUsernsClone === 0 || sysctls.apparmorRestrictUnprivilegedUserns === 1 ? EPERM : 0
}

function subordinateCheck({ uid, subordinateIds }: Facts): Check {
  const { uids, gids, unused, reserve, hasHelpers, foreignGroup, free } = subordinateIds
  const name = 'subids'
  const cost = 'nodes have one user, root: daemons that change user fail'
  const notUsed = unused.map((text) => `; not used: ${text}`).join('')
  const hasRanges = countOf(uids) >= ENOUGH_IDS && countOf(gids) >= ENOUGH_IDS
  // Root maps ids without a grant and without helpers, but root of a user namespace may have few ids itself.
  if (uid === 0) {
    const reserved = reserve === null ? '' : `, which nobody else gets: ${reserve}`
    const detail = `uids ${spanText(uids)}, gids ${spanText(gids)}${reserved}${notUsed}`
    if (hasRanges) return ok(name, detail)
    const remedy = 'give more ids to this user namespace or container'
    return limited(name, { detail, cost: countOf(uids) > 1 ? 'daemons that change to other users fail' : cost, remedy })
  }
  const refused = foreignGroup !== null && `newuidmap refuses a process of group ${foreignGroup}, not the user's own`
  const found = [
    `${countOf(uids)} uids, ${countOf(gids)} gids`,
    ...(hasHelpers ? [] : ['no newuidmap and newgidmap']),
    ...(refused ? [refused] : []),
  ].join(', ')
  const remedies = [
    ...(hasHelpers ? [] : ['`apt-get install uidmap`']),
    ...(hasRanges ? [] : [`lines \`${uid}:${free}:65536\` in /etc/subuid and /etc/subgid`]),
    ...(refused ? ['leave the shell of newgrp(1) or sg(1), or log in again'] : []),
  ]
  if (remedies.length === 0) return ok(name, `${found}${notUsed}`)
  return limited(name, { detail: `${found}${notUsed}`, cost, remedy: remedies.join(', and ') })
}

const countOf = (spans: readonly IdSpan[]): number => spans.reduce((sum, { count }) => sum + count, 0)

const spanText = (spans: readonly IdSpan[]): string =>
  spans.map(({ start, count }) => (count === 1 ? String(start) : `${start} to ${start + count - 1}`)).join(' and ')
