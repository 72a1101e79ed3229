// Attempts on what the whole machine has one of. What would be harmful if it were allowed is asked for in a form that the
// kernel refuses with another errno, or that changes nothing.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <linux/netlink.h>
#include <linux/reboot.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/acct.h>
#include <sys/io.h>
#include <sys/klog.h>
#include <sys/quota.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#include "attempt.h"

static int module(char **words) { return (void)words, (int)syscall(SYS_init_module, "", 0, ""); }
static int kexec(char **words) { return (void)words, (int)syscall(SYS_kexec_load, 0, 0, NULL, ~0UL); }
static int swap(char **words) { return (void)words, swapoff("/nowhere"); }
static int account(char **words) { return (void)words, acct("/nowhere"); }
static int ports(char **words) { return (void)words, iopl(3); }

// With an argument that no kernel knows: what may not be asked for at all is refused before.
static int reboot_nothing(char **words) {
  (void)words;
  return (int)syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, 0x12345678, NULL);
}

static int set_time(char **words) {
  (void)words;
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return clock_settime(CLOCK_REALTIME, &now);
}

static int adjust_time(char **words) {
  (void)words;
  struct timex change = {.modes = ADJ_TICK};
  struct timex now = {0};
  adjtimex(&now);
  change.tick = now.tick;
  return adjtimex(&change) < 0 ? -1 : 0;
}

static int program(char **words) {
  (void)words;
  // BPF_EXIT alone, which the verifier refuses: r0 is not set.
  struct bpf_insn exit = {.code = 0x95};
  union bpf_attr attributes = {.prog_type = BPF_PROG_TYPE_KPROBE, .insn_cnt = 1};
  attributes.insns = (unsigned long)&exit, attributes.license = (unsigned long)"GPL";
  return syscall(SYS_bpf, BPF_PROG_LOAD, &attributes, sizeof attributes) < 0 ? -1 : 0;
}

// Events of a whole processor, of all processes.
static int events(char **words) {
  (void)words;
  struct perf_event_attr attributes = {.type = PERF_TYPE_SOFTWARE, .size = sizeof attributes, .config = PERF_COUNT_SW_CPU_CLOCK};
  return syscall(SYS_perf_event_open, &attributes, -1, 0, -1, 0) < 0 ? -1 : 0;
}

static int kernel_log(char **words) {
  (void)words;
  char text[64];
  return klogctl(3, text, sizeof text) < 0 ? -1 : 0;
}

static int priority(char **words) { return (void)words, setpriority(PRIO_PROCESS, 0, -5); }

static int realtime(char **words) {
  (void)words;
  struct sched_param parameters = {.sched_priority = 1};
  return sched_setscheduler(0, SCHED_FIFO, &parameters);
}

// More files than the caller was allowed.
static int limit(char **words) {
  (void)words;
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_max++;
  return setrlimit(RLIMIT_NOFILE, &files);
}

// Less likely to be killed for want of memory than others.
static int unkillable(char **words) {
  (void)words;
  int fd = open("/proc/self/oom_score_adj", O_WRONLY);
  return fd < 0 || write(fd, "-1000", 5) < 0 ? -1 : 0;
}

// socket FAMILY TYPE: nothing is sent.
static int open_socket(char **words) { return socket(atoi(words[0]), atoi(words[1]), 0) < 0 ? -1 : 0; }

// forge SECONDS: sends what looks like answers of the kernel to every route netlink socket of the network namespace.
static int forge(char **words) {
  int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE), sent = 0;
  struct {
    struct nlmsghdr header;
    int error;
    char rest[64];
  } message = {.header = {.nlmsg_len = sizeof message, .nlmsg_type = NLMSG_ERROR}, .error = -EPERM};
  alarm(0);
  for (time_t end = time(NULL) + atoi(words[0]); time(NULL) < end;) {
    char line[256];
    FILE *table = fopen("/proc/net/netlink", "r");
    while (table && fgets(line, sizeof line, table)) {
      unsigned protocol, port;
      if (sscanf(line, "%*x %u %u", &protocol, &port) != 2 || protocol != NETLINK_ROUTE || !port) continue;
      struct sockaddr_nl to = {.nl_family = AF_NETLINK, .nl_pid = port};
      for (unsigned sequence = 0; sequence < 64; sequence++) {
        message.header.nlmsg_seq = sequence;
        message.header.nlmsg_type = sequence % 2 ? NLMSG_ERROR : NLMSG_DONE;
        sent += sendto(fd, &message, sizeof message, MSG_DONTWAIT, (struct sockaddr *)&to, sizeof to) > 0;
      }
    }
    if (table) fclose(table);
  }
  snprintf(found, sizeof found, "%d messages", sent);
  return 0;
}

const struct attempt kernel_attempts[] = {
    {"module", module},     {"kexec", kexec},         {"swap", swap},         {"account", account},
    {"ports", ports},       {"reboot", reboot_nothing}, {"set-time", set_time}, {"adjust-time", adjust_time},
    {"program", program},   {"events", events},       {"kernel-log", kernel_log}, {"priority", priority},
    {"realtime", realtime}, {"limit", limit},         {"unkillable", unkillable}, {"socket", open_socket},
    {"forge", forge},       {NULL, NULL},
};
