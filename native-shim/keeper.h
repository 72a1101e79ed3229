// The keeper: the first process of a lab.
#pragma once

// Turns the calling process, PID 1 of the lab's PID namespace, into the lab's keeper. Writes a byte to `ready` once it
// is set up. Of its descriptors it keeps only `lock` and `creator`.
_Noreturn void keeper_main(const char *lab, int lock, int creator, int ready);
