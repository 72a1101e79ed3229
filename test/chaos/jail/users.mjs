// The users of a jail, and the ids that are theirs. No other program on the machine has these ids, so whatever is theirs is of
// the jail.

/** Root of the machine; a user without subordinate ids; one with a range of them, for newuidmap(1). */
export const USERS = {
  root: { uid: 0 },
  'chaos-plain': { uid: 61_001 },
  'chaos-ranged': { uid: 61_002 },
}

/** First of the 65,536 subordinate ids of a user. */
export const SUBORDINATE = { root: 1_400_000_000, 'chaos-ranged': 1_500_000_000 }

/** @param {number} uid of the machine @returns {boolean} whether nobody outside of a jail has it */
export const isOfJail = (uid) =>
  Object.values(USERS).some((user) => user.uid !== 0 && user.uid === uid) ||
  Object.values(SUBORDINATE).some((first) => uid >= first && uid < first + 65_536)

/** @param {keyof typeof USERS} name */
export const environmentOf = (name) => ({
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: `/tmp/home-${name}`,
  NO_COLOR: '1',
  ...(name === 'root' ? {} : { XDG_RUNTIME_DIR: `/run/user/${USERS[name].uid}` }),
})
