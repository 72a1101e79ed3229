// The verb `addresses`: reads the addresses that nodes have now.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <limits.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "namespaces.h"
#include "process.h"
#include "report.h"
#include "spec.h"
#include "verbs.h"

// Reports the interfaces and addresses of the network namespace that this process is in, in the order of the kernel, as those
// of this node.
static void report_addresses(int node) {
  struct stat network;
  if (stat("/proc/thread-self/ns/net", &network)) fail(STEP_READ_ADDRESSES, "examine", "the network namespace");
  report_line("{\"node\":%d,\"netns\":%llu}", node, (unsigned long long)network.st_ino);
  struct ifaddrs *first;
  if (getifaddrs(&first)) fail(STEP_READ_ADDRESSES, "read", "addresses");
  for (const struct ifaddrs *each = first; each; each = each->ifa_next) {
    int family = each->ifa_addr ? each->ifa_addr->sa_family : AF_UNSPEC;
    char text[INET6_ADDRSTRLEN], quoted[IF_NAMESIZE * 6 + 3];
    const char *name = json_string(each->ifa_name, quoted, sizeof quoted), *up = each->ifa_flags & IFF_UP ? "true" : "false";
    if (family == AF_PACKET) report_line("{\"node\":%d,\"interface\":%s,\"up\":%s}", node, name, up);
    if (family != AF_INET && family != AF_INET6) continue;
    const void *bytes = family == AF_INET ? (const void *)&((const struct sockaddr_in *)(const void *)each->ifa_addr)->sin_addr
                                          : &((const struct sockaddr_in6 *)(const void *)each->ifa_addr)->sin6_addr;
    inet_ntop(family, bytes, text, sizeof text);
    report_line("{\"node\":%d,\"interface\":%s,\"up\":%s,\"address\":\"%s\"}", node, name, up, text);
  }
  freeifaddrs(first);
}

void verb_addresses(const struct options *options) {
  if (options->keeper <= 0 || !options->start_time) usage("addresses needs --keeper and --start-time");
  pid_t caller = getppid();
  die_with_parent(caller);
  struct spec spec;
  spec_read(&spec);
  join_keeper_user(options->keeper, options->start_time, caller);
  report_in_blocks();
  int node = 0;
  for (const char *word; (word = spec_next(&spec)); node++) {
    pid_t pid = (pid_t)spec_number(word, "addresses", 1, INT_MAX);
    unsigned long long started = (unsigned long long)spec_number(spec_argument(&spec, word), word, 1, 1ULL << 53);
    char process[32];
    snprintf(process, sizeof process, "process %d", (int)pid);
    namespaces_join(pid, started, CLONE_NEWNET, process);
    report_addresses(node);
  }
  spec_free(&spec);
  report_flush();
}
