// What the caller's processes may have more of than others. A node outlives the command that made it, and its processes
// are strangers' programs, so it begins without.
#pragma once

// Gives up what lets a process run before others: a real-time policy, a negative nice value, and the real-time class of
// I/O (sched(7), ioprio_set(2)). Lower priorities than the default stay. `whose` names the process in a failure.
void priority_give_up(const char *whose);
// Gives up protection from the kernel when memory runs out: a negative oom_score_adj (proc_pid_oom_score_adj(5)).
void priority_give_up_memory(const char *whose);
