/* certificate.h: a certificate of the sandbox's own, for 127.0.0.1 and localhost.
 *
 * Threads: none. Files: DIR/cert.pem (also the CA to trust) and DIR/key.pem (mode 0600). */
#ifndef TESTS_SANDBOX_CERTIFICATE_H
#define TESTS_SANDBOX_CERTIFICATE_H

#include "core/base/err.h"

/* Makes a new pair, good for some weeks. `dir` must be there. */
int certificate_write(const char *dir, struct err *err) MUST_USE;

#endif
