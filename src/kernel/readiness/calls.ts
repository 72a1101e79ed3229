// Functions by which a descriptor of any kind takes part in the event loop: libuv's uv_poll, which Node.js exports but does not
// offer to JavaScript, and epoll(7). Besides libc.ts and multicast-calls.ts the only importer of koffi.
import { createRequire } from 'node:module'
import type * as Koffi from 'koffi'
import { KernelError } from '../../errors.js'

type Call = (...args: unknown[]) => number

export interface ReadinessCalls {
  /** Calls `onReady` from the event loop as long as the descriptor is readable. @returns ends that; the descriptor may be closed then */
  poll: (fd: number, onReady: () => void) => () => void
  epollCreate: () => number
  epollControl: (epoll: number, operation: number, fd: number, event: Buffer) => void
  /** @returns how many events were written; does not wait */
  epollWait: (epoll: number, events: Buffer, max: number) => number
}

/** UV_POLL, the position of uv_poll_t in enum uv_handle_type, and UV_READABLE (uv.h) */
const UV_POLL = 8
const UV_READABLE = 1
/** sys/epoll.h */
const EPOLL_CLOEXEC = 0o2000000
const EINTR = 4

/** Loaded once, at the first call; constant from then on. */
let loaded: ReadinessCalls | undefined

export const readinessCalls = (): ReadinessCalls => (loaded ??= load())

function load(): ReadinessCalls {
  const koffi = createRequire(import.meta.url)('koffi') as typeof Koffi
  const program = koffi.load(null)
  const errno = () => koffi.errno()
  const checked = (result: number, operation: string, target: string): number => {
    if (result >= 0) return result
    throw new KernelError({ operation, target, errno: errno() })
  }
  const epollCreate1: Call = program.func('int epoll_create1(int flags)')
  const epollCtl: Call = program.func('int epoll_ctl(int epfd, int operation, int fd, void *event)')
  const epollWait: Call = program.func('int epoll_wait(int epfd, void *events, int maxevents, int timeout)')
  return {
    poll: pollWith(koffi, program),
    epollCreate: () => checked(epollCreate1(EPOLL_CLOEXEC), 'make', 'epoll instance'),
    epollControl: (epoll, operation, fd, event) => {
      checked(epollCtl(epoll, operation, fd, event), 'watch', `descriptor ${fd}`)
    },
    epollWait: (epoll, events, max) => {
      const count = epollWait(epoll, events, max, 0)
      return count < 0 && errno() === EINTR ? 0 : checked(count, 'wait for', 'events')
    },
  }
}

function pollWith(koffi: typeof Koffi, program: Koffi.LibraryHandle): ReadinessCalls['poll'] {
  const callback = koffi.pointer(koffi.proto('void uv_poll_cb(void *handle, int status, int events)'))
  const defaultLoop = program.func('void *uv_default_loop()')
  const handleSize: Call = program.func('size_t uv_handle_size(int type)')
  const calloc = program.func('void *calloc(size_t count, size_t size)')
  const free = program.symbol('free', 'void *')
  const init: Call = program.func('int uv_poll_init(void *loop, void *handle, int fd)')
  const start: Call = program.func('uv_poll_start', 'int', ['void *', 'int', callback])
  const close = program.func('void uv_close(void *handle, void *onClosed)')
  return (fd, onReady) => {
    const handle = calloc(1, handleSize(UV_POLL))
    const result = init(defaultLoop(), handle, fd)
    if (result < 0) throw new KernelError({ operation: 'watch', target: `descriptor ${fd}`, errno: -result })
    const registered = koffi.register(() => onReady(), callback)
    start(handle, UV_READABLE, registered)
    return () => {
      // libuv frees the memory once it has let go of the handle.
      close(handle, free)
      // The call that ends may come from this very callback.
      setImmediate(() => koffi.unregister(registered))
    }
  }
}
