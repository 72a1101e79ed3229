// The verb `probe`: tries things that a lab needs, in namespaces that are gone when it ends, and reports what the
// kernel answers. It does not look into netlink messages.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "namespaces.h"
#include "proc.h"
#include "process.h"
#include "report.h"
#include "scope.h"
#include "spec.h"
#include "verbs.h"

// The most bytes that a message to the kernel, or its answer, may have.
enum { MESSAGE_MAX = 1024 };

// Makes this process root of its new user namespace. Returns 0, or -1 with errno.
static int become_root_of_own(uid_t uid, gid_t gid) {
  char uid_map[32], gid_map[32];
  snprintf(uid_map, sizeof uid_map, "0 %u 1", (unsigned)uid);
  snprintf(gid_map, sizeof gid_map, "0 %u 1", (unsigned)gid);
  if (proc_write("/proc/self/setgroups", "deny")) return -1;
  if (proc_write("/proc/self/uid_map", uid_map)) return -1;
  return proc_write("/proc/self/gid_map", gid_map);
}

static void report_result(const char *what, const char *name, int error) {
  char quoted[256];
  report_line("{\"%s\":%s,\"errno\":%d}", what, json_string(name, quoted, sizeof quoted), error);
}

// Mounts a file system. Returns 0, or -1 with errno.
static int try_mount(const char *type) {
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL)) return -1;
  return mount(type, "/tmp", type, MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
}

// Waits for the process that made an attempt. It has reported the result, or why it could not.
static void finish_attempt(pid_t pid) {
  int status;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {}
  if (!WIFEXITED(status)) fail_with(STEP_WAIT_FOR_CHILD, ECHILD, "finish", "probe");
  if (WEXITSTATUS(status)) _exit(WEXITSTATUS(status));
}

// Tries to make new namespaces, a user namespace among them, and to `act` in them, and reports the result as `what`:
// `name`. A process of its own does it.
static void attempt(int kinds, const char *what, const char *name, int (*act)(const char *)) {
  uid_t uid = geteuid();
  gid_t gid = getegid();
  pid_t pid = clone_process((unsigned)(kinds | CLONE_NEWUSER), -1);
  if (pid < 0) {
    report_result(what, name, errno);
    return;
  }
  if (pid == 0) {
    die_with_parent(getppid());
    int failed = become_root_of_own(uid, gid) || (act && act(name));
    report_result(what, name, failed ? errno : 0);
    _exit(0);
  }
  finish_attempt(pid);
}

static size_t from_hex(const char *text, unsigned char *bytes, size_t room) {
  size_t length = strlen(text) / 2;
  if (length > room || strlen(text) % 2) fail_with(STEP_READ_SPEC, EBADMSG, "read the bytes of", "send");
  for (size_t i = 0; i < length; i++)
    if (sscanf(text + 2 * i, "%2hhx", &bytes[i]) != 1) fail_with(STEP_READ_SPEC, EBADMSG, "read the bytes of", "send");
  return length;
}

// Sends one message to the kernel. Returns the length of its answer, or -1 with errno.
static ssize_t ask(int protocol, const unsigned char *message, size_t length, unsigned char *answer) {
  static const struct timeval patience = {.tv_sec = 5};
  struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
  int on = 1;
  SCOPED_FD fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
  if (fd < 0) return -1;
  // A kernel that is too old for these options answers without a text.
  setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on);
  setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on);
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (sendto(fd, message, length, 0, (struct sockaddr *)&kernel, sizeof kernel) < 0) return -1;
  return recv(fd, answer, MESSAGE_MAX, 0);
}

static void send_message(int protocol, const char *hex) {
  unsigned char message[MESSAGE_MAX], answer[MESSAGE_MAX];
  char text[2 * MESSAGE_MAX + 1] = "";
  ssize_t length = ask(protocol, message, from_hex(hex, message, sizeof message), answer);
  int error = length < 0 ? errno : 0;
  for (ssize_t i = 0; i < length; i++) sprintf(text + 2 * i, "%02x", answer[i]);
  report_line("{\"protocol\":%d,\"errno\":%d,\"answer\":\"%s\"}", protocol, error, text);
}

// Sends this message and all that follow to one new network namespace, in their order.
static void send_messages(struct spec *spec, const char *word) {
  uid_t uid = geteuid();
  gid_t gid = getegid();
  pid_t pid = clone_process(CLONE_NEWUSER | CLONE_NEWNET, -1);
  if (pid < 0) fail(STEP_CREATE_NAMESPACES, "make", "a scratch network namespace");
  if (pid == 0) {
    die_with_parent(getppid());
    if (become_root_of_own(uid, gid)) fail(STEP_BECOME_ROOT, "become root of", "a scratch user namespace");
    for (; word; word = spec_next(spec)) {
      if (strcmp(word, "send")) fail_with(STEP_READ_SPEC, EINVAL, "understand the word", word);
      int protocol = (int)spec_number(spec_argument(spec, word), word, 0, 31);
      send_message(protocol, spec_argument(spec, word));
    }
    _exit(0);
  }
  finish_attempt(pid);
}

void verb_probe(void) {
  die_with_parent(getppid());
  struct spec spec;
  spec_read(&spec);
  for (const char *word; (word = spec_next(&spec));) {
    if (!strcmp(word, "namespace")) {
      const char *name = spec_argument(&spec, word);
      int kind = namespaces_kind(name);
      if (!kind) fail_with(STEP_READ_SPEC, EINVAL, "find the namespace kind", name);
      attempt(kind, word, name, NULL);
    } else if (!strcmp(word, "mount")) {
      attempt(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC, word, spec_argument(&spec, word), try_mount);
    } else {
      send_messages(&spec, word);
      return;
    }
  }
}
