/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The only names of engine state, as an abstract interpreter sees it: arrays of
 * the size that the driver's configuration has, so that an index that is out of
 * its bounds is an alarm.
 */
#ifndef MOAT_CORE_ACCESS_H
#define MOAT_CORE_ACCESS_H

enum {
	EVA_PAGES = 1024,
	EVA_REGIONS = 2,
	EVA_HOST_TABLES = 4,
	EVA_VMS = 2,
	EVA_CPUS = 2
};

extern struct moat eva_moat;
extern struct page eva_page[EVA_PAGES];
extern struct table eva_table[EVA_PAGES];
extern struct moat_context eva_context[EVA_PAGES];
extern struct table eva_host_table[EVA_HOST_TABLES];
extern struct region eva_region[EVA_REGIONS];
extern struct vm eva_vm[EVA_VMS];
extern struct cpu eva_cpu[EVA_CPUS];
extern struct mutex eva_vm_lock[EVA_VMS];
extern struct mutex eva_region_lock[REGION_LOCK_COUNT];

#define MOAT(m) (eva_moat)
#define PAGE(m, p) (eva_page[p])
#define PAGE_TO_SET(m, p) (eva_page[p])
#define PAGES_TO_SET(m, run) (&eva_page[(run).first])
#define PAGE_ABOVE(m, p) (eva_page[p])
#define TABLE(m, p) (eva_table[p])
#define CONTEXT(m, p) (eva_context[p])
#define HOST_TABLE(m, t) (eva_host_table[t])
#define REGION(m, r) (eva_region[r])
#define VM(m, v) (eva_vm[v])
#define VCPU(m, v, i) (eva_vm[v].vcpu[i])
#define CPU(m, c) (eva_cpu[c])
#define VM_LOCK(m, v) (eva_vm_lock[v])
#define REGION_LOCK(m, l) (eva_region_lock[l])

#endif
