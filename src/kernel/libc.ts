// System calls that Node.js does not offer. The only importer of koffi, which is loaded at the first call. Every call is
// synchronous and throws a KernelError.
import { createRequire } from 'node:module'
import { constants } from 'node:os'
import type * as Koffi from 'koffi'
import { KernelError, LabError } from '../errors.js'
import { StringArray } from './string-array.js'
import { syncNothingAtExit } from './sync-nothing.js'

/** Bits of the namespace kinds (linux/sched.h). */
export const CLONE_NEWTIME = 0x0000_0080
export const CLONE_NEWNS = 0x0002_0000
export const CLONE_NEWCGROUP = 0x0200_0000
export const CLONE_NEWUTS = 0x0400_0000
export const CLONE_NEWIPC = 0x0800_0000
export const CLONE_NEWUSER = 0x1000_0000
export const CLONE_NEWPID = 0x2000_0000
export const CLONE_NEWNET = 0x4000_0000

/** System call numbers, the same on x86-64 and arm64 (asm/unistd.h). */
const SYS_PIDFD_SEND_SIGNAL = 424
const SYS_PIDFD_OPEN = 434
/** sys/file.h */
const LOCK_SH = 1
const LOCK_EX = 2
const LOCK_NB = 4
const LOCK_UN = 8
/** bits/socket.h */
const AF_UNIX = 1
const AF_NETLINK = 16
const SOCK_SEQPACKET = 5
const SOCK_CLOEXEC = 0o2000000
/** poll.h */
const POLLIN = 0x01
const POLLHUP = 0x10
const POLLNVAL = 0x20
/** Largest timeout of poll(2), which is an int: 24 days. */
const MAX_POLL_MS = 0x7fff_ffff
/** fcntl.h */
const F_SETFD = 2
const O_CLOEXEC = 0o2000000
/** bits/semaphore.h and bits/pthreadtypes.h */
const SIZEOF_SEM = 32
const SIZEOF_PTHREAD = 8
/** linux/netlink.h */
const SIZEOF_SOCKADDR_NL = 12

/** A C function that koffi has bound. */
type Call = (...args: unknown[]) => number

export interface Functions {
  errno: () => number
  addressOf: (bytes: Buffer) => bigint
  setns: Call
  unshare: Call
  flock: Call
  syscall: Call
  socketpair: Call
  pipe2: Call
  poll: Call
  setsockopt: Call
  getsockname: Call
  execve: Call
  fcntl: Call
  socket: Call
  connect: Call
  send: Call
  recv: Call
  ioctlPointer: Call
  ioctlNumber: Call
  pthreadCreate: Call
  pthreadJoin: Call
  semInit: Call
  semPost: Call
  /** Address of sem_wait(3). */
  semWait: unknown
}

/** Loaded once, at the first call (koffi takes 7 ms); constant from then on. */
let loaded: Readonly<Functions> | undefined

export const libc = (): Readonly<Functions> => (loaded ??= Object.freeze(load()))

function load(): Functions {
  const koffi = createRequire(import.meta.url)('koffi') as typeof Koffi
  const library = openLibrary(koffi)
  syncNothingAtExit(library)
  const program = koffi.load(null) // before glibc 2.34, thread functions are in libpthread, which Node.js has loaded already
  return {
    errno: () => koffi.errno(),
    addressOf: (bytes) => koffi.address(bytes),
    setns: library.func('int setns(int fd, int nstype)'),
    unshare: library.func('int unshare(int flags)'),
    flock: library.func('int flock(int fd, int operation)'),
    syscall: library.func('long syscall(long number, long a, long b, long c, long d)'),
    socketpair: library.func('int socketpair(int domain, int type, int protocol, void *sv)'),
    pipe2: library.func('int pipe2(void *fds, int flags)'),
    poll: library.func('int poll(void *fds, unsigned long nfds, int timeout)'),
    setsockopt: library.func('int setsockopt(int fd, int level, int name, void *value, unsigned int length)'),
    execve: library.func('int execve(const char *path, const void *argv, const void *envp)'),
    fcntl: library.func('int fcntl(int fd, int operation, int argument)'),
    socket: library.func('int socket(int domain, int type, int protocol)'),
    connect: library.func('int connect(int fd, void *address, unsigned int length)'),
    send: library.func('long send(int fd, void *bytes, unsigned long length, int flags)'),
    recv: library.func('long recv(int fd, void *bytes, unsigned long length, int flags)'),
    ioctlPointer: library.func('ioctl', 'int', ['int', 'unsigned long', 'void *']),
    ioctlNumber: library.func('ioctl', 'int', ['int', 'unsigned long', 'long']),
    getsockname: library.func('int getsockname(int fd, void *address, void *length)'),
    pthreadCreate: program.func('int pthread_create(void *thread, void *attributes, void *start, void *argument)'),
    pthreadJoin: program.func('int pthread_join(unsigned long thread, void *value)'),
    semInit: program.func('int sem_init(void *semaphore, int shared, unsigned int value)'),
    semPost: program.func('int sem_post(void *semaphore)'),
    semWait: program.symbol('sem_wait', 'void *'),
  }
}

function openLibrary(koffi: typeof Koffi): Koffi.LibraryHandle {
  try {
    return koffi.load('libc.so.6')
  } catch (cause) {
    const hint = 'use a distribution with glibc, such as Debian or Fedora, instead of one with musl'
    throw new LabError('FEATURE_MISSING', 'the GNU C library (libc.so.6) cannot be loaded', { cause, hint })
  }
}

/** The result of a call that did not fail. @throws KernelError for one that did */
export function checked(result: number, operation: string, target: string): number {
  if (result >= 0) return result
  throw new KernelError({ operation, target, errno: libc().errno() })
}

/**
 * Moves the calling thread into a namespace: setns(2).
 *
 * @param fd an open /proc/PID/ns/* file
 * @param kind the CLONE_NEW* bit that the namespace must have
 * @param target name of the namespace, for the error
 */
export function setns(fd: number, kind: number, target: string): void {
  checked(libc().setns(fd, kind), 'enter namespace', target)
}

/**
 * Moves the calling thread into new namespaces: unshare(2). The kernel makes a new user namespace only for a process with one
 * thread, so never for Node.js.
 *
 * @param kinds CLONE_NEW* bits
 */
export function unshare(kinds: number): void {
  checked(libc().unshare(kinds), 'make namespaces', `0x${kinds.toString(16)}`)
}

/**
 * Finds out whether `count` more threads can run at once: starts them with pthread_create(3) and ends them again.
 *
 * @throws KernelError EAGAIN when they cannot.
 */
export function tryThreads(count: number): void {
  const { pthreadCreate, pthreadJoin, semInit, semPost, semWait } = libc()
  const semaphore = Buffer.alloc(SIZEOF_SEM)
  semInit(semaphore, 0, 0)
  const threads: bigint[] = []
  let errno = 0
  while (errno === 0 && threads.length < count) {
    const thread = Buffer.alloc(SIZEOF_PTHREAD)
    errno = pthreadCreate(thread, null, semWait, semaphore)
    if (errno === 0) threads.push(thread.readBigUInt64LE())
  }
  for (const _ of threads) semPost(semaphore)
  for (const thread of threads) pthreadJoin(thread, null)
  if (errno !== 0)
    throw new KernelError({ step: 'start-threads', operation: 'start', target: `${count} threads`, errno })
}

/** Locks an open file description: flock(2). @returns false when the lock is taken and `wait` is false. */
export function flock(fd: number, { exclusive, wait }: { exclusive: boolean; wait: boolean }): boolean {
  const operation = (exclusive ? LOCK_EX : LOCK_SH) | (wait ? 0 : LOCK_NB)
  for (;;) {
    if (libc().flock(fd, operation) === 0) return true
    const errno = libc().errno()
    if (errno === constants.errno.EWOULDBLOCK) return false
    if (errno !== constants.errno.EINTR) throw new KernelError({ operation: 'lock', target: `descriptor ${fd}`, errno })
  }
}

/** Releases a lock, even if other processes share the open file description: flock(2). */
export function unlock(fd: number): void {
  checked(libc().flock(fd, LOCK_UN), 'unlock', `descriptor ${fd}`)
}

/** Opens a descriptor of a process: pidfd_open(2). The caller closes it. */
export const pidfdOpen = (pid: number): number =>
  checked(libc().syscall(SYS_PIDFD_OPEN, pid, 0, 0, 0), 'open process', String(pid))

/** pidfd_send_signal(2). */
export function pidfdSendSignal(pidfd: number, signal: number): void {
  checked(libc().syscall(SYS_PIDFD_SEND_SIGNAL, pidfd, signal, 0, 0), `send signal ${signal}`, `pidfd ${pidfd}`)
}

/**
 * Whether the other end of a socket or pipe is closed, even if there are still bytes to read: POLLHUP of poll(2). Waits for
 * that at most `timeoutMs`, and blocks the thread meanwhile.
 */
export const hasHungUp = (fd: number, timeoutMs = 0): boolean =>
  // The kernel reports POLLHUP unasked.
  (waitFor(fd, 0, timeoutMs, 'wait for the other end') & POLLHUP) !== 0

/** Waits until a descriptor can be read, or its other end is closed; blocks the thread. @returns false after `timeoutMs` */
export const hasInput = (fd: number, timeoutMs: number): boolean =>
  waitFor(fd, POLLIN, timeoutMs, 'wait for input of') !== 0

/** Waits until a process has ended; blocks the thread. @returns false if it still runs after `timeoutMs`. */
export const waitPidfd = (pidfd: number, timeoutMs: number): boolean =>
  waitFor(pidfd, POLLIN, timeoutMs, 'wait for process') !== 0

/** Waits with poll(2) for events of a descriptor, also when signals interrupt it. @returns the events; 0 when there are none */
function waitFor(fd: number, events: number, timeoutMs: number, operation: string): number {
  const deadline = performance.now() + timeoutMs
  const polled = Buffer.alloc(8) // struct pollfd
  polled.writeInt32LE(fd, 0)
  polled.writeInt16LE(events, 4)
  for (;;) {
    const leftMs = Math.max(0, Math.ceil(deadline - performance.now()))
    const ready = libc().poll(polled, 1, Math.min(leftMs, MAX_POLL_MS))
    const errno = ready < 0 ? libc().errno() : polled.readInt16LE(6) & POLLNVAL ? constants.errno.EBADF : 0
    if (ready > 0 && errno === 0) return polled.readInt16LE(6)
    if (ready === 0 && leftMs <= MAX_POLL_MS) return 0
    if (errno !== 0 && errno !== constants.errno.EINTR) {
      throw new KernelError({ operation, target: `descriptor ${fd}`, errno })
    }
  }
}

/** Makes a connected pair of sequenced-packet sockets: socketpair(2). The caller closes both. */
export function socketpair(): [number, number] {
  const pair = Buffer.alloc(8)
  checked(libc().socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 'make', 'socket pair')
  return [pair.readInt32LE(0), pair.readInt32LE(4)]
}

/** Makes a pipe: pipe2(2). @returns its read end and its write end, which the caller closes */
export function pipe(): [number, number] {
  const pair = Buffer.alloc(8)
  checked(libc().pipe2(pair, O_CLOEXEC), 'make', 'pipe')
  return [pair.readInt32LE(0), pair.readInt32LE(4)]
}

/** Sets an integer option of a socket: setsockopt(2). `target` is the option's name, for the error. */
export function setsockopt(fd: number, level: number, name: number, value: number, target: string): void {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32LE(value)
  checked(libc().setsockopt(fd, level, name, bytes, 4), 'set socket option', target)
}

/** ioctl(2) without an argument. @returns the result of the call, for example another descriptor */
export const ioctl = (fd: number, request: number, operation: string, target: string): number =>
  checked(libc().ioctlPointer(fd, request, null), operation, target)

/** The port id that a netlink socket is bound to: getsockname(2), netlink(7). null for any other descriptor. */
export function netlinkPortOf(fd: number): number | null {
  const address = Buffer.alloc(SIZEOF_SOCKADDR_NL)
  const length = Buffer.alloc(4)
  length.writeUInt32LE(SIZEOF_SOCKADDR_NL)
  if (libc().getsockname(fd, address, length) !== 0) return null
  return address.readUInt16LE(0) === AF_NETLINK ? address.readUInt32LE(4) : null
}

/** ioctl(2) with an argument in memory. `operation` and `target` are for the error. */
export function ioctlPointer(fd: number, request: number, argument: Buffer, operation: string, target: string): void {
  checked(libc().ioctlPointer(fd, request, argument), operation, target)
}

/** ioctl(2) with a number as its argument. */
export function ioctlNumber(fd: number, request: number, argument: number, operation: string, target: string): void {
  checked(libc().ioctlNumber(fd, request, argument), operation, target)
}

/**
 * Replaces this process by another program: execve(2). All threads but the calling one end.
 *
 * @param words arguments, the program's name first
 * @param variables `NAME=VALUE` of each environment variable
 * @param fds descriptors that the program inherits, in addition to those that are not marked close-on-exec
 * @throws KernelError when the program cannot be run
 */
export function execve(
  path: string,
  words: readonly (string | Buffer)[],
  variables: readonly (string | Buffer)[],
  fds: readonly number[],
): never {
  // When Node.js starts, it marks all descriptors that it has inherited close-on-exec.
  for (const fd of fds) libc().fcntl(fd, F_SETFD, 0)
  const [argv, envp] = [words, variables].map((texts) => new StringArray(texts, libc().addressOf)) as [
    StringArray,
    StringArray,
  ]
  libc().execve(path, argv.pointers, envp.pointers)
  throw new KernelError({ operation: 'run', target: path, errno: libc().errno() })
}
