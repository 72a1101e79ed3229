// FlowQueue-CoDel (RFC 8290): a queue with CoDel for each flow, served in turn, new flows first.
#pragma once
#include "config.h"
#include "packet.h"

struct queue;
struct fq_codel;

// NULL: no memory.
struct fq_codel *fq_codel_new(const struct queue_config *config, uint64_t key);
void fq_codel_free(struct fq_codel *fair, struct pool *pool);
// Puts a frame into the queue of its flow.
void fq_codel_append(struct queue *queue, struct packet *packet);
// Drops frames of the longest flow while there are more than the limit.
void fq_codel_keep_limit(struct queue *queue);
struct packet *fq_codel_take(struct queue *queue, int64_t now);
// Takes any frame; those of a flow in their order. NULL: there is none.
struct packet *fq_codel_take_raw(struct fq_codel *fair);
void fq_codel_shift(struct fq_codel *fair, int64_t ns);
