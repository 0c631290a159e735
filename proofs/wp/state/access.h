/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The only names of engine state, as a prover sees it: plain global arrays
 * whose address nobody takes, which WP treats as logical arrays. Their bounds
 * are what no configuration exceeds; how much is there is told by the constants
 * of struct moat, as in the engine.
 */
#ifndef MOAT_CORE_ACCESS_H
#define MOAT_CORE_ACCESS_H

enum {
	PROOF_PAGES = 0x7fffffff,
	PROOF_REGIONS = 0x400000,
	PROOF_HOST_TABLES = 0x800000
};

extern struct moat proof_moat;
extern struct page proof_page[PROOF_PAGES];
extern struct table proof_table[PROOF_PAGES];
extern struct moat_context proof_context[PROOF_PAGES];
extern struct table proof_host_table[PROOF_HOST_TABLES];
extern struct region proof_region[PROOF_REGIONS];
extern struct vm proof_vm[MOAT_VM_MAX];
extern struct cpu proof_cpu[MOAT_CPU_MAX];
extern struct mutex proof_vm_lock[MOAT_VM_MAX];
extern struct mutex proof_region_lock[REGION_LOCK_COUNT];

#define MOAT(m) (proof_moat)
#define PAGE(m, p) (proof_page[p])
#define PAGE_TO_SET(m, p) (proof_page[p])
#define PAGE_ABOVE(m, p) (proof_page[p])
#define TABLE(m, p) (proof_table[p])
#define CONTEXT(m, p) (proof_context[p])
#define HOST_TABLE(m, t) (proof_host_table[t])
#define REGION(m, r) (proof_region[r])
#define VM(m, v) (proof_vm[v])
#define VCPU(m, v, i) (proof_vm[v].vcpu[i])
#define CPU(m, c) (proof_cpu[c])
#define VM_LOCK(m, v) (proof_vm_lock[v])
#define REGION_LOCK(m, l) (proof_region_lock[l])

#endif
