/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What ports do to live tables, as events: descriptor writes, barriers,
 * invalidations, switches of the VMID. The monitor judges them; their text form
 * carries them from any source, the console of an EL2 image included.
 */
#ifndef MOAT_MONITOR_EVENT_H
#define MOAT_MONITOR_EVENT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
	WATCH_VERSION = 1,
	WATCH_WORDS = 6,
	WATCH_TEXT = 160, /* bytes of any event's text */
	WATCH_CPUS = 64,
	WATCH_VMIDS = 256,
	WATCH_LOCKS = 0x10000
};

/*
 * X(constant, text, words). The words, in their order:
 *
 * begin    version, log2 of the page size; the first event of a trace
 * ram      base, bytes; what can be a table or a page
 * stage2   VMID, root, IPA bits, start level: VTTBR_EL2 and VTCR_EL2 written
 * enter    the CPU goes to EL1: from now on it may walk what is selected
 * leave    it is at EL2 again: what is selected is out of context
 * write    address, descriptor: a plain 64-bit store
 * release  the same with release semantics
 * zero     address, bytes: overwritten with zeroes
 * clean    address, bytes: read by the engine, who is about to use the contents
 * dsb_*    barriers of that domain and kind of access (Arm ARM, B2.3.12)
 * tlbi_*   VMID meant, and of those by IPA: IPA, pages, level hint or 0
 * unlock   the CPU released a lock
 * lock     number, VMID: the CPU took that lock, which protects tables of the
 *          VMID; whoever tells of one lock, tells of all
 * drop     number: the CPU is about to release it
 * own      address, pages, VMID, rights, VMID, rights: what the records permit;
 *          rights are 1 to read, 2 to write, 4 to execute
 * step     the CPU ended a step of the engine
 */
#define WATCH_EVENTS(X) \
	X(BEGIN, begin, 2) \
	X(RAM, ram, 2) \
	X(STAGE2, stage2, 4) \
	X(ENTER, enter, 0) \
	X(LEAVE, leave, 0) \
	X(WRITE, write, 2) \
	X(RELEASE, release, 2) \
	X(ZERO, zero, 2) \
	X(CLEAN, clean, 2) \
	X(DSB_SY, dsb_sy, 0) \
	X(DSB_ISH, dsb_ish, 0) \
	X(DSB_ISHST, dsb_ishst, 0) \
	X(DSB_ISHLD, dsb_ishld, 0) \
	X(DSB_NSH, dsb_nsh, 0) \
	X(DMB_ISH, dmb_ish, 0) \
	X(ISB, isb, 0) \
	X(TLBI_IPAS2E1IS, tlbi_ipas2e1is, 4) \
	X(TLBI_IPAS2LE1IS, tlbi_ipas2le1is, 4) \
	X(TLBI_IPAS2E1, tlbi_ipas2e1, 4) \
	X(TLBI_VMALLE1IS, tlbi_vmalle1is, 1) \
	X(TLBI_VMALLE1, tlbi_vmalle1, 1) \
	X(TLBI_VMALLS12E1IS, tlbi_vmalls12e1is, 1) \
	X(TLBI_VMALLS12E1, tlbi_vmalls12e1, 1) \
	X(TLBI_ALLE1IS, tlbi_alle1is, 0) \
	X(TLBI_ALLE1, tlbi_alle1, 0) \
	X(UNLOCK, unlock, 0) \
	X(LOCK, lock, 2) \
	X(DROP, drop, 1) \
	X(OWN, own, 6) \
	X(STEP, step, 0)

#define WATCH_EVENT_ENUM(constant, text, words) WATCH_##constant,
enum watch_kind { WATCH_EVENTS(WATCH_EVENT_ENUM) WATCH_KIND_COUNT };

/* Words that an event does not have are zero. */
struct watch_event {
	enum watch_kind kind;
	uint32_t cpu;
	uint64_t word[WATCH_WORDS];
};

/* The name of a kind in the text, and how many words it has. */
const char *watch_name(enum watch_kind kind);
uint32_t watch_words(enum watch_kind kind);

/**
 * The text of an event, without a line end:
 *
 *     watch <sequence> <kind> <cpu> <word...>
 *
 * Numbers are hexadecimal without prefix; all words of the kind are there.
 * @sequence counts events from 0. @text has WATCH_TEXT bytes. Freestanding.
 *
 * Returns the length, without the final NUL.
 */
size_t watch_format(
	const struct watch_event *event, uint64_t sequence, char *text);

enum watch_parse {
	WATCH_PARSE_EVENT,
	WATCH_PARSE_OTHER, /* the line has no event */
	WATCH_PARSE_MALFORMED /* *reason says why */
};

/**
 * Find the event in a line, which may have other text before it. A descriptor
 * may also be named: table:<pa>, page:<pa>:<rights>, block:<pa>:<rights> with
 * rights of the letters r, w and x, device:<pa>, empty. @reason is written
 * unless there is an event.
 */
enum watch_parse watch_parse(const char *line, struct watch_event *event,
	uint64_t *sequence, const char **reason);

#ifdef __cplusplus
}
#endif

#endif
