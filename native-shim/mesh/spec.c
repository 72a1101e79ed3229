#define _GNU_SOURCE
#include "spec.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "../ping_spec.h"
#include "../report.h"
#include "../spec.h"

// So that a pair's number and the size of the table of pairs fit into 32 bits.
enum { NODES_MAX = 16384 };

static void add_node(struct mesh_spec *mesh, const char *pid, const char *start_time) {
  if (mesh->node_count == NODES_MAX) fail_with(STEP_READ_SPEC, E2BIG, "read node", pid);
  mesh->nodes = ping_grow(mesh->nodes, mesh->node_count, sizeof *mesh->nodes);
  mesh->nodes[mesh->node_count++] = (struct mesh_node){
      .pid = (pid_t)spec_number(pid, "node", 0, INT_MAX),
      .start_time = (unsigned long long)spec_number(start_time, "node", 0, 1ULL << 53),
      .list = -1,
      .icmp = {-1, -1},
      .netlink = -1,
  };
}

// Adds the address of a node to a list. All nodes must have been read.
static void add_address(struct mesh_spec *mesh, int list, int node, const char *text) {
  if (!mesh->lists[list]) mesh->lists[list] = calloc((size_t)mesh->node_count, sizeof *mesh->lists[list]);
  if (!mesh->lists[list]) fail(STEP_ALLOCATE_MEMORY, "allocate memory", "mesh");
  union address *to = &mesh->lists[list][node];
  if (inet_pton(AF_INET, text, &to->v4.sin_addr) == 1) to->v4.sin_family = AF_INET;
  else if (inet_pton(AF_INET6, text, &to->v6.sin6_addr) == 1) to->v6.sin6_family = AF_INET6;
  else fail_with(STEP_READ_SPEC, EINVAL, "read address", text);
}

static int node_number(const struct mesh_spec *mesh, const char *text, const char *word) {
  return (int)spec_number(text, word, 0, mesh->node_count - 1);
}

void mesh_spec_read(struct mesh_spec *mesh) {
  struct spec spec;
  spec_read(&spec);
  int is_closed = 0;  // no more nodes
  for (const char *word; (word = spec_next(&spec));) {
    const char *value = spec_argument(&spec, word);
    if (!strcmp(word, "count")) mesh->count = (int)spec_number(value, word, 1, USHRT_MAX);
    else if (!strcmp(word, "timeout")) mesh->timeout_ms = spec_number(value, word, 0, INT_MAX);
    else if (!strcmp(word, "side")) mesh->side = (int)spec_number(value, word, 1, SIDE_MAX);
    else if (!strcmp(word, "forget")) mesh->forget = (int)spec_number(value, word, 0, 1);
    else if (!strcmp(word, "share")) {
      mesh->share = (int)spec_number(value, word, 0, USHRT_MAX);
      mesh->shares = (int)spec_number(spec_argument(&spec, word), word, mesh->share + 1, USHRT_MAX + 1);
    } else if (!strcmp(word, "node") && !is_closed) {
      add_node(mesh, value, spec_argument(&spec, word));
    } else if (!strcmp(word, "sends")) {
      mesh->nodes[node_number(mesh, value, word)].list = (int)spec_number(spec_argument(&spec, word), word, 0, LISTS_MAX - 1);
      is_closed = 1;
    } else if (!strcmp(word, "address")) {
      int list = (int)spec_number(value, word, 0, LISTS_MAX - 1), node = node_number(mesh, spec_argument(&spec, word), word);
      add_address(mesh, list, node, spec_argument(&spec, word));
      is_closed = 1;
    } else {
      fail_with(STEP_READ_SPEC, EINVAL, "understand the word", word);
    }
  }
  spec_free(&spec);
  for (int i = 0; i < mesh->node_count; i++)
    if (mesh->nodes[i].list >= 0 && mesh->nodes[i].pid == 0) fail_with(STEP_READ_SPEC, EINVAL, "read sender", "without process");
}

const union address *mesh_address(const struct mesh_spec *mesh, int from, int to) {
  int list = mesh->nodes[from].list;
  if (from == to || list < 0 || !mesh->lists[list]) return NULL;
  const union address *address = &mesh->lists[list][to];
  return address->any.sa_family ? address : NULL;
}

const unsigned char *address_bytes(const union address *address) {
  return address->any.sa_family == AF_INET6 ? address->v6.sin6_addr.s6_addr
                                            : (const unsigned char *)(const void *)&address->v4.sin_addr;
}
