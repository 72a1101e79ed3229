// Lets the calling process wake up when it wants to, as far as that takes no rights and no time from others.
#pragma once

// Timers end when they are due, not up to 50 µs later (PR_SET_TIMERSLACK). And the scheduler gives the process its turns sooner
// and shorter: from Linux 6.12 on, a process may ask for that (sched_setattr(2), sched_runtime of SCHED_OTHER).
void punctual_become(void);
