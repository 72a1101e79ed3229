// The verb `session`: gives the keeper of a running lab one end of a socket pair, for a session.
#define _GNU_SOURCE
#include <errno.h>
#include <unistd.h>

#include "keeper_client.h"
#include "namespaces.h"
#include "proc.h"
#include "report.h"
#include "scope.h"
#include "verbs.h"

static const char *const the_keeper = "the lab's keeper";

void verb_session(const struct options *options) {
  if (options->keeper <= 0 || !options->start_time || options->creator < 0)
    usage("session needs --keeper, --start-time and --creator");
  join_keeper_user(options->keeper, options->start_time, getppid());
  SCOPED_FD keeper = keeper_client_open(options->keeper, STEP_REACH_KEEPER);
  int version = keeper_client_ask(keeper, "version", NULL, 0, STEP_REACH_KEEPER, the_keeper);
  if (version == KEEPER_NO_ANSWER) {
    // One that has ended has closed the socket as well.
    if (proc_start_time(options->keeper, the_keeper) != options->start_time) errno = ESRCH;
    else errno = EPROTO;
    fail(STEP_REACH_KEEPER, "open a session with", the_keeper);
  }
  keeper_client_send(keeper, "session", &options->creator, 1, STEP_REACH_KEEPER, the_keeper);
  report_line("{\"session\":{\"version\":%d}}", version);
}
