/* fuzz.h: what the fuzzers share: libFuzzer's door, and a claim that must hold.
 *
 * Each fuzzer says what is true of every answer of its parser; the sanitizers say the rest.
 * tools/fuzz.sh runs them and makes their seeds. */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include "core/base/base.h"

#define MUST(claim)                                                                                \
    do {                                                                                           \
        if (!(claim)) {                                                                            \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #claim);                    \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
