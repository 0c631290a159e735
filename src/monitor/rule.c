/* SPDX-License-Identifier: BSD-2-Clause */
#include "monitor/rule.h"

#define RULE_ROW(constant, name, text) {#name, text},

static const struct {
	const char *name;
	const char *text;
} rules[MONITOR_RULE_COUNT] = {MONITOR_RULES(RULE_ROW)};

const char *monitor_rule_name(enum monitor_rule rule)
{
	return rules[rule].name;
}

const char *monitor_rule_text(enum monitor_rule rule)
{
	return rules[rule].text;
}
