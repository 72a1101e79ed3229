// A wire: what its process has.
#pragma once
#include "control.h"
#include "interfaces.h"
#include "links.h"
#include "rings.h"
#include "saved.h"
#include "schedule.h"
#include "sender.h"

struct wire {
  struct pool *pool;
  struct rings rings;
  struct sender sender;
  struct interfaces interfaces;
  struct links links;
  struct schedule schedule;
  struct control control;
  struct saved saved;
  int restarts;
  uint64_t lost;       // frames that were lost in front of a full ring
  int is_restoring;    // the configuration of the process before is read: interfaces may have vanished since
  int is_paused;
  int64_t paused_at;   // in ns
  int64_t not_before;  // no frame counts as arrived before this time: the end of the last pause
};

// CLOCK_MONOTONIC in ns.
int64_t wire_now(void);
