// The keeper: the first process of a lab.
#pragma once

// What the keeper answers to `version`: the protocol of sessions that it speaks.
#define KEEPER_VERSION "2"

// The numbers that the two ends of the keeper's control socket have in the keeper. A client takes a copy of the second
// (pidfd_getfd(2)) and sends its requests there (README.md, "session").
enum { KEEPER_OWN_FD = 3, KEEPER_CLIENT_FD = 4 };

// Turns the calling process, PID 1 of the lab's PID namespace, into the lab's keeper. Writes a byte to `ready` once it
// is set up. Of its descriptors it keeps only `lock` and `creator`, and its control socket.
_Noreturn void keeper_main(const char *lab, int lock, int creator, int ready);
