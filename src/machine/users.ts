// What users other than root can do: make user namespaces, and have more than one id in them.
import { type Check, limited, missing, ok } from './check.js'
import type { Facts, IdSpan } from './facts.js'
import { refusalDetail, refusalRemedy } from './refusals.js'

/** As many ids as a system's own users and daemons need (SUB_UID_COUNT of login.defs(5)). */
const ENOUGH_IDS = 65_536
/** asm-generic/errno-base.h */
const EPERM = 1
const ENOSPC = 28

export const userChecks = (facts: Facts): Check[] => [unprivilegedCheck(facts), subordinateCheck(facts)]

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

/** What another user's attempt would end with; root, whom no such setting binds, cannot try. */
function forbiddenBySetting({ sysctls }: Facts): number {
  if (sysctls.maxNamespaces.user === 0) return ENOSPC
  return sysctls.unprivilegedUsernsClone === 0 || sysctls.apparmorRestrictUnprivilegedUserns === 1 ? EPERM : 0
}

function subordinateCheck({ uid, subordinateIds: { uids, gids, hasHelpers } }: Facts): Check {
  const name = 'subids'
  // Root needs no leave to map ids, and no helper.
  if (uid === 0) return ok(name, `uids ${spanText(uids)}, gids ${spanText(gids)}`)
  const [uidCount, gidCount] = [uids?.count ?? 0, gids?.count ?? 0]
  const found = `${uidCount} uids, ${gidCount} gids${hasHelpers ? '' : ', no newuidmap and newgidmap'}`
  const hasRanges = uidCount >= ENOUGH_IDS && gidCount >= ENOUGH_IDS
  if (hasHelpers && hasRanges) return ok(name, found)
  const ranges = `lines \`${uid}:100000:65536\` in /etc/subuid and /etc/subgid`
  const helpers = '`apt-get install uidmap`'
  return limited(name, {
    detail: found,
    cost: 'nodes have one user, root: daemons that change user fail',
    remedy: [...(hasHelpers ? [] : [helpers]), ...(hasRanges ? [] : [ranges])].join(', and '),
  })
}

const spanText = (span: IdSpan | null): string => (span ? `${span.start} to ${span.start + span.count - 1}` : 'none')
