/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch-aarch64/emulate.h"

#define ICC_SRE EMULATE_NAME(3, 0, 12, 12, 5)
#define ACTLR EMULATE_NAME(3, 0, 1, 0, 1)
#define OSLSR EMULATE_NAME(2, 0, 1, 1, 4)

#define ICC_SRE_ON 7 /* SRE, DFB, DIB: no memory-mapped CPU interface */
#define OSLSR_UNLOCKED 8 /* the lock is there, and open */

/* Fields of EMULATE_NAME. */
#define OP0(name) ((name) >> 20 & 3)
#define OP1(name) ((name) >> 14 & 7)
#define OP2(name) ((name) >> 17 & 7)
#define CRN(name) ((name) >> 10 & 0xf)
#define CRM(name) ((name) >> 1 & 0xf)

#define AARCH64_IDENTITY 4 /* first CRm of AArch64's ID registers */

/*
 * The most that each 4-bit field of an ID register may say: 0xf is whatever the
 * CPU says, 0 is absent. So features younger than this list stay hidden, and so
 * does what a guest does not have:
 *
 *     AArch32, EL2, EL3          nobody switches what these add
 *     SVE, SME, MTE, PAuth, RAS  trapped: no switch of worlds saves them
 *     PMU, AMU, trace, profiling the host's, or nobody's
 *     what HCRX_EL2 turns on     HCRX_EL2 is zero
 *
 * Breakpoints and watchpoints are two each, the least that there can be. The
 * host lacks SVE, SME, MPAM, trace and profiling: see cpu.c.
 */
static const struct limit {
	uint32_t identity; /* CRm * 8 + op2 */
	uint64_t guest;
	uint64_t host;
} limits[] = {
	/* AA64PFR0: CSV3 CSV2 RME DIT, AMU MPAM SEL2 SVE, RAS GIC AdvSIMD FP,
	 * EL3 EL2 EL1 EL0 */
	{4 * 8 + 0, 0xf10f000001ff0011, 0xf20ff000f1ffff22},
	/* AA64PFR1: from bit 39 NMI CSV2_frac, RNDR_trap SME . MPAM_frac,
	 * RAS_frac MTE SSBS BT */
	{4 * 8 + 1, 0x00000000000000ff, 0x0000000f0000f3ff},
	/* AA64DFR0: HPMN0 . BRBE MTPMU, Buffer TraceFilt DoubleLock PMSVer,
	 * CTX_CMPs . WRPs ., BRPs PMUVer TraceVer DebugVer */
	{5 * 8 + 0, 0x000000f000101006, 0x000f00f0f0f0ff0f},
	/* AA64ISAR0: all but TME and reserved bits */
	{6 * 8 + 0, 0xfffffffff0fffff0, 0xfffffffff0fffff0},
	/* AA64ISAR1: LS64 XS I8MM DGH, BF16 SPECRES SB FRINTTS, GPI GPA LRCPC
	 * FCMA, JSCVT API APA DPB */
	{6 * 8 + 1, 0x00fff1ff00fff00f, 0x00fff1ffffffffff},
	/* AA64ISAR2: from bit 31 CLRBHB PAC_frac BC MOPS, APA3 GPA3 RPRES
	 * WFxT */
	{6 * 8 + 2, 0x00000000f0f000f0, 0x00000000fff0ffff},
	/* AA64MMFR0: ECV FGT . ., ExS TGran4_2 TGran64_2 TGran16_2, TGran4
	 * TGran64 TGran16 BigEndEL0, SNSMem BigEnd ASIDBits PARange: 44 bits */
	{7 * 8 + 0, 0x000000000f1f0ff4, 0x0000f000ffffffff},
	/* AA64MMFR1: from bit 47 AFP HCX ETS TWED, XNX SpecSEI PAN LO, HPDS VH
	 * VMIDBits HAFDBS */
	{7 * 8 + 1, 0x0000001000302002, 0x0000f0100f3f2002},
	/* AA64MMFR2: E0PD EVT BBM TTL, . FWB IDS AT, ST NV CCIDX VARange, IESB
	 * LSM UAO CnP */
	{7 * 8 + 2, 0xf00f001ff0f10ff0, 0xf0ff001ff0f1ffff},
};

struct emulate_access emulate_decode(uint64_t esr)
{
	struct emulate_access access = {
		.name = (uint32_t)(esr & EMULATE_NAME_MASK),
		.number = (uint32_t)(esr >> 5 & 0x1f),
		.is_write = (esr & 1) == 0,
	};

	return access;
}

uint32_t emulate_identity(uint32_t name)
{
	bool is_identity = OP0(name) == 3 && OP1(name) == 0 && CRN(name) == 0 &&
			   CRM(name) >= 1 && CRM(name) <= 7;

	return is_identity ? CRM(name) * 8 + OP2(name) : 0;
}

/*
 * The smaller of both in each field. Where 0xf says that something is absent
 * (FP, a granule) the limit is 0xf as well, or 0 if the engine itself needs it.
 */
static uint64_t limited(uint64_t hardware, uint64_t limit)
{
	uint64_t value = 0;

	for (uint32_t low = 0; low < 64; low += 4) {
		uint64_t has = hardware >> low & 0xf;
		uint64_t most = limit >> low & 0xf;

		value |= (has < most ? has : most) << low;
	}
	return value;
}

static uint64_t identity_value(
	uint32_t identity, enum emulate_world world, uint64_t hardware)
{
	for (uint32_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		if (limits[i].identity == identity) {
			return limited(hardware, world == EMULATE_GUEST
							 ? limits[i].guest
							 : limits[i].host);
		}
	}
	/* Of AArch32, which only the host has; or of AArch64, and reserved. */
	return world == EMULATE_HOST && identity < AARCH64_IDENTITY * 8
		       ? hardware
		       : 0;
}

/*
 * Debug registers, of which a guest has as few as there can be, and none that
 * works: all read as zero but for the OS lock. DCC (op1 3) is one of them.
 */
static bool guest_value(uint32_t name, uint64_t *value)
{
	bool is_debug = OP0(name) == 2 && (OP1(name) == 0 || OP1(name) == 3);

	*value = name == OSLSR ? OSLSR_UNLOCKED : 0;
	return is_debug || name == ACTLR;
}

bool emulate_value(uint32_t name, enum emulate_world world, uint64_t hardware,
	uint64_t *value)
{
	uint32_t identity = emulate_identity(name);

	if (identity != 0) {
		*value = identity_value(identity, world, hardware);
		return true;
	}
	if (name == ICC_SRE) {
		*value = ICC_SRE_ON;
		return true;
	}
	return world == EMULATE_GUEST && guest_value(name, value);
}
