// nslab-shim: makes and joins namespaces for nslab, whose runtime has threads and so may not do it itself. README.md
// describes the verbs.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proc.h"
#include "process.h"
#include "report.h"
#include "verbs.h"

// Reads a number of decimal digits, at most `most`. Anything else is wrong usage.
static long long number_of(const char *option, const char *text, long long most) {
  char *end, message[160];
  errno = 0;
  long long number = strtoll(text, &end, 10);
  if (*text >= '0' && *text <= '9' && !*end && !errno && number <= most) return number;
  snprintf(message, sizeof message, "--%s needs a number, not '%s'", option, text);
  usage(message);
}

// Reads the number of an open descriptor. Anything else is wrong usage.
static int descriptor_of(const char *option, const char *text) {
  int fd = (int)number_of(option, text, INT_MAX);
  char message[160];
  snprintf(message, sizeof message, "--%s: descriptor %s is not open", option, text);
  if (fcntl(fd, F_GETFD) < 0) usage(message);
  return fd;
}

static void add_map(struct id_maps *maps, const char *line) {
  if (maps->count == ID_MAPS_MAX) usage("too many id maps");
  maps->lines[maps->count++] = line;
}

static void add_variable(struct options *options, char *variable) {
  if (options->variable_count == VARIABLES_MAX) usage("too many variables");
  if (!strchr(variable, '=')) usage("--env needs NAME=VALUE");
  options->variables[options->variable_count++] = variable;
}

static void parse(int argc, char **argv, struct options *options) {
  static const struct option known[] = {
      {"report", 1, NULL, 'r'},    {"name", 1, NULL, 'n'}, {"lock", 1, NULL, 'l'}, {"creator", 1, NULL, 'c'},
      {"keeper", 1, NULL, 'k'},    {"pid", 1, NULL, 'p'},  {"cwd", 1, NULL, 'd'},  {"tty", 1, NULL, 't'},
      {"start-time", 1, NULL, 's'}, {"uidmap", 1, NULL, 'u'}, {"gidmap", 1, NULL, 'g'}, {"cgroup", 1, NULL, 'G'},
      {"make", 1, NULL, 'm'},       {"join", 1, NULL, 'j'},   {"env", 1, NULL, 'e'},     {"front", 0, NULL, 'f'},
      {"group", 0, NULL, 'a'},      {"program", 1, NULL, 'P'}, {"keep", 1, NULL, 'K'},   {0},
  };
  options->lock = options->creator = options->program = options->keep = -1;
  for (int option; (option = getopt_long(argc, argv, "+", known, NULL)) != -1;) {
    switch (option) {
      case 'r': report_to(descriptor_of("report", optarg)); break;
      case 'n': options->name = optarg; break;
      case 'l': options->lock = descriptor_of("lock", optarg); break;
      case 'c': options->creator = descriptor_of("creator", optarg); break;
      case 'k': options->keeper = (pid_t)number_of("keeper", optarg, INT_MAX); break;
      case 'p': options->pid = (pid_t)number_of("pid", optarg, INT_MAX); break;
      case 's': options->start_time = (unsigned long long)number_of("start-time", optarg, LLONG_MAX); break;
      case 'G': options->cgroup = optarg; break;
      case 'm': options->make = optarg; break;
      case 'j': options->join = optarg; break;
      case 'e': add_variable(options, optarg); break;
      case 'f': options->front = 1; break;
      case 'a': options->group = 1; break;
      case 'P': options->program = descriptor_of("program", optarg); break;
      case 'K': options->keep = descriptor_of("keep", optarg); break;
      case 'd': options->directory = optarg; break;
      case 'u': add_map(&options->uid_maps, optarg); break;
      case 'g': add_map(&options->gid_maps, optarg); break;
      case 't': options->terminal = !strcmp(optarg, "auto"); break;
      default: _exit(usage_status());
    }
  }
  options->command = argv + optind;
}

int main(int argc, char **argv) {
  title_area(argv, environ);
  if (argc < 2) usage("usage: nslab-shim lab|session|spawn|update|exec|addresses|ping|mesh|connect|trace|probe-link|rootless|probe|clone|wire OPTIONS");
  // All other statuses of `exec` are those of the command.
  if (!strcmp(argv[1], "exec")) fail_with_status(STATUS_EXEC_FAILED);
  // Not on the stack: the pages of the stack that have been written to stay with the first process of every node.
  static struct options options;
  parse(argc - 1, argv + 1, &options);
  // Descriptors that no option names must not reach a node. Only `rootless` keeps them: it becomes the caller's own
  // program, whose arguments may name a descriptor.
  int named[] = {report_fd(), options.lock, options.creator, options.program, options.keep};
  if (strcmp(argv[1], "rootless")) close_others(named, sizeof named / sizeof *named), proc_init();
  if (!strcmp(argv[1], "lab")) verb_lab(&options);
  else if (!strcmp(argv[1], "spawn")) verb_spawn(&options);
  else if (!strcmp(argv[1], "session")) verb_session(&options);
  else if (!strcmp(argv[1], "update")) verb_update(&options);
  else if (!strcmp(argv[1], "exec")) verb_exec(&options);
  else if (!strcmp(argv[1], "addresses")) verb_addresses(&options);
  else if (!strcmp(argv[1], "ping")) verb_ping(&options);
  else if (!strcmp(argv[1], "mesh")) verb_mesh(&options);
  else if (!strcmp(argv[1], "connect")) verb_connect(&options);
  else if (!strcmp(argv[1], "trace")) verb_trace(&options);
  else if (!strcmp(argv[1], "probe-link")) verb_probe_link(&options);
  else if (!strcmp(argv[1], "rootless")) verb_rootless(&options);
  else if (!strcmp(argv[1], "probe")) verb_probe();
  else if (!strcmp(argv[1], "clone")) verb_clone(&options);
  else if (!strcmp(argv[1], "wire")) verb_wire(&options);
  else usage("unknown verb");
  return 0;
}
