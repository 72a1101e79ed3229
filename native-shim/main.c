// nslab-shim: does what a multi-threaded runtime cannot. Verbs are described in README.md.
#define _GNU_SOURCE
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "process.h"
#include "report.h"
#include "verbs.h"

static struct options parse(int argc, char **argv) {
  static const struct option known[] = {
      {"report", 1, NULL, 'r'},    {"name", 1, NULL, 'n'}, {"lock", 1, NULL, 'l'}, {"creator", 1, NULL, 'c'},
      {"keeper", 1, NULL, 'k'},    {"pid", 1, NULL, 'p'},  {"cwd", 1, NULL, 'd'},  {"tty", 1, NULL, 't'},
      {"start-time", 1, NULL, 's'}, {0},
  };
  struct options options = {.lock = -1, .creator = -1};
  for (int option; (option = getopt_long(argc, argv, "+", known, NULL)) != -1;) {
    switch (option) {
      case 'r': report_to(atoi(optarg)); break;
      case 'n': options.name = optarg; break;
      case 'l': options.lock = atoi(optarg); break;
      case 'c': options.creator = atoi(optarg); break;
      case 'k': options.keeper = atoi(optarg); break;
      case 'p': options.pid = atoi(optarg); break;
      case 's': options.start_time = strtoull(optarg, NULL, 10); break;
      case 'd': options.directory = optarg; break;
      case 't': options.terminal = !strcmp(optarg, "auto"); break;
      default: _exit(STATUS_USAGE);
    }
  }
  options.command = argv + optind;
  return options;
}

int main(int argc, char **argv) {
  title_area(argv, environ);
  if (argc < 2) usage("usage: nslab-shim lab|spawn|exec|ping OPTIONS");
  struct options options = parse(argc - 1, argv + 1);
  if (!strcmp(argv[1], "lab")) verb_lab(&options);
  else if (!strcmp(argv[1], "spawn")) verb_spawn(&options);
  else if (!strcmp(argv[1], "exec")) verb_exec(&options);
  else if (!strcmp(argv[1], "ping")) verb_ping(&options);
  else usage("unknown verb");
  return 0;
}
