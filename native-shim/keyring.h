// Session keyrings, session-keyring(7). A process inherits that of its parent over fork(2) and setns(2) alike, and with it
// the right to read every key in it.
#pragma once

// Gives up the caller's session keyring for a new and empty one, which belongs to the user that this process is now.
// Where this user has as many keys as he may have, the process and all that it starts can use no keys at all instead.
// `whose` names the process in a failure.
void keyring_leave(const char *whose);
// As keyring_leave; nobody can use the new keyring. For processes that are many and use no keys, since each keyring
// counts as a key of its user, who may have 200 (kernel.keys.maxkeys).
void keyring_leave_sealed(const char *whose);
