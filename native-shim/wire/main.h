// The wire: the process that carries the frames of a lab's impaired links.
#pragma once

// Turns the calling process, a child of the keeper, into the wire of this lab. `fds` are the descriptors that
// keeper_wire.h names; all others are closed. `restarts` says how many processes were the lab's wire before. Where `is_last`,
// it only takes the ends of all links down, and exits.
_Noreturn void wire_main(const char *lab, const int *fds, int restarts, int is_last);
