// What users other than root can do: make user namespaces, and have more than one id in them.
import { type Check, limited, missing, ok } from './check.js'
import type { Facts } from './facts.js'
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
  if (uid === 0) return ok(name, uids > 0 && gids > 0 ? `${uids} uids, ${gids} gids` : 'the default, 100000 to 165535')
  const found = `${uids} uids, ${gids} gids${hasHelpers ? '' : ', no newuidmap and newgidmap'}`
  if (hasHelpers && uids >= ENOUGH_IDS && gids >= ENOUGH_IDS) return ok(name, found)
  const ranges = `lines \`${uid}:100000:65536\` in /etc/subuid and /etc/subgid`
  const helpers = '`apt-get install uidmap`'
  const hasRanges = uids >= ENOUGH_IDS && gids >= ENOUGH_IDS
  return limited(name, {
    detail: found,
    cost: 'nodes have one user, root: daemons that change user fail',
    remedy: [...(hasHelpers ? [] : [helpers]), ...(hasRanges ? [] : [ranges])].join(', and '),
  })
}
