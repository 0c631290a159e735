/* SPDX-License-Identifier: BSD-2-Clause */
/* What a row may ask of the port, and what the port saw of the engine. */
#ifndef MOAT_BENCH_PORT_H
#define MOAT_BENCH_PORT_H

#include <stdbool.h>
#include <stdint.h>

/* Whether moat_port_scrub zeroes, or does nothing. */
void port_zeroing(bool is_on);

/* Maintenance that costs nothing here, counted. */
struct port_counts {
	uint64_t invalidations;
};
extern struct port_counts port_counts;

#endif
