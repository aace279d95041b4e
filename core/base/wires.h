/* wires.h: WebSockets over the network: libwebsockets, its service loop in a thread of its own.
 *
 * Owner:   wires_new … wires_free; what it carries is asked for through ws.h.
 * Threads: only the loop touches libwebsockets; others leave an order and call lws_cancel_service,
 *          which is all that they may. Names are resolved on a thread for each, which nobody waits
 *          for; an address that does not connect is followed by the next one of its name.
 * Facts:   libwebsockets 4.1.6. The one reliable end of a connection is its WSI_DESTROY; an upgrade
 *          that is never answered has no other. One lws_write for each WRITEABLE. A close is not
 *          waited for: some peers never close. Its lines for the log may hold an address with a
 *          secret in it, so only the last one without a query is kept, as the reason. */
#ifndef CORE_BASE_WIRES_H
#define CORE_BASE_WIRES_H

#include "core/base/err.h"
#include "core/base/ws.h"

struct wires;

/* `ca_file` NULL or "": the system's certificates. NULL: it would not start. */
struct wires *wires_new(struct env *env, const char *ca_file, struct err *err) MUST_USE;

/* What is open is dropped, and what is in no box yet is not told. NULL is fine. */
void wires_free(struct wires *wires);

struct ws *wires_ws(struct wires *wires);

#endif
