/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scopes: machines so small that all their states can be visited, and all that
 * can be done in a state of theirs.
 *
 * Most of a scope's one region of RAM is withheld, so that its pages are ENGINE
 * and no state differs in them. What is left is some root groups (as many pages
 * as a root has, so aligned) and some loose pages, for everything else.
 *
 * A scope leaves out what makes states that differ in nothing that matters:
 * values other than 0 and 1, words other than a page's first, registers other
 * than SCOPE_SECRET, counts other than 1. It never leaves out a call: each one
 * is made in each state with each page, address and flag of the scope, whether
 * it can succeed there or not.
 */
#ifndef MOAT_EXPLORE_SCOPE_H
#define MOAT_EXPLORE_SCOPE_H

#include "lockstep/op.h"
#include "model/model.h"

/* The register of a vCPU that has two values: the last one that a host_call can
 * show. */
enum { SCOPE_SECRET = 7 };

enum { SCOPE_PAGES_MAX = 16, SCOPE_VMS_MAX = 3, SCOPE_OPS_MAX = 512 };

struct scope {
	const char *name;
	uint32_t cpus;
	uint32_t vms;
	uint32_t vcpus; /* of each VM */
	uint32_t ipa_bits;
	uint32_t roots; /* root groups */
	uint32_t loose; /* other pages */
	uint32_t private_pages; /* addresses of the protected half */
	uint32_t shared_pages; /* addresses of the shared half */
	bool has_all_traps; /* each exit there is, not only the main ones */
	bool is_uniform; /* roots may be used as loose pages */
};

/* The scope of that name, or NULL; and by number, NULL at the end. */
const struct scope *scope_find(const char *name);
const struct scope *scope_at(size_t index);

struct moat_config scope_config(const struct scope *scope);

/* Pages of a root; those of all root groups, which come first, and the loose
 * ones behind them. */
uint32_t scope_root_pages(const struct scope *scope);
uint32_t scope_page_count(const struct scope *scope);
uint64_t scope_page(const struct scope *scope, uint32_t page);

/* The addresses of a VM that there is anything to be known of. */
uint32_t scope_ipa_count(const struct scope *scope);
uint64_t scope_ipa(const struct scope *scope, uint32_t index);

struct scope_ops {
	struct op op[SCOPE_OPS_MAX];
	uint32_t count;
};

/* All that can be done in the state @model: the same list each time. */
void scope_list(const struct scope *scope, const struct model *model,
	struct scope_ops *ops);

#endif
