/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Moat: an isolation engine beneath a de-privileged hypervisor.
 *
 * Promise.  The engine alone owns stage-2 tables, page ownership and vCPU
 * registers. A page that a VM owns is out of reach of the host and of every
 * other VM until it has been scrubbed. A refused call changes nothing. No call
 * by the host or by a VM can panic the engine or make it loop without bound.
 *
 * Trust.  The embedder (see port.h), the compiler, the CPU and the boot path
 * are trusted. The host and every VM are not.
 *
 * This file is the manual, with call.h and guest.h, which it includes: here
 * what there is and how it is set up and driven, there each call. Addresses are
 * in bytes, counts in pages, a page is one granule. That is 4 KiB here, a table
 * has 512 entries, a level-2 block 2 MiB; granule.h says what they are where it
 * is another. Tags such as [PAGE-3] name predicates of invariant.c.
 */
#ifndef MOAT_MOAT_H
#define MOAT_MOAT_H

#include <stddef.h>
#include <stdint.h>

#include "moat/granule.h"

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define MOAT_MUST_CHECK __attribute__((warn_unused_result))
#else
#define MOAT_MUST_CHECK
#endif

/* ---- Types ------------------------------------------------------------- */

struct moat; /* one engine; its memory belongs to the embedder */

struct moat_pa {
	uint64_t value; /* physical address */
};
struct moat_ipa {
	uint64_t value; /* intermediate physical address */
};
struct moat_vm_id {
	uint64_t value; /* VM slot number, chosen by the host */
};
struct moat_vcpu_id {
	uint64_t value; /* vCPU number within its VM */
};

/* General registers of a call: x0 is the function, x1.. the arguments. */
struct moat_regs {
	uint64_t x[18];
};

enum {
	MOAT_ABI_VERSION = 0x00010000, /* major << 16 | minor */
	MOAT_RANGE_PAGES_MAX = MOAT_TABLE_ENTRIES, /* pages one call changes */
	MOAT_LOAD_PAGES_MAX = 8, /* pages one page_load measures */
	MOAT_IPA_BITS_MIN = 32,
	MOAT_IPA_BITS_MAX = 44, /* of a VM */
	MOAT_HOST_IPA_BITS_MAX = 48,
	MOAT_VM_MAX = 255, /* VMID 0 is the host's, VM v has VMID v + 1 */
	MOAT_VCPU_MAX = 8, /* vCPUs of one VM */
	MOAT_CPU_MAX = 64,
	MOAT_RANGE_MAX = 16, /* RAM ranges; withheld ranges */
	MOAT_RESULT_COUNT = 9, /* x1..x9 */
	MOAT_HOST_CALL_MAX = 6, /* registers a host_call may declare */
	MOAT_LIST_REGISTER_MAX = 4, /* of the GIC, in a context */
	MOAT_RUN_RESULT_COUNT = 14, /* x1..x14 of vcpu_run */
	MOAT_MEASUREMENT_WORDS = 4 /* SHA-256 */
};

/* ---- Status ------------------------------------------------------------ */

/*
 * Every call tests in the order of this list and stops at the first refusal,
 * so the precedence is part of the interface. x0 holds the code in bits 7:0
 * and, in bits 15:8, the number of the argument register at fault (1 for x1),
 * or 0 where none is named: BAD_VM always names x1, the others name what the
 * call's manual says. The results x1..x9 are always written; on a refusal they
 * are zero.
 */
enum moat_status {
	MOAT_OK = 0,
	MOAT_BAD_ARG, /* unaligned, zero or out of range whatever the state */
	MOAT_BAD_VM, /* no such VM slot */
	MOAT_BAD_STATE, /* the VM's life does not permit the call */
	MOAT_BAD_IPA, /* address or level outside this VM's IPA half */
	MOAT_BAD_VCPU, /* no such vCPU in this VM */
	MOAT_BUSY, /* a vCPU concerned is running */
	MOAT_VCPU_IS_OFF, /* the vCPU is powered off */
	MOAT_BAD_ENTRY, /* the entry asks what the last exit does not permit */
	MOAT_NO_TABLE, /* no table at that level for that IPA */
	MOAT_NEEDS_SPLIT, /* a block is there, and it is not meant as a whole */
	MOAT_OCCUPIED, /* the slot already holds something */
	MOAT_NOT_MAPPED, /* the slot holds nothing */
	MOAT_NOT_EMPTY, /* the object still holds something */
	MOAT_NOT_UNIFORM, /* the entries do not make one block */
	MOAT_BAD_PAGE, /* not RAM, or not in the state the call needs */
	MOAT_STATUS_COUNT
};

/* x0 of a function that does not exist (SMCCC 1.2, section 5.2). */
#define MOAT_NOT_SUPPORTED (~(uint64_t)0)

static inline uint64_t moat_status_code(uint64_t x0)
{
	return x0 % 256;
}
static inline uint64_t moat_status_operand(uint64_t x0)
{
	return x0 / 256 % 256;
}

/* ---- Life -------------------------------------------------------------- */

enum moat_page_state {
	MOAT_PAGE_HOST, /* the host's alone */
	MOAT_PAGE_LENT, /* the host's, and mapped in a VM's shared half */
	MOAT_PAGE_VM, /* a VM's alone */
	MOAT_PAGE_SHARED, /* a VM's, and the host may use it */
	MOAT_PAGE_TABLE, /* a stage-2 table of a VM */
	MOAT_PAGE_VCPU, /* the register context of a vCPU */
	MOAT_PAGE_ENGINE, /* withheld for ever */
	MOAT_PAGE_STATE_COUNT
};

enum moat_vm_life {
	MOAT_VM_EMPTY, /* the slot is free */
	MOAT_VM_BUILDING, /* contents chosen by the host may enter */
	MOAT_VM_ACTIVE, /* vCPUs may run */
	MOAT_VM_DYING, /* pages may be reclaimed; nothing runs again */
	MOAT_VM_LIFE_COUNT
};

enum moat_vcpu_state {
	MOAT_VCPU_ABSENT, /* not created */
	MOAT_VCPU_OFF, /* waits for a PSCI CPU_ON of its VM */
	MOAT_VCPU_READY, /* may be run */
	MOAT_VCPU_RUNNING, /* on exactly one CPU [VCPU-1] */
	MOAT_VCPU_STATE_COUNT
};

/* What a lent page permits the VM. READ is always part of it. */
enum moat_permission { MOAT_READ = 1, MOAT_WRITE = 2, MOAT_EXECUTE = 4 };

/* ---- Set-up ------------------------------------------------------------ */

struct moat_range {
	uint64_t base; /* bytes */
	uint64_t size; /* bytes */
};

/*
 * What the machine has. RAM ranges ascend, neither overlap nor touch, and are
 * whole regions of 2 MiB, in all of fewer than 2^32 - 1 pages. Withheld ranges
 * ascend, neither overlap nor touch, and are whole pages; all lie below
 * 2^host_ipa_bits: the host never reaches them, be they RAM (engine image,
 * engine memory) or device windows (a device that can do DMA past stage 2, for
 * one). The rest of the host's IPA space is mapped for it as device memory.
 */
struct moat_config {
	uint32_t cpu_count; /* 1..MOAT_CPU_MAX */
	uint32_t vm_count; /* 1..MOAT_VM_MAX */
	uint32_t ipa_bits; /* widest VM IPA space: 32..44 */
	uint32_t host_ipa_bits; /* the host's identity map: 32..48 */
	uint32_t ram_count; /* 1..MOAT_RANGE_MAX */
	uint32_t withheld_count;
	uint32_t list_register_count; /* the GIC's: 0..4; one is the engine's */
	struct moat_range ram[MOAT_RANGE_MAX];
	struct moat_range withheld[MOAT_RANGE_MAX];
	/* Where the engine sees RAM: page n of all RAM, counted in the order of
	 * the ranges, is at ram_window + n * MOAT_PAGE_SIZE. Cacheable. */
	void *ram_window;
	/* The physical address of the memory given to moat_init. */
	struct moat_pa memory_pa;
};

/**
 * Bytes of memory an engine needs for @config, or 0 if @config breaks a rule
 * stated above or its memory_pa is not aligned to 16 pages (64 KiB). The memory
 * is physically contiguous and, if it lies in RAM, the embedder withholds it.
 *
 * Cost: 4,100 KiB for each GiB of RAM, 4 KiB for each GiB that has RAM or a
 * part of it withheld, 8 KiB for each withheld range, and at most 0.5 MiB for
 * VMs, CPUs and the root. In all at most 4.1 MiB for each GiB from 8 GiB of RAM
 * on, and from 1 GiB on with a 40-bit host, 32 VMs, 8 CPUs and 4 such ranges.
 *
 * A host of more than 43 bits has also 4 KiB for each 512 GiB of its IPA space
 * that is not withheld. With granules of 16 and 64 KiB, which have no blocks
 * above level 2, all that is not withheld costs 8 bytes for each 32 or 512 MiB:
 * whoever has a wide and sparse space withholds its holes.
 */
size_t moat_size(const struct moat_config *config);

/**
 * Make an engine in @memory: every RAM page HOST or ENGINE, every VM EMPTY.
 *
 * Before:  @memory has moat_size(@config) bytes and is aligned to 16 pages; a
 *          config that moat_size refuses is a panic.
 * After:   all invariants hold; moat_host_stage2 may be installed.
 * Cost:    every byte of @memory that the engine will read is written once.
 */
struct moat *moat_init(const struct moat_config *config, void *memory);

/* ---- Steps ------------------------------------------------------------- */

/* What the arch layer does next on this CPU. */
enum moat_action {
	MOAT_HOST_RESUME, /* return to the host; its x0..x9 are written */
	MOAT_HOST_RETRY, /* return to the host; run the access again */
	MOAT_HOST_INJECT, /* give the host an external abort */
	MOAT_GUEST_ENTER, /* switch to the CPU's vCPU and run it */
	MOAT_GUEST_RESUME, /* go on running the CPU's vCPU */
	MOAT_HOST_RETURN, /* switch to the host; its x0..x9 are written */
	MOAT_ACTION_COUNT
};

enum moat_access {
	MOAT_ACCESS_READ = 1,
	MOAT_ACCESS_WRITE,
	MOAT_ACCESS_FETCH,
	MOAT_ACCESS_END
};

/* Why a running vCPU trapped, as decoded by the arch layer. */
enum moat_trap_kind {
	MOAT_TRAP_IRQ = 1, /* a physical interrupt */
	MOAT_TRAP_WFI, /* WFI or WFE; the PC is still at it */
	MOAT_TRAP_CALL, /* HVC or SMC; the PC is behind it */
	MOAT_TRAP_ABORT, /* stage-2 fault */
	MOAT_TRAP_SERROR,
	MOAT_TRAP_OTHER, /* anything undecodable */
	MOAT_TRAP_END
};

struct moat_trap {
	enum moat_trap_kind kind;
	enum moat_access access; /* ABORT only */
	struct moat_ipa ipa; /* ABORT only; exact if has_syndrome */
	/* ABORT only, of a load or store of one register (Arm ARM, ESR_ELx
	 * ISV); all zero otherwise. */
	uint32_t has_syndrome;
	uint32_t size; /* bytes: 1, 2, 4 or 8 */
	uint32_t register_index; /* 31: the zero register */
	uint32_t is_signed; /* a load extends the sign */
	uint32_t is_wide; /* the register is an X, not a W */
};

/*
 * Why vcpu_run returned: x1 of its results. Together with x10..x14 (vcpu_run)
 * this is the complete list of what flows from a VM to the host.
 */
enum moat_exit_reason {
	MOAT_EXIT_IRQ = 1, /* nothing else */
	MOAT_EXIT_WFI, /* x2 the virtual timer's deadline, or ~0 */
	MOAT_EXIT_FAULT, /* x2 page-aligned IPA, x3 enum moat_access */
	MOAT_EXIT_MMIO, /* x2 IPA, x3 size, x4 enum moat_access, x5 the value
			 * written; a read has none */
	MOAT_EXIT_HOST_CALL, /* x2 count, x3..x8 that many registers */
	MOAT_EXIT_PSCI, /* x2 function, its SMC32 form; x3 target of CPU_ON */
	MOAT_EXIT_SHARE, /* x2 IPA, x3 count */
	MOAT_EXIT_UNSHARE, /* x2 IPA, x3 count */
	MOAT_EXIT_RELINQUISH, /* x2 IPA, x3 count */
	MOAT_EXIT_SERROR, /* nothing else */
	MOAT_EXIT_OTHER, /* nothing else */
	MOAT_EXIT_END
};

/*
 * A vCPU's registers, in its context page. The core uses the named ones; the
 * arch layer owns arch[], and before moat_guest_exit it puts the list registers
 * and what the GIC and the virtual timer say here.
 */
struct moat_context {
	uint64_t x[31];
	uint64_t pc;
	uint64_t pstate;
	uint64_t list_register[MOAT_LIST_REGISTER_MAX]; /* the host's part */
	uint64_t wants_maintenance; /* entry flag MOAT_ENTRY_UNDERFLOW */
	uint64_t maintenance; /* ICH_MISR_EL2 at the exit */
	uint64_t deadline; /* CNTV_CVAL_EL0 if the timer is armed, else ~0 */
	uint64_t arch[472];
};

/* A stage-2 translation, ready for VTTBR_EL2 and VTCR_EL2. */
struct moat_stage2 {
	struct moat_pa root;
	uint32_t ipa_bits;
	uint32_t start_level;
	uint32_t vmid;
};

/**
 * A hypercall of the host on @cpu. Never fails: x0 says what happened.
 *
 * Before:  the host runs on @cpu; @regs are its x0..x17.
 * After:   HOST_RESUME, x0..x9 written, x10..x17 kept; or, for vcpu_run
 *          accepted, GUEST_ENTER with @regs untouched: they are written by the
 *          moat_guest_exit that ends the run.
 */
enum moat_action moat_host_call(
	struct moat *m, uint32_t cpu, struct moat_regs *regs);

/**
 * The host on @cpu touched @ipa and stage 2 refused it.
 *
 * After:   HOST_RETRY if it is RAM that is the host's to use (another CPU was
 *          changing its mapping; by now that is done), else HOST_INJECT: the
 *          map of devices never changes, so a fault there is final.
 * Locks:   the region of @ipa.
 */
enum moat_action moat_host_abort(
	struct moat *m, uint32_t cpu, struct moat_ipa ipa);

/**
 * The vCPU that runs on @cpu trapped; its registers are in its context.
 *
 * After:   GUEST_RESUME, or HOST_RETURN with the exit record in x0..x14 of
 *          @regs (x0 is MOAT_OK, what the reason does not list is zero) and
 *          x15..x17 kept. An abort that the VM's tables permit by now (another
 *          CPU was changing them) resumes the guest.
 */
enum moat_action moat_guest_exit(struct moat *m, uint32_t cpu,
	const struct moat_trap *trap, struct moat_regs *regs);

/* The registers of the vCPU that runs on @cpu, or NULL if the host does. */
struct moat_context *moat_cpu_context(struct moat *m, uint32_t cpu);

/* The translation of the host, and of what runs on @cpu now. */
struct moat_stage2 moat_host_stage2(const struct moat *m);
struct moat_stage2 moat_cpu_stage2(const struct moat *m, uint32_t cpu);

/* The tag of the first invariant that does not hold, or NULL. For tests: no
 * locks are taken, all CPUs must be outside the engine; cost: all of state. */
const char *moat_invariant_check(const struct moat *m);

#ifdef __cplusplus
}
#endif

#include "moat/call.h"
#include "moat/guest.h"
#include "moat/version.h"

#endif
