/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A toy VMM: it makes a VM of an image, runs it until it turns itself off, and
 * gives it one device, a console in the shared half. It knows moat/host.h and
 * nothing of who carries its calls out: at EL1 that is an HVC, in test.c an
 * engine in the same process.
 */
#ifndef VMM_H
#define VMM_H

#include <stdbool.h>
#include <stddef.h>

#include "moat/host.h"

enum {
	VMM_IPA_BITS = 32,
	VMM_TABLES = 4, /* pages for tables */
	VMM_BYTES = 0x200000, /* of each half, that may hold pages */
	VMM_OUTPUT = 64 /* what the console keeps */
};

/* Where the VM finds its console: one byte, to be written. */
#define VMM_CONSOLE UINT64_C(0x90000000)

struct vmm {
	struct moat_vm_id vm;
	struct moat_pa tables[VMM_TABLES];
	struct moat_host_pool pool;
	char output[VMM_OUTPUT];
	size_t length;
};

/* The pages that a VM is made of, all the host's. */
struct vmm_memory {
	struct moat_pa root; /* four pages, aligned to 16 KiB */
	struct moat_pa context;
	struct moat_pa tables; /* VMM_TABLES pages */
	struct moat_pa image; /* @count pages, contents kept */
	uint64_t count;
};

/* Make and seal a VM that starts at IPA 0. Returns the first refusal. */
uint64_t vmm_make(struct vmm *vmm, const struct vmm_memory *memory);

enum vmm_end {
	VMM_OFF, /* it turned itself off */
	VMM_LOST, /* it touched what it has not, or asked what there is not */
	VMM_REFUSED /* the engine would not run it */
};

enum vmm_end vmm_run(struct vmm *vmm);

/* Take everything back. Returns the first refusal. */
uint64_t vmm_end(struct vmm *vmm);

#endif
