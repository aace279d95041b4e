/* net.h: HTTP over the network: one thread, one epoll loop, curl's multi interface in it.
 *
 * Owner:   net_new … net_free; what it carries is asked for through http.h.
 * Threads: a thread of its own does all transfers; net_http's functions from any task of a world
 *          of threads.
 * Hosts:   over TLS, those that speak HTTP/2 share at most 16 connections; HTTP/1.1 hosts have
 *          one connection a transfer, as has everything over plain http. Which a host is shows in
 *          its first answer. After a transport error the next request to that host begins on a
 *          fresh connection: a new easy handle alone would get the wedged one back from the pool.
 * Facts:   curl_multi_poll walks all transfers at each turn (29 ms a request with 9,000 waiting;
 *          0.09 ms this way). CAPATH costs 15 ms and 0.9 MB a connection, so it is off. */
#ifndef CORE_BASE_NET_H
#define CORE_BASE_NET_H

#include "core/base/http.h"

struct net;

struct net_options {
    const char *ca_file; /* NULL or "": the system's bundle */
    const char *proxy;   /* NULL or "": none, also not from the environment */
};

/* NULL: no epoll, or curl would not start. */
struct net *net_new(struct env *env, const struct net_options *options, struct err *err) MUST_USE;

/* What runs is aborted. NULL is fine. */
void net_free(struct net *net);

struct http *net_http(struct net *net);

/* Monotonic ms at which the loop last went round; for the watchdog. Any thread. */
int64_t net_last_turn_ms(struct net *net);

#endif
