// What a new wire is given: namespaces of its own, its listening socket, and files for its configuration.
#pragma once

// The name of the wire's socket in the abstract namespace (unix(7)), which belongs to its network namespace, so that only those
// who may enter that can connect.
#define WIRE_SOCKET_NAME "nslab-wire"

// Makes them and sends them to the keeper with the message `wire`. `id` is the user and group id, outside, of root in the
// wire's user namespace; `keeper` is a socket that the keeper receives from. Returns the number that the network namespace has in
// the keeper.
int wire_new(long id, int keeper);
// Sends the message `wire` with these descriptors after that of the answer's socket, and returns the keeper's answer.
// Fails where the keeper does not answer.
int wire_ask_keeper(int keeper, const int *fds, int count);
