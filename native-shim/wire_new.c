#define _GNU_SOURCE
#include "wire_new.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/memfd.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "files.h"
#include "keeper_client.h"
#include "keeper_wire.h"
#include "proc.h"
#include "process.h"
#include "report.h"
#include "scope.h"

enum { BACKLOG = 64 };

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8U
#endif

static const char *const the_keeper = "the keeper for its wire";

int wire_ask_keeper(int keeper, const int *fds, int count) {
  int answer = keeper_client_ask(keeper, "wire", fds, count, STEP_START_WIRE, the_keeper);
  // It has ended, or could not have as many open files.
  if (answer == KEEPER_NO_ANSWER) fail_with(STEP_START_WIRE, EPIPE, "ask", the_keeper);
  return answer;
}

// A wire has no addresses and forwards nothing: what its own kernel would send must not reach nodes.
static void quiet_kernel(void) {
  static const char *const settings[][2] = {{"net.ipv6.conf.all.disable_ipv6", "1"},
                                            {"net.ipv6.conf.default.disable_ipv6", "1"},
                                            {"net.ipv4.ip_forward", "0"}};
  for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
    struct stat present;
    // A kernel without IPv6 has no such sysctl.
    if (strstr(settings[i][0], "ipv6") && proc_stat("/proc/sys/net/ipv6", &present)) continue;
    files_try_sysctl(settings[i][0], settings[i][1]);
  }
}

static int listen_for_requests(void) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  memcpy(address.sun_path + 1, WIRE_SOCKET_NAME, strlen(WIRE_SOCKET_NAME));
  socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(WIRE_SOCKET_NAME));
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0 || bind(fd, (const struct sockaddr *)&address, length) || listen(fd, BACKLOG))
    fail(STEP_OPEN_SOCKET, "listen on", "the wire's control socket");
  return fd;
}

static int make_file(void) {
  static const char *const name = "wire configuration";
  int fd = memfd_create(name, MFD_CLOEXEC | MFD_NOEXEC_SEAL);
  if (fd < 0 && errno == EINVAL) fd = memfd_create(name, MFD_CLOEXEC);  // before Linux 6.3
  if (fd < 0) fail(STEP_START_WIRE, "make", "a file in memory");
  return fd;
}

// Runs in the namespaces of the wire, which this process has made. Its pipe brings a byte once the ids are mapped.
static int set_up(pid_t parent, int mapped, int keeper) {
  char byte;
  if (read(mapped, &byte, 1) != 1) _exit(STATUS_FAILED);
  become_root("the wire");
  die_with_parent(parent);
  quiet_kernel();
  // The wire has no report, so what a kernel may lack is tried here.
  SCOPED_FD packets = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
  if (packets < 0) fail(STEP_OPEN_SOCKET, "open", "a packet socket");
  int fds[WIRE_FDS] = {[WIRE_NETNS] = proc_open("/proc/self/ns/net", O_RDONLY),
                       [WIRE_LISTENER] = listen_for_requests(),
                       [WIRE_SPECS] = make_file(),
                       [WIRE_SPECS + 1] = make_file()};
  if (fds[WIRE_NETNS] < 0) fail(STEP_OPEN_NAMESPACE, "open", "the wire's network namespace");
  int number = wire_ask_keeper(keeper, fds, WIRE_FDS);
  if (number <= 0) fail_with(STEP_START_WIRE, EMFILE, "hand the wire's namespace to", "the keeper");
  return number;
}

static void map_ids(pid_t pid, long id) {
  char line[48];
  const char *const lines[] = {line};
  snprintf(line, sizeof line, "0 %ld 1", id);
  proc_write_lines(pid, "uid_map", lines, 1);
  proc_write_lines(pid, "gid_map", lines, 1);
}

int wire_new(long id, int keeper) {
  int mapped[2], made[2], number;
  if (pipe2(mapped, O_CLOEXEC) || pipe2(made, O_CLOEXEC)) fail(STEP_MAKE_PIPE, "make", "pipe");
  pid_t self = getpid(), pid = clone_process(CLONE_NEWUSER | CLONE_NEWNET, -1);
  if (pid < 0) fail(STEP_CREATE_NAMESPACES, "create namespaces", "of the wire");
  if (pid == 0) {
    die_with_parent(self);
    close(mapped[1]), close(made[0]);
    number = set_up(self, mapped[0], keeper);
    if (write(made[1], &number, sizeof number) != sizeof number) _exit(STATUS_FAILED);
    _exit(0);
  }
  close(mapped[0]), close(made[1]);
  map_ids(pid, id);
  if (write(mapped[1], "", 1) != 1 || read(made[0], &number, sizeof number) != sizeof number) give_up(pid, "wire");
  close(mapped[1]), close(made[0]);
  return number;
}
