// The places at which a command can be attacked: its system calls, of one role and about one object each.

/**
 * @typedef {object} Site
 * @property {string} role of inject.c: `cli`, `lab`, `lab+1`, …
 * @property {string} call
 * @property {string} object with `#` for each number
 * @property {number[]} nths which calls of this role, name and object are the program's own, from 1 on
 */

/** Of nslab: the command line, the verbs of the shim, and what these have forked. */
const ROLE = /^(?:cli|lab|spawn|wire|addresses|exec|ping|rootless|probe|clone)(?:\+\d+)?$/
/** A program that is run from this file is nslab; what a process of the role `cli` does before is the start of Node.js. */
const ENTRY = /\/bin\/run\.js$/
/** Files that make up the program: a machine on which they cannot be read has no nslab. And what Node.js has for itself. */
const PROGRAM =
  /\/chaos\/project\/(?!topologies|native-shim)|^\/usr\/|^\/lib|\/bin\/node$|^\/etc\/(ld\.so|ssl|alpine)|^anon_inode:\[event|memory\.(limit|soft)|^\/proc\/(meminfo|self\/maps|#\/maps)/
/** What only V8, libuv and the C library use. */
const RUNTIME = new Set(
  `arch_prctl brk capget eventfd2 epoll_create1 epoll_ctl epoll_pwait epoll_wait exit exit_group futex getegid geteuid getgid
   getpid getppid getrandom gettid getuid io_uring_setup lseek madvise mprotect munmap nanosleep pkey_alloc prlimit64 rseq
   restart_syscall rt_sigaction rt_sigprocmask rt_sigreturn sched_getaffinity sched_yield set_robust_list set_tid_address
   sigaltstack sysinfo times uname umask pause getcwd`.split(/\s+/),
)

/**
 * @param {readonly { role: string, call: string, object: string }[]} trace of command.mjs
 * @returns {Site[]} in the order in which they were met first
 */
export function sitesOf(trace) {
  const sites = new Map()
  let starting = true
  for (const { role, call, object } of trace) {
    if (role === 'start' || (role === 'rootless' && call === 'execve')) starting = true
    if (role === 'cli' && call === 'openat' && ENTRY.test(object)) starting = false
    const key = `${role}\t${call}\t${object}`
    const site = sites.get(key) ?? { role, call, object, count: 0, nths: [] }
    sites.set(key, site)
    site.count++
    if (!ROLE.test(role) || (role === 'cli' && starting)) continue
    if (!isOfRuntime(role, call, object)) site.nths.push(site.count)
  }
  return [...sites.values()].filter(({ nths }) => nths.length > 0)
}

function isOfRuntime(role, call, object) {
  if (RUNTIME.has(call)) return true
  if (!role.startsWith('cli')) return false
  // The standard streams are sockets; by pipes libuv talks to its own threads and to what it has just forked.
  const isOfUv = call === 'mmap' || object.startsWith('pipe:') || (role !== 'cli' && call === 'pipe2')
  return isOfUv || (PROGRAM.test(object) && call !== 'execve')
}
