// A request whose type is NLMSG_NOOP is passed over by the kernel (netlink_rcv_skb in net/netlink/af_netlink.c), and
// acknowledged when it asks for that. So the request is not carried out, whatever error the answer is given.
#define _GNU_SOURCE
#include "refuse.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "calls.h"

enum { DATAGRAM_ROOM = 1 << 16 };

// The request that was refused, until its answer has come.
static struct {
  int pending;
  pid_t process;
  __u32 sequence;
  __u16 type;
} refused;

static void write_memory(pid_t pid, unsigned long at, void *bytes, size_t length) {
  struct iovec local = {bytes, length}, remote = {(void *)at, length};
  if (process_vm_writev(pid, &local, 1, &remote, 1, 0) < 0) perror("inject: cannot alter a request");
}

static int is_netlink(const struct tracee *tracee) {
  int domain = 0, pidfd = (int)syscall(SYS_pidfd_open, tracee->process, 0);
  int fd = pidfd < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, pidfd, (int)tracee->arguments[0], 0);
  socklen_t room = sizeof domain;
  if (fd >= 0) getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &room);
  if (fd >= 0) close(fd);
  if (pidfd >= 0) close(pidfd);
  return domain == AF_NETLINK;
}

// Where the bytes of a call that sends or receives are, in its first buffer. Returns 0 when it is no such call.
static int buffer_of(const struct tracee *tracee, int receives, unsigned long *at, size_t *length) {
  const unsigned long *arguments = tracee->arguments;
  struct msghdr message;
  struct iovec part;
  switch (tracee->entered) {
    case SYS_write: case SYS_sendto:
    case SYS_read: case SYS_recvfrom:
      if (receives != (tracee->entered == SYS_read || tracee->entered == SYS_recvfrom)) return 0;
      *at = arguments[1], *length = arguments[2];
      return 1;
    case SYS_sendmsg: case SYS_recvmsg:
      if (receives != (tracee->entered == SYS_recvmsg)) return 0;
      if (read_memory(tracee->pid, arguments[1], &message, sizeof message) != sizeof message) return 0;
      if (read_memory(tracee->pid, (unsigned long)message.msg_iov, &part, sizeof part) != sizeof part) return 0;
      *at = (unsigned long)part.iov_base, *length = part.iov_len;
      return 1;
    default: return 0;
  }
}

// linux/rtnetlink.h: of each kind of object, NEW, DEL, GET and SET follow one another.
static void name_request(__u16 type, char *name, size_t room) {
  static const char *const verbs[] = {"new", "del", "get", "set"};
  static const char *const kinds[] = {"link", "address", "route", "neighbour", "rule", "qdisc"};
  unsigned at = (unsigned)(type - RTM_BASE), kind = at / 4;
  if (type < RTM_BASE) snprintf(name, room, "type %u", type);
  else if (kind < sizeof kinds / sizeof *kinds) snprintf(name, room, "%s %s", verbs[at % 4], kinds[kind]);
  else snprintf(name, room, "%s of %u", verbs[at % 4], RTM_BASE + 4 * kind);
}

void refuse_at_entry(struct tracee *tracee, int (*meet)(const struct tracee *, const char *object)) {
  static unsigned char bytes[DATAGRAM_ROOM];
  unsigned long start;
  size_t length;
  if (!buffer_of(tracee, 0, &start, &length) || !is_netlink(tracee)) return;
  length = read_memory(tracee->pid, start, bytes, length < sizeof bytes ? length : sizeof bytes);
  for (size_t at = 0; at + sizeof(struct nlmsghdr) <= length;) {
    struct nlmsghdr header;
    char name[32];
    memcpy(&header, bytes + at, sizeof header);
    if (header.nlmsg_len < sizeof header) return;
    name_request(header.nlmsg_type, name, sizeof name);
    if (header.nlmsg_type >= NLMSG_MIN_TYPE && meet(tracee, name)) {
      refused.pending = 1, refused.process = tracee->process;
      refused.sequence = header.nlmsg_seq, refused.type = header.nlmsg_type;
      tracee->altered = start + at;
      memcpy(tracee->original, bytes + at, sizeof tracee->original);
      header.nlmsg_type = NLMSG_NOOP, header.nlmsg_flags |= NLM_F_ACK;
      write_memory(tracee->pid, start + at, &header, sizeof header);
      return;
    }
    at += NLMSG_ALIGN(header.nlmsg_len);
  }
}

static void replace_answer(struct tracee *tracee, unsigned long start, size_t length, int error) {
  struct {
    struct nlmsghdr header;
    struct nlmsgerr error;
  } answer;
  for (size_t at = 0; at + sizeof answer <= length;) {
    if (read_memory(tracee->pid, start + at, &answer, sizeof answer) != sizeof answer) return;
    if (answer.header.nlmsg_len < sizeof answer.header) return;
    if (answer.header.nlmsg_type == NLMSG_ERROR && answer.header.nlmsg_seq == refused.sequence) {
      answer.error.error = -error, answer.error.msg.nlmsg_type = refused.type;
      write_memory(tracee->pid, start + at, &answer, sizeof answer);
      refused.pending = 0;
      return;
    }
    at += NLMSG_ALIGN(answer.header.nlmsg_len);
  }
}

void refuse_at_exit(struct tracee *tracee, long result, int error) {
  unsigned long start;
  size_t length;
  if (tracee->altered) write_memory(tracee->pid, tracee->altered, tracee->original, sizeof tracee->original);
  tracee->altered = 0;
  if (!refused.pending || refused.process != tracee->process || result <= 0) return;
  if (buffer_of(tracee, 1, &start, &length)) replace_answer(tracee, start, (size_t)result, error);
}
