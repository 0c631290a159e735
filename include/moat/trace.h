/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The trace: one event for each step, and its text form, which the model
 * replays from any source, a serial console included.
 */
#ifndef MOAT_TRACE_H
#define MOAT_TRACE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { MOAT_EVENT_IN = 16, MOAT_EVENT_OUT = 15, MOAT_EVENT_TEXT = 640 };

/*
 * kind   in                                        out
 * INIT   one word of the configuration each: cpus, none
 *        vms, ipa_bits, host_ipa_bits, list
 *        registers
 * RAM    base, size of one range                   none
 * HIDE   base, size of one withheld range          none
 * CALL   x0..x9 of the host, of vcpu_run x0..x13   x0..x9 (none: GUEST_ENTER)
 * ABORT  IPA                                       none
 * EXIT   trap kind, access, IPA; of an abort the   GUEST_RESUME: the guest's
 *        other fields of struct moat_trap in       x0..x4; HOST_RETURN: the
 *        their order and the register named, of    host's x0..x14
 *        a call x0..x9 of the guest; in the last
 *        three words deadline, maintenance, and 0
 *
 * INIT, then each RAM, then each HIDE, are the first events of an engine. The
 * guest's x1..x4 on GUEST_RESUME are what they are after the step.
 */
enum moat_event_kind {
	MOAT_EVENT_INIT,
	MOAT_EVENT_RAM,
	MOAT_EVENT_HIDE,
	MOAT_EVENT_CALL,
	MOAT_EVENT_ABORT,
	MOAT_EVENT_EXIT,
	MOAT_EVENT_KIND_COUNT
};

/* Words that an event does not use are zero. */
struct moat_event {
	uint32_t kind; /* enum moat_event_kind */
	uint32_t cpu; /* 0 for INIT, RAM, HIDE */
	uint32_t action; /* enum moat_action; 0 for INIT, RAM, HIDE */
	uint64_t in[MOAT_EVENT_IN];
	uint64_t out[MOAT_EVENT_OUT];
};

/**
 * The text of an event, without a line end:
 *
 *     moat <sequence> <kind> <cpu> <in...> > <action> <out...>
 *
 * Numbers are hexadecimal without prefix, kind is init, ram, hide, call, abort
 * or exit; zeroes at the end of in and of out are left away. @sequence is the
 * port's count of events, from 0. @text has MOAT_EVENT_TEXT bytes.
 *
 * Returns the length, without the final NUL.
 */
size_t moat_event_format(
	const struct moat_event *event, uint64_t sequence, char *text);

#ifdef __cplusplus
}
#endif

#endif
