/* SPDX-License-Identifier: BSD-2-Clause */
/* The rules of the monitor: docs/monitor.md explains each. */
#ifndef MOAT_MONITOR_RULE_H
#define MOAT_MONITOR_RULE_H

#ifdef __cplusplus
extern "C" {
#endif

/*
 * X(constant, name, text). Of the rules from NOT_INVALIDATED to BEFORE_WRITE a
 * later one is the nearer miss: it names why an invalidation did not count.
 */
#define MONITOR_RULES(X) \
	X(NONE, none, "no rule is broken") \
	X(NOT_INVALIDATED, not_invalidated, \
		"an entry went and was not invalidated") \
	X(DOWNGRADE, downgrade, \
		"an entry lost a permission and was not invalidated") \
	X(ONLY_STAGE_1, only_stage_1, \
		"stage 1 was invalidated, stage 2 was not") \
	X(WRONG_VMID, wrong_vmid, "the invalidation was of another VMID") \
	X(WRONG_ADDRESS, wrong_address, \
		"the invalidation was of another address") \
	X(RANGE_SHORT, range_short, \
		"the invalidation ended before the last entry that went") \
	X(WRONG_LEVEL, wrong_level, \
		"the invalidation was of entries of another level") \
	X(ONLY_LOCAL, only_local, \
		"the invalidation was of one CPU, others have the VMID too") \
	X(BEFORE_WRITE, before_write, \
		"the invalidation came before the write was visible to walks") \
	X(STAGE_1_EARLY, stage_1_early, \
		"stage 1 was invalidated before that of stage 2 was done") \
	X(ONLY_STAGE_2, only_stage_2, \
		"stage 2 was invalidated, what stage 1 made of it was not") \
	X(NOT_COMPLETED, not_completed, \
		"no barrier waited for the invalidation") \
	X(BBM_OUTPUT, bbm_output, \
		"a valid entry got another output address without a break") \
	X(BBM_TABLE, bbm_table, \
		"a valid entry got another table without a break") \
	X(BBM_SIZE, bbm_size, \
		"a block became a table, or a table a block, without a break") \
	X(BBM_ATTRIBUTES, bbm_attributes, \
		"a valid entry got other attributes without a break") \
	X(HALF_CHANGED, half_changed, \
		"an entry changed that another CPU had half invalidated") \
	X(CHILD_NOT_PUBLISHED, child_not_published, \
		"a table was linked before its contents were visible") \
	X(NOT_PUBLISHED, not_published, \
		"an entry was not made visible to walks in time") \
	X(LINKED_TWICE, linked_twice, "a table was linked in two places") \
	X(VMID_REUSED, vmid_reused, \
		"a VMID got another root and was not invalidated") \
	X(VMID_NOT_SELECTED, vmid_not_selected, \
		"a CPU invalidated by a VMID that it had not selected") \
	X(TABLE_RELEASED, table_released, \
		"a table was reused while a walk may be in it") \
	X(SCRUBBED_IN_REACH, scrubbed_in_reach, \
		"a page was overwritten or read while an agent can reach it") \
	X(TWO_AGENTS, two_agents, \
		"two agents could reach a page on its way from one to " \
		"another") \
	X(NO_RIGHT, no_right, \
		"an agent can reach a page that the records deny it [TLB-1]") \
	X(NOT_LOCKED, not_locked, \
		"an entry changed without the lock of its tables") \
	X(LOCK_MISUSED, lock_misused, \
		"a lock was taken twice, or dropped by who has it not, or " \
		"kept") \
	X(FULL, full, "more is half done than the monitor can follow")

#define MONITOR_RULE_ENUM(constant, name, text) MONITOR_##constant,
enum monitor_rule { MONITOR_RULES(MONITOR_RULE_ENUM) MONITOR_RULE_COUNT };

const char *monitor_rule_name(enum monitor_rule rule);
const char *monitor_rule_text(enum monitor_rule rule);

#ifdef __cplusplus
}
#endif

#endif
