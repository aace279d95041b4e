/* bench.h: what the benchmarks share: clocks, percentiles, a server of one answer, a line of
 * figures.
 *
 * A line is name, value, unit, reference, ratio, fsync p99 of the run in ms (or -), samples.
 * Threads: the main one, but for what a benchmark starts. */
#ifndef TESTS_BENCH_BENCH_H
#define TESTS_BENCH_BENCH_H

#include "core/base/env.h"
#include "db/db.h"

double bench_wall_us(void);
double bench_cpu_us(void); /* of the whole process */
long bench_rss_kb(void);

/* Sorts `values`; p in 0..1. */
double bench_percentile(double *values, size_t count, double p);

/* p99 in ms of 100 small appends with fsync where benchmarks keep their files. */
double bench_fsync_p99(void);

/* fsync_ms < 0: no commit was in the way. */
void bench_line(const char *name, double value, const char *unit, const char *reference,
                double ratio, double fsync_ms, size_t samples);

/* A folder for files, gone at exit. */
const char *bench_folder(void);

/* A process that answers every request on its port with this body, keep-alive; ended at exit. */
int bench_server(const char *body, size_t len);
/* The same of several (8 at most), one after another. */
int bench_server_of(const char *const *bodies, const size_t *lens, size_t count);

/* The database of a benchmark. */
struct db *bench_db(struct env *env, const char *name);

#endif
