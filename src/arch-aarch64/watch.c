/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch-aarch64/watch.h"

#include "arch-aarch64/cpu.h"
#include "arch-aarch64/engine.h"
#include "arch-aarch64/exit.h"
#include "arch-aarch64/guest.h"
#include "arch-aarch64/host_trap.h"
#include "arch-aarch64/sysreg.h"
#include "core/state.h"
#include "moat/port.h"

/* Semihosting for AArch32 and AArch64, section 7: a string, to its NUL. */
#define SEMIHOSTING_WRITE0 0x04

#define VTTBR_VMID 48
#define VTTBR_ADDRESS UINT64_C(0x0000fffffffffffe)

/* Protected by watch_lock, which is nobody's else: whoever waits for it spins,
 * and it tells no event. */
static uint32_t watch_lock;
static uint32_t is_on;
static uint64_t watch_count;
static uint64_t event_count;
static struct moat_event event;

static void lock(void)
{
	while (__atomic_exchange_n(&watch_lock, 1, __ATOMIC_ACQUIRE) != 0) {
	}
}

static void unlock(void)
{
	__atomic_store_n(&watch_lock, 0, __ATOMIC_RELEASE);
}

/* ---- Text -------------------------------------------------------------- */

static void write_line(char *text, size_t length)
{
	register uint64_t operation __asm__("x0") = SEMIHOSTING_WRITE0;
	register const char *parameter __asm__("x1") = text;

	text[length] = '\n';
	text[length + 1] = '\0';
	__asm__ volatile("hlt #0xf000"
			 : "+r"(operation)
			 : "r"(parameter)
			 : "memory");
}

static void write_event(const struct watch_event *watched)
{
	char text[WATCH_TEXT + 2];

	write_line(text, watch_format(watched, watch_count++, text));
}

static void tell(const struct watch_event *watched)
{
	if (__atomic_load_n(&is_on, __ATOMIC_RELAXED) != 0) {
		lock();
		write_event(watched);
		unlock();
	}
}

/* ---- Locks ------------------------------------------------------------- */

static void write_lock(
	enum watch_kind kind, uint32_t cpu, uint64_t number, uint64_t vmid)
{
	const struct watch_event watched = {kind, cpu, {number, vmid}};

	write_event(&watched);
}

/*
 * The engine tells no port that it takes a lock: it would cost every port. So
 * what this CPU holds is looked at when it does something. By coherence it
 * reads its own number in a mutex exactly while it holds that (lock.c). Whoever
 * held it before has released it, and may not have come to tell. Under
 * watch_lock; @told is who was told to hold it, or 0, plus one.
 */
static void look_at(const struct mutex *mutex, uint8_t *told, uint32_t number,
	uint32_t vmid)
{
	uint32_t cpu = cpu_number();
	bool is_held = __atomic_load_n(&mutex->owner, __ATOMIC_RELAXED) == cpu;
	bool was_held = *told == cpu + 1;

	if (is_held == was_held) {
		return;
	}
	if (*told != 0) {
		write_lock(WATCH_DROP, *told - 1u, number, 0);
	}
	*told = is_held ? (uint8_t)(cpu + 1) : 0;
	if (is_held) {
		write_lock(WATCH_LOCK, cpu, number, vmid);
	}
}

static void look_at_locks(void)
{
	static uint8_t vm_told[MOAT_VM_MAX];
	static uint8_t region_told[REGION_LOCK_COUNT];

	for (uint32_t i = 0; engine && i < VM_COUNT(engine); i++) {
		look_at(&VM_LOCK(engine, i), &vm_told[i], i, i + 1);
	}
	for (uint32_t i = 0; engine && i < REGION_LOCK_COUNT; i++) {
		look_at(&REGION_LOCK(engine, i), &region_told[i],
			MOAT_VM_MAX + 1 + i, 0);
	}
}

static void tell_after_locks(const struct watch_event *watched)
{
	if (__atomic_load_n(&is_on, __ATOMIC_RELAXED) != 0) {
		lock();
		look_at_locks();
		write_event(watched);
		unlock();
	}
}

/* ---- Instructions ------------------------------------------------------ */

void watch_plain(enum watch_kind kind)
{
	const struct watch_event watched = {kind, cpu_number(), {0}};

	tell(&watched);
}

/* SL0 counts up from there. */
enum { SL0_DEEPEST = MOAT_PAGE_BITS == 12 ? 2 : 3 };

/* T0SZ and SL0 of VTCR_EL2 (Arm ARM D19.2.165). */
void watch_stage2(void)
{
	uint64_t vttbr = read_vttbr_el2();
	uint64_t vtcr = read_vtcr_el2();
	const struct watch_event watched = {WATCH_STAGE2, cpu_number(),
		{vttbr >> VTTBR_VMID, vttbr & VTTBR_ADDRESS, 64 - vtcr % 64,
			SL0_DEEPEST - vtcr / 64 % 4}};

	tell(&watched);
}

/* IPA[47:12] in bits 35:0, TTL in 47:44: the granule, and the level. */
void watch_entry(uint64_t operand)
{
	const struct watch_event watched = {WATCH_TLBI_IPAS2E1IS, cpu_number(),
		{read_vttbr_el2() >> VTTBR_VMID,
			(operand & UINT64_C(0xfffffffff)) << 12, 1,
			operand >> 46 & 3 ? operand >> 44 & 3 : 0}};

	tell(&watched);
}

/* BaseADDR in bits 36:0, TTL in 38:37, NUM in 43:39, SCALE in 45:44. */
void watch_range(uint64_t operand)
{
	uint64_t pages = ((operand >> 39 & 0x1f) + 1)
			 << (5 * (operand >> 44 & 3) + 1);
	const struct watch_event watched = {WATCH_TLBI_IPAS2E1IS, cpu_number(),
		{read_vttbr_el2() >> VTTBR_VMID,
			(operand & UINT64_C(0x1fffffffff)) * MOAT_PAGE_SIZE,
			pages, operand >> 37 & 3}};

	tell(&watched);
}

void watch_all(enum watch_kind kind)
{
	const struct watch_event watched = {
		kind, cpu_number(), {read_vttbr_el2() >> VTTBR_VMID}};

	tell(&watched);
}

/* ---- The trace --------------------------------------------------------- */

/* Both counts under one lock, so that the lines are in one order; and the step
 * ends where its event is, inside its critical section. */
struct moat_event *moat_port_event_begin(void)
{
	lock();
	event = (struct moat_event){0};
	return &event;
}

void moat_port_event_end(struct moat_event *lent)
{
	const struct watch_event step = {WATCH_STEP, cpu_number(), {0}};
	char text[MOAT_EVENT_TEXT + 2];

	write_line(text, moat_event_format(lent, event_count++, text));
	if (is_on != 0) {
		look_at_locks();
		write_event(&step);
	}
	unlock();
}

/* ---- Functions of others, by the linker's --wrap ------------------------- */

struct moat *__real_moat_init(const struct moat_config *config, void *memory);
struct moat *__wrap_moat_init(const struct moat_config *config, void *memory);
void __real_moat_port_descriptor_write(uint64_t *entry, uint64_t descriptor);
void __wrap_moat_port_descriptor_write(uint64_t *entry, uint64_t descriptor);
void __real_moat_port_scrub(void *page, size_t size);
void __wrap_moat_port_scrub(void *page, size_t size);
void __real_moat_port_clean(void *page, size_t size);
void __wrap_moat_port_clean(void *page, size_t size);
void __real_moat_port_wake(void);
void __wrap_moat_port_wake(void);
enum exit_vector __real_guest_enter(struct moat_context *context);
enum exit_vector __wrap_guest_enter(struct moat_context *context);
enum moat_action __real_moat_host_call(
	struct moat *m, uint32_t cpu, struct moat_regs *regs);
enum moat_action __wrap_moat_host_call(
	struct moat *m, uint32_t cpu, struct moat_regs *regs);
void __real_guest_run(struct moat_regs *regs);
void __wrap_guest_run(struct moat_regs *regs);
void __real_host_trap(struct host_frame *frame);
void __wrap_host_trap(struct host_frame *frame);
void __real_host_enter(uint64_t pc, uint64_t pstate, uint64_t argument);
void __wrap_host_enter(uint64_t pc, uint64_t pstate, uint64_t argument);

static void tell_words(enum watch_kind kind, uint64_t first, uint64_t second)
{
	const struct watch_event watched = {
		kind, cpu_number(), {first, second}};

	tell(&watched);
}

struct moat *__wrap_moat_init(const struct moat_config *config, void *memory)
{
	is_on = 1;
	tell_words(WATCH_BEGIN, WATCH_VERSION, MOAT_PAGE_BITS);
	for (uint32_t i = 0; i < config->ram_count; i++) {
		tell_words(WATCH_RAM, config->ram[i].base, config->ram[i].size);
	}
	return __real_moat_init(config, memory);
}

/* Addresses are those of RAM: the engine's own translation is the identity. */
void __wrap_moat_port_descriptor_write(uint64_t *entry, uint64_t descriptor)
{
	const struct watch_event watched = {
		WATCH_WRITE, cpu_number(), {(uintptr_t)entry, descriptor}};

	tell_after_locks(&watched);
	__real_moat_port_descriptor_write(entry, descriptor);
}

void __wrap_moat_port_scrub(void *page, size_t size)
{
	tell_words(WATCH_ZERO, (uintptr_t)page, size);
	__real_moat_port_scrub(page, size);
}

void __wrap_moat_port_clean(void *page, size_t size)
{
	tell_words(WATCH_CLEAN, (uintptr_t)page, size);
	__real_moat_port_clean(page, size);
}

/* The lock was released by the store before. */
void __wrap_moat_port_wake(void)
{
	const struct watch_event watched = {WATCH_UNLOCK, cpu_number(), {0}};

	tell_after_locks(&watched);
	__real_moat_port_wake();
}

enum exit_vector __wrap_guest_enter(struct moat_context *context)
{
	enum exit_vector vector;

	watch_plain(WATCH_ENTER);
	vector = __real_guest_enter(context);
	watch_plain(WATCH_LEAVE);
	return vector;
}

enum moat_action __wrap_moat_host_call(
	struct moat *m, uint32_t cpu, struct moat_regs *regs)
{
	enum moat_action action;

	watch_plain(WATCH_LEAVE);
	action = __real_moat_host_call(m, cpu, regs);
	if (action != MOAT_GUEST_ENTER) {
		watch_plain(WATCH_ENTER);
	}
	return action;
}

void __wrap_guest_run(struct moat_regs *regs)
{
	__real_guest_run(regs);
	watch_plain(WATCH_ENTER);
}

void __wrap_host_trap(struct host_frame *frame)
{
	watch_plain(WATCH_LEAVE);
	__real_host_trap(frame);
	watch_plain(WATCH_ENTER);
}

void __wrap_host_enter(uint64_t pc, uint64_t pstate, uint64_t argument)
{
	watch_plain(WATCH_ENTER);
	__real_host_enter(pc, pstate, argument);
}
