/* SPDX-License-Identifier: BSD-2-Clause */
/* The functions of port.h, for the machine in use, under its monitor. */
#include "moat/port.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nettle/sha2.h>

#include "arch-host/cpu.h"
#include "arch-host/current.h"
#include "arch-host/inside.h"
#include "arch-host/watch.h"
#include "pte.h"

/* PSTATE of a vCPU at reset: EL1 with SP_EL1, D, A, I and F masked. */
#define RESET_PSTATE UINT64_C(0x3c5)

/* ESR_EL1 of external aborts from EL0: EC, IL, DFSC or IFSC (Arm ARM, D17.2);
 * from EL1 the EC is one more. */
#define ESR_DATA_ABORT UINT64_C(0x92000010)
#define ESR_INSTRUCTION_ABORT UINT64_C(0x82000010)
#define ESR_SAME_LEVEL UINT64_C(0x04000000)

#define PSTATE_MODE UINT64_C(0x1f)
#define MODE_EL1T UINT64_C(4) /* EL1 with SP_EL0 */
#define MODE_EL1H UINT64_C(5) /* EL1 with SP_EL1 */

/* What of a vCPU this port keeps in arch[]. */
enum { ARCH_MPIDR, ARCH_VBAR, ARCH_ELR, ARCH_SPSR, ARCH_ESR, ARCH_FAR };

/*
 * Defined here so that whoever makes a machine also links these functions,
 * which only the engine's archive asks for.
 */
struct host_machine *host_current;

/* The physical address of a byte the engine names by pointer. */
static bool address_of(
	const struct host_machine *machine, const void *byte, uint64_t *pa)
{
	uintptr_t at = (uintptr_t)byte;
	uintptr_t ram = (uintptr_t)machine->ram;
	uintptr_t memory = (uintptr_t)machine->memory;

	if (at - ram < machine->ram_size) {
		uint32_t page = (uint32_t)((at - ram) / MOAT_PAGE_SIZE);

		*pa = host_machine_pa(machine, page) +
		      (at - ram) % MOAT_PAGE_SIZE;
		return true;
	}
	*pa = machine->config.memory_pa.value + (at - memory);
	return machine->memory && at - memory < machine->memory_size;
}

/* The pages of RAM from @byte on are written. */
static void touch(struct host_machine *machine, const void *byte, size_t size)
{
	uintptr_t offset = (uintptr_t)byte - (uintptr_t)machine->ram;

	if (offset >= machine->ram_size) {
		return;
	}
	for (size_t done = 0; done < size; done += MOAT_PAGE_SIZE) {
		host_machine_touch(
			machine, (uint32_t)((offset + done) / MOAT_PAGE_SIZE));
	}
}

/* Whether the descriptor leads to device space, where no memory is. */
static bool is_of_device(
	const struct host_machine *machine, uint64_t descriptor)
{
	return pte_is_valid(descriptor) &&
	       !host_machine_memory(machine, pte_pa(descriptor));
}

void moat_port_descriptor_write(uint64_t *entry, uint64_t descriptor)
{
	uint64_t old;
	uint64_t pa;

	inside_event(host_current, "descriptor_write");
	if (!address_of(host_current, entry, &pa)) {
		moat_port_panic("a descriptor outside memory");
	}
	watch_write(host_current, pa, descriptor);
	touch(host_current, entry, sizeof(*entry));
	host_current->write_count++;
	host_current->device_write_count +=
		is_of_device(host_current, *entry) ||
		is_of_device(host_current, descriptor);
	old = *entry;
	*entry = descriptor;
	host_cpu_stored(host_current, pa, old);
}

void moat_port_publish(void)
{
	inside_event(host_current, "publish");
	watch_plain(host_current, WATCH_DSB_ISHST);
	host_cpu_published(host_current);
	watch_plain(host_current, WATCH_ISB);
}

void moat_port_invalidate(const struct moat_invalidation *what)
{
	inside_event(host_current, "invalidate");
	watch_invalidate(host_current, what);
	host_cpu_published(host_current);
	for (uint32_t i = 0; i < host_current->config.cpu_count; i++) {
		host_cpu_invalidate(host_current, &host_current->cpus[i], what);
	}
}

/*
 * A page of RAM that nobody wrote is zero already. To write zeroes there would
 * cost real memory: a block of the largest granule has 512 MiB.
 */
static void zero(struct host_machine *machine, unsigned char *byte, size_t size)
{
	for (size_t done = 0; done < size; done += MOAT_PAGE_SIZE) {
		size_t offset = (size_t)(byte + done - machine->ram);

		if (offset >= machine->ram_size ||
			machine->is_touched[offset / MOAT_PAGE_SIZE] != 0) {
			touch(machine, byte + done, MOAT_PAGE_SIZE);
			memset(byte + done, 0, MOAT_PAGE_SIZE);
		}
	}
}

void moat_port_scrub(void *page, size_t size)
{
	uint64_t pa;

	inside_event(host_current, "scrub");
	if (!address_of(host_current, page, &pa)) {
		moat_port_panic("a scrub outside memory");
	}
	watch_pages(host_current, WATCH_ZERO, pa, size);
	zero(host_current, page, size);
	watch_plain(host_current, WATCH_DSB_SY);
	host_cpu_published(host_current);
}

/* No caches between an agent and the arena. */
void moat_port_clean(void *page, size_t size)
{
	uint64_t pa;

	inside_event(host_current, "clean");
	if (!address_of(host_current, page, &pa)) {
		moat_port_panic("a clean outside memory");
	}
	watch_pages(host_current, WATCH_CLEAN, pa, size);
}

void moat_port_context_reset(struct moat_context *context, uint32_t vcpu,
	uint64_t pc, uint64_t argument)
{
	inside_event(host_current, "context_reset");
	touch(host_current, context, sizeof(*context));
	memset(context, 0, sizeof(*context));
	context->pc = pc;
	context->x[0] = argument;
	context->pstate = RESET_PSTATE;
	context->deadline = UINT64_MAX;
	context->arch[ARCH_MPIDR] = vcpu;
}

/* The synchronous vector for an exception from @mode (Arm ARM, D1.3.1.5). */
static uint64_t vector_from(uint64_t mode)
{
	if (mode == MODE_EL1T) {
		return 0x000;
	}
	return mode == MODE_EL1H ? 0x200 : 0x400;
}

/* As an exception taken to EL1 (Arm ARM, D1.3). */
void moat_port_context_abort(struct moat_context *context, struct moat_ipa ipa,
	enum moat_access access)
{
	uint64_t mode = context->pstate & PSTATE_MODE;

	inside_event(host_current, "context_abort");
	touch(host_current, context, sizeof(*context));
	context->arch[ARCH_ELR] = context->pc;
	context->arch[ARCH_SPSR] = context->pstate;
	context->arch[ARCH_FAR] = ipa.value;
	context->arch[ARCH_ESR] = access == MOAT_ACCESS_FETCH
					  ? ESR_INSTRUCTION_ABORT
					  : ESR_DATA_ABORT;
	if (mode == MODE_EL1T || mode == MODE_EL1H) {
		context->arch[ARCH_ESR] += ESR_SAME_LEVEL;
	}
	context->pstate = RESET_PSTATE;
	context->pc = context->arch[ARCH_VBAR] + vector_from(mode);
}

/* ---- Measurement ------------------------------------------------------- */

/* Numbers are hashed as eight bytes, the most significant one first. */
static void hash_words(
	struct sha256_ctx *hash, const uint64_t *word, size_t word_count)
{
	for (size_t i = 0; i < word_count; i++) {
		for (unsigned shift = 64; shift > 0; shift -= 8) {
			uint8_t byte = (uint8_t)(word[i] >> (shift - 8));

			sha256_update(hash, 1, &byte);
		}
	}
}

void moat_port_measure(uint64_t measurement[MOAT_MEASUREMENT_WORDS],
	const uint64_t *word, size_t word_count, const void *data, size_t size)
{
	struct sha256_ctx hash;
	uint8_t digest[SHA256_DIGEST_SIZE];

	inside_event(host_current, "measure");
	sha256_init(&hash);
	hash_words(&hash, measurement, MOAT_MEASUREMENT_WORDS);
	hash_words(&hash, word, word_count);
	if (size != 0) {
		sha256_update(&hash, size, data);
	}
	sha256_digest(&hash, sizeof(digest), digest);
	for (size_t i = 0; i < sizeof(digest); i++) {
		uint64_t *to = &measurement[i / sizeof(*to)];

		*to = *to << 8 | digest[i];
	}
}

/* ---- Locks, events ----------------------------------------------------- */

/*
 * One thread: if nobody woke since the last wait, and no strike is under way,
 * then whoever holds the lock will never release it.
 */
void moat_port_wait(void)
{
	if (!inside_wait(host_current)) {
		moat_port_panic("deadlock: a lock is waited for that is never "
				"released");
	}
}

void moat_port_wake(void)
{
	inside_event(host_current, "wake");
	watch_plain(host_current, WATCH_UNLOCK);
	inside_wake(host_current);
}

struct moat_event *moat_port_event_begin(void)
{
	inside_event(host_current, "event");
	memset(&host_current->event, 0, sizeof(host_current->event));
	return &host_current->event;
}

void moat_port_event_end(struct moat_event *event)
{
	char text[MOAT_EVENT_TEXT];

	if (host_current->trace) {
		moat_event_format(event, host_current->event_count, text);
		fprintf(host_current->trace, "%s\n", text);
	}
	if (host_current->hear) {
		host_current->hear(host_current->hear_argument, event);
	}
	host_current->event_count++;
}

void moat_port_panic(const char *reason)
{
	fflush(NULL);
	fprintf(stderr, "moat: panic: %s\n", reason);
	abort();
}
