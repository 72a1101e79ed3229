// Hands on the state of a link's ends: when a node's interface goes down, the wire takes the other inner end down, so that the
// other node's interface loses its carrier, as with a plain veth pair. The wire never takes both down by this rule: the end that
// lost its carrier stays up, so that its return is seen.
#pragma once
#include "interfaces.h"
#include "links.h"

// Sets up the ends that should be up, as when a link is new or its interfaces were made again, and then follows their carriers.
void carrier_begin(const struct interfaces *interfaces, struct link *link);
// Looks at both ends, and does what their carriers demand.
void carrier_follow(const struct interfaces *interfaces, struct link *link);
// Takes both ends down until carrier_mend.
void carrier_cut(const struct interfaces *interfaces, struct link *link);
void carrier_mend(const struct interfaces *interfaces, struct link *link);
