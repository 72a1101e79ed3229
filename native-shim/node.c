#define _GNU_SOURCE
#include "node.h"

#include <errno.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "files.h"
#include "process.h"
#include "report.h"

static void add_map(const char **maps, int *count, const char *map) {
  if (*count == MAPS_MAX) errno = E2BIG, fail("read", "id map");
  maps[(*count)++] = map;
}

static int takes_two(const char *word) {
  return !strcmp(word, "sysctl") || !strcmp(word, "bind") || !strcmp(word, "file");
}

int node_read(struct spec *spec, struct node *node) {
  const char *word = spec_next(spec);
  if (!word) return 0;
  if (strcmp(word, "node")) errno = EBADMSG, fail("read a node at the word", word);
  *node = (struct node){.name = spec_argument(spec, word), .words = spec->at};
  while ((word = spec_argument(spec, node->name)) && strcmp(word, "end")) {
    if (!strcmp(word, "title")) node->title = spec_argument(spec, word);
    else if (!strcmp(word, "hostname")) node->hostname = spec_argument(spec, word);
    else if (!strcmp(word, "domainname")) node->domainname = spec_argument(spec, word);
    else if (!strcmp(word, "netns")) node->netns_name = spec_argument(spec, word);
    else if (!strcmp(word, "uidmap")) add_map(node->uid_maps, &node->uid_map_count, spec_argument(spec, word));
    else if (!strcmp(word, "gidmap")) add_map(node->gid_maps, &node->gid_map_count, spec_argument(spec, word));
    else if (!strcmp(word, "setgroups")) node->deny_setgroups = !strcmp(spec_argument(spec, word), "deny");
    else if (takes_two(word)) spec_argument(spec, word), spec_argument(spec, word);
    else errno = EINVAL, fail("understand the word", word);
  }
  return 1;
}

static void become_root(const struct node *node) {
  if (node->deny_setgroups) return;  // one id only: it is this process's already
  if (setgroups(0, NULL)) fail("drop groups", node->name);
  if (setresgid(0, 0, 0)) fail("become group", "0");
  if (setresuid(0, 0, 0)) fail("become user", "0");
}

// Calls `act` for each word of a kind in the node's part of the spec.
static void each_word(const struct node *node, struct spec *spec, const char *kind,
                      void (*act)(const char *, const char *)) {
  spec->at = node->words;
  for (const char *word; (word = spec_next(spec)) && strcmp(word, "end");) {
    const char *first = spec_next(spec);
    const char *second = takes_two(word) ? spec_next(spec) : NULL;
    if (!strcmp(word, kind)) act(first, second);
  }
}

static void wait_for(int go) {
  char byte;
  if (read(go, &byte, 1) != 1) _exit(STATUS_FAILED);  // the creator is gone
}

static void forward_termination(int number) { kill(-1, number); }

// PID 1: reaps whatever is orphaned, passes SIGTERM on to all others, and nothing else.
static _Noreturn void init_main(void) {
  struct sigaction terminate = {.sa_handler = forward_termination, .sa_flags = SA_RESTART};
  sigaction(SIGTERM, &terminate, NULL);
  // Ignored, children are reaped by the kernel itself.
  signal(SIGCHLD, SIG_IGN);
  for (;;) pause();
}

void node_main(const struct node *node, struct spec *spec, int go, int done) {
  report_about(node->name);
  wait_for(go);
  become_root(node);
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL)) fail("make mounts private", "/");
  each_word(node, spec, "bind", files_bind);
  files_mount();
  each_word(node, spec, "file", files_write);
  each_word(node, spec, "sysctl", files_sysctl);
  if (node->hostname && sethostname(node->hostname, strlen(node->hostname))) fail("set hostname", node->hostname);
  if (node->domainname && setdomainname(node->domainname, strlen(node->domainname)))
    fail("set domain name", node->domainname);

  char title[160];
  snprintf(title, sizeof title, "%s", node->title ? node->title : node->name);
  if (chdir("/")) fail("change directory", "/");
  setsid();
  if (write(done, "", 1) != 1) _exit(STATUS_FAILED);
  report_to(-1);
  keep_only(NULL, 0);
  set_title(title);
  spec_free(spec);
  init_main();
}
