/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch-aarch64/host_trap.h"

#include <stdbool.h>

#include "arch-aarch64/console.h"
#include "arch-aarch64/cpu.h"
#include "arch-aarch64/engine.h"
#include "arch-aarch64/exit.h"
#include "arch-aarch64/gic.h"
#include "arch-aarch64/psci.h"
#include "arch-aarch64/report.h"
#include "arch-aarch64/trapped.h"
#include "moat/port.h"

_Static_assert(sizeof(struct host_frame) == 272, "FRAME_SIZE of vectors.S");
_Static_assert(offsetof(struct host_frame, pc) == 248, "behind x30");

_Static_assert(offsetof(struct host_frame, x18) == 144, "FRAME_X18");
_Static_assert(offsetof(struct host_frame, pstate) == 256, "FRAME_CALL_X18");
/* SMCCC 1.2, section 6.1: fast, 64 bit, owner 6; the rest is the number. */
_Static_assert(MOAT_FUNCTION(0) >> 16 == 0xc600, "OWNER");
_Static_assert((int)MOAT_GUEST_ENTER == 3, "GUEST_ENTER");
_Static_assert(sizeof(report_counts[0]) == 32, "COUNTS_SHIFT");
_Static_assert((int)REPORT_CALL == 0, "the first of a row of report_counts");

static struct exit_syndrome read_syndrome(void)
{
	struct exit_syndrome syndrome = {
		.esr = read_esr_el2(),
		.far = read_far_el2(),
		.hpfar = read_hpfar_el2(),
		.pstate = read_spsr_el2(),
	};

	return syndrome;
}

static struct exit_target read_target(const struct host_frame *frame)
{
	struct exit_target target = {
		.pstate = frame->pstate,
		.vbar = read_vbar_el1(),
		.sctlr = read_sctlr_el1(),
		.has_mte = cpu_has_mte(),
	};

	return target;
}

/* The host takes an exception at EL1, where it is. */
static void take(
	struct host_frame *frame, const struct exit_injection *injection)
{
	write_esr_el1(injection->esr);
	write_elr_el1(frame->pc);
	write_spsr_el1(frame->pstate);
	frame->pc = injection->pc;
	frame->pstate = injection->pstate;
}

static void print_refusal(const struct host_frame *frame,
	const struct exit_syndrome *syndrome, uint64_t ipa)
{
	static const char *const verbs[MOAT_ACCESS_END] = {
		[MOAT_ACCESS_READ] = " read",
		[MOAT_ACCESS_WRITE] = " write",
		[MOAT_ACCESS_FETCH] = " fetch",
	};
	struct line line = {0};

	line_text(&line, "moat: host abort cpu ");
	line_decimal(&line, cpu_number());
	line_text(&line, " ipa ");
	line_hex(&line, ipa);
	line_text(&line, verbs[exit_access(syndrome->esr)]);
	line_text(&line, " pc ");
	line_hex(&line, frame->pc);
	line_text(&line, ": refused");
	line_print(&line);
}

static void refuse(struct host_frame *frame,
	const struct exit_syndrome *syndrome, uint64_t ipa)
{
	struct exit_target target = read_target(frame);
	struct exit_injection injection =
		exit_inject_abort(syndrome->esr, &target);

	report_count(REPORT_REFUSAL);
	print_refusal(frame, syndrome, ipa);
	write_far_el1(syndrome->far);
	take(frame, &injection);
}

/* x0..x30 of the host; x31 is the zero register. */
static uint64_t get_register(const struct host_frame *frame, uint32_t number)
{
	if (number < 18) {
		return frame->regs.x[number];
	}
	return number < 31 ? frame->x18[number - 18] : 0;
}

static void set_register(
	struct host_frame *frame, uint32_t number, uint64_t value)
{
	if (number < 18) {
		frame->regs.x[number] = value;
	} else if (number < 31) {
		frame->x18[number - 18] = value;
	}
}

/* A load or store that the engine does in the host's place. */
static bool emulate(struct host_frame *frame,
	const struct exit_syndrome *syndrome, uint64_t ipa)
{
	struct exit_transfer transfer;
	uint64_t value;

	if (!exit_transfer(syndrome, &transfer) || transfer.is_signed) {
		return false;
	}
	value = get_register(frame, transfer.number);
	if (!gic_access(ipa, &transfer, &value)) {
		return false;
	}
	if (!transfer.is_write) {
		set_register(frame, transfer.number, value);
	}
	frame->pc += 4;
	return true;
}

/*
 * Only a fetch from a device window is a permission fault of the host's stage
 * 2; there HPFAR_EL2 is not valid, and nothing can have changed meanwhile, so
 * the core need not be asked.
 */
static void trap_abort(struct host_frame *frame)
{
	struct exit_syndrome syndrome = read_syndrome();
	uint64_t ipa = 0;

	if (!exit_needs_walk(&syndrome) && exit_ipa(&syndrome, &ipa)) {
		struct moat_ipa where = {ipa};

		if (emulate(frame, &syndrome, ipa)) {
			return;
		}
		report_count(REPORT_ABORT);
		if (moat_host_abort(engine, cpu_number(), where) ==
			MOAT_HOST_RETRY) {
			return;
		}
	}
	refuse(frame, &syndrome, ipa);
}

static void trap_undefined(struct host_frame *frame, uint64_t esr)
{
	struct exit_target target = read_target(frame);
	struct exit_injection injection = exit_inject_undefined(esr, &target);

	take(frame, &injection);
}

/* An ID register, which says less to the host than to the engine; or what the
 * host does not have. */
static void trap_register(struct host_frame *frame, uint64_t esr)
{
	struct emulate_access access = emulate_decode(esr);
	uint64_t value;

	if (!trapped_value(access.name, EMULATE_HOST, &value)) {
		trap_undefined(frame, esr);
		return;
	}
	if (!access.is_write) {
		set_register(frame, access.number, value);
	}
	frame->pc += 4;
}

/* The PC is at the SMC, which must not run again. */
static void trap_smc(struct host_frame *frame, uint64_t esr)
{
	frame->pc += exit_call_length(esr);
	if (exit_immediate(esr) != 0) {
		frame->regs.x[0] = MOAT_NOT_SUPPORTED;
		return;
	}
	psci_call(&frame->regs);
}

void host_trap(struct host_frame *frame)
{
	uint64_t esr = read_esr_el2();

	switch (exit_class(esr)) {
	case EXIT_CLASS_HVC64: /* with an immediate (SMCCC 1.2, 2.9) */
		frame->regs.x[0] = MOAT_NOT_SUPPORTED;
		break;
	case EXIT_CLASS_SMC64:
		trap_smc(frame, esr);
		break;
	case EXIT_CLASS_DATA_LOWER:
	case EXIT_CLASS_FETCH_LOWER:
		trap_abort(frame);
		break;
	case EXIT_CLASS_SYSREG:
		trap_register(frame, esr);
		break;
	default:
		/* A register or instruction that the host does not have. */
		trap_undefined(frame, esr);
		break;
	}
}
