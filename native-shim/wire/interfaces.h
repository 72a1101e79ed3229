// The interfaces of the wire's network namespace: whether they are up, and news of them (rtnetlink(7)).
#pragma once

struct interfaces {
  int requests, events;  // netlink sockets
};

// Opens the sockets. Exits when the kernel refuses them.
void interfaces_open(struct interfaces *interfaces);
// The flags of an interface (netdevice(7)). Returns 0, or an errno such as ENODEV.
int interfaces_flags(const struct interfaces *interfaces, int index, unsigned *flags);
// Sets an interface up, or down. Returns 0, or an errno.
int interfaces_set(const struct interfaces *interfaces, int index, int is_up);
// Sets all interfaces down.
void interfaces_set_all_down(const struct interfaces *interfaces);
// Takes one piece of news: returns 1 with the index of an interface that has changed or is gone; 0 when there is none; -1
// when news was lost, so that any interface may have changed.
int interfaces_next(const struct interfaces *interfaces, int *index);
