// The links that a wire carries, found by their number and by the interfaces of their ends.
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "direction.h"

// Which of a link's inner ends the wire has taken down, because the other one has lost its carrier (carrier.h) or because
// the link is cut.
enum carrier { CARRIER_BOTH, CARRIER_A_LOST, CARRIER_B_LOST, CARRIER_CUT };

enum { IDLE = SIZE_MAX };

// An inner end, the peer of a node's interface.
struct end {
  struct link *link;
  int index;                    // of the interface
  int is_there;                 // whether the interface exists
  unsigned flags;               // of the interface (netdevice(7)), as far as is known
  struct direction *direction;  // of the frames that come in here
  int is_plain;                 // the direction impairs nothing, and has no frame on its way
  uint64_t plain_packets, plain_bytes;  // handed on without the direction
  uint64_t unsent, unsent_bytes;        // that the kernel refused at the other end
  int64_t next;                         // the time of the direction's next event
  size_t place;                         // in the schedule; IDLE for none
};

struct link {
  uint32_t number;
  struct end ends[2];
  enum carrier carrier;
  // The words that configured it, for the process after this one.
  char *words;
  size_t length;
};

struct links {
  struct link **list;  // ascending by number
  size_t count, room;
  struct end **slots;  // a hash table by the interfaces' indexes
  size_t slot_count;   // a power of two
};

// NULL: there is none.
struct link *links_find(const struct links *links, uint32_t number);
// The end whose interface has this index. NULL: there is none.
struct end *links_end(const struct links *links, int index);
// Adds a link without directions, which must not be there. NULL: no memory.
struct link *links_add(struct links *links, uint32_t number, const int indexes[2]);
// Takes a link out and frees it with its directions.
void links_remove(struct links *links, struct link *link);
// The end at which frames leave that come in at this one.
struct end *end_other(struct end *end);
