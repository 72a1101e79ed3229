// With which errors a system call can fail while nslab does nothing wrong: the lists of the man pages (section 2; rtnetlink(7) for
// requests), without what only a wrong argument brings. A call that is not here cannot fail in the field, or only in a way in
// which Node.js itself ends.

const DESCRIPTORS = ['EMFILE', 'ENFILE', 'ENOMEM']
const PATH = ['EACCES', 'EIO', 'ENOMEM']
const DISK = ['EACCES', 'EDQUOT', 'EIO', 'ENOMEM', 'ENOSPC', 'EROFS']
const FORK = ['EAGAIN', 'ENOMEM', 'ENOSPC', 'EPERM']

/**
 * In this order: the first whose object fits counts.
 *
 * @type {readonly [calls: string, object: RegExp, errnos: readonly string[]][]}
 */
const TABLE = [
  ['open openat openat2', / made$/, [...DESCRIPTORS, 'EACCES', 'EDQUOT', 'EIO', 'ENOSPC', 'EROFS']],
  ['open openat openat2', /./, [...DESCRIPTORS, 'EACCES', 'EIO']],
  ['open_tree', /./, [...DESCRIPTORS, 'EACCES', 'EPERM', 'ENOSYS']],
  ['move_mount mount_setattr', /./, ['EPERM', 'EINVAL', 'ENOMEM', 'ENOSYS']],
  ['mount', /./, ['EACCES', 'EBUSY', 'ENODEV', 'ENOMEM', 'EPERM']],
  ['umount2', /./, ['EBUSY', 'EPERM']],
  ['read pread64', /^\/(proc|sys)\//, ['EIO', 'ENOMEM']],
  ['read pread64', /^\//, ['EIO']],
  ['read', /^socket/, ['ECONNRESET', 'ENOMEM']],
  ['write pwrite64 writev', /^\/proc\//, ['EINVAL', 'ENOMEM', 'EPERM']],
  ['write pwrite64 writev', /^\/sys\//, ['EBUSY', 'ENOMEM', 'EPERM']],
  ['write pwrite64 writev', /^\//, ['EDQUOT', 'EIO', 'ENOSPC']],
  ['write writev', /^socket/, ['ENOBUFS', 'ENOMEM']],
  // To a pipe, writing fails only when nobody is left to read (EPIPE): readers are ended by the part `kills`.
  // Everybody may search /etc. What a node may not find elsewhere (EACCES) is covered by a directory of its own.
  ['newfstatat', /^\/etc\/[^/]+$/, ['EIO', 'ENOMEM']],
  // A runtime directory that may not be looked at is another user's, each time: labs are kept elsewhere.
  ['statx', /^\/run\/user\/#$/, ['EIO', 'ENOMEM']],
  ['stat lstat fstat newfstatat statx statfs fstatfs access faccessat faccessat2', /^\//, PATH],
  ['newfstatat statx fstatfs', /./, PATH],
  ['readlink readlinkat', /./, PATH],
  ['getdents64', /./, ['EIO', 'ENOMEM']],
  ['mkdir mkdirat', /./, DISK],
  ['rename renameat renameat2', /./, DISK],
  ['symlink symlinkat', /./, DISK],
  ['rmdir unlink unlinkat', /./, ['EACCES', 'EBUSY', 'EIO', 'ENOMEM', 'EROFS']],
  ['chmod fchmod fchmodat chown fchown lchown fchownat', /./, ['EIO', 'EPERM', 'EROFS']],
  // Of a pipe, socket or terminal, it always says EINVAL, and nothing is lost.
  ['fsync fdatasync', /^\//, ['EIO', 'ENOSPC']],
  ['flock', /./, ['ENOLCK', 'ENOMEM']],
  ['chdir fchdir', /./, [...PATH, 'ENOENT']],
  ['ioctl', / 0xb7/, ['EPERM', 'ENOTTY']],
  ['socket', /./, [...DESCRIPTORS, 'EACCES', 'EAFNOSUPPORT', 'ENOBUFS']],
  ['socketpair pipe pipe2', /./, DESCRIPTORS],
  ['pipe pipe2', /^$/, DESCRIPTORS],
  ['bind', /./, ['EADDRINUSE', 'ENOMEM']],
  ['setsockopt', /./, ['ENOBUFS', 'ENOMEM', 'ENOPROTOOPT']],
  ['sendmsg sendto', /./, ['ENOBUFS', 'ENOMEM']],
  ['recvmsg recvfrom', /./, ['ECONNRESET', 'ENOMEM']],
  ['clone clone3 fork vfork', /^$/, FORK],
  ['execve', /./, ['E2BIG', 'EACCES', 'EIO', 'EMFILE', 'ENOMEM']],
  ['setns', /./, ['ENOMEM', 'EPERM']],
  ['unshare', /./, FORK],
  ['pidfd_open', /^$/, [...DESCRIPTORS, 'ENOSYS', 'ESRCH']],
  ['pidfd_send_signal', /./, ['ENOSYS', 'EPERM', 'ESRCH']],
  ['kill', /^$/, ['EPERM', 'ESRCH']],
  ['setsid sethostname setdomainname', /^/, ['EPERM']],
  ['setgroups', /^$/, ['ENOMEM', 'EPERM']],
  ['setresuid setresgid setuid setgid', /^$/, ['EAGAIN', 'EPERM']],
  ['prctl', /^0x1$/, ['EINVAL']],
  ['keyctl', /./, ['EDQUOT', 'ENOMEM', 'ENOSYS', 'EPERM']],
  ['close_range', /^$/, ['ENOMEM', 'ENOSYS', 'EPERM']],
  ['mmap', /^$/, ['ENOMEM']],
  ['signalfd4 eventfd2 epoll_create1', /^$/, DESCRIPTORS],
  // Of what was written, which the disk may not take. The descriptor is closed all the same.
  ['close', /\/nslab.*(\.new|\/private\/.*)$/, ['EIO']],
  ['netlink', /./, ['EBUSY', 'EINVAL', 'ENOBUFS', 'ENOMEM', 'ENOSPC', 'EOPNOTSUPP', 'EPERM']],
]

/** Calls that a container's seccomp(2) filter, or an older kernel, may refuse each time. */
const REFUSABLE = new Set(
  `clone3 close_range keyctl mount_setattr move_mount open_tree openat2 pidfd_open pidfd_send_signal setns unshare statx
   mount faccessat2`.split(/\s+/),
)

/** @param {{ call: string, object: string }} site */
export const errnosOf = ({ call, object }) =>
  TABLE.find(([calls, pattern]) => calls.split(' ').includes(call) && pattern.test(object))?.[2] ?? []

/** @param {{ call: string }} site */
export const isRefusable = ({ call }) => REFUSABLE.has(call)
