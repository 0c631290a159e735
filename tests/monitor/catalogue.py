#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""catalogue.py [--write] TOP

The table of docs/monitor.md says of each planted bug of tests/mutants which
rule it breaks, as its patch does. Every patch of the core that takes away or
changes an invalidation or a publication names one. The scenes that the page
names exist, and it counts them. With --write the table is made.
"""

import glob
import os
import re
import sys

WRITE = "--write" in sys.argv
TOP = sys.argv[-1]
PAGE = os.path.join(TOP, "docs/monitor.md")
MARK = r"(?s)(<!-- catalogue -->\n).*?(<!-- end -->)"


def patches():
    """Each: its name, what it does, the rule, and whether it needs one."""
    folder = os.path.join(TOP, "tests/mutants")
    for path in sorted(glob.glob(folder + "/**/*.patch", recursive=True)):
        with open(path, encoding="utf-8") as file:
            text = file.read()
        name = os.path.relpath(path, folder)[: -len(".patch")]
        rule = re.search(r"(?m)^Breaks (\w+)\.$", text)
        changed = re.findall(r"(?m)^-(?!--)(.*)", text)
        needs = name.count("/") == 0 or name.startswith("lockstep/")
        needs = needs and "+++ b/src/core/" in text and any(
            re.search(r"_invalidate\(|_publish\(", line) for line in changed
        )
        yield name, text.split("\n")[0], rule and rule[1], needs


def main():
    header = os.path.join(TOP, "src/monitor/rule.h")
    with open(header, encoding="utf-8") as file:
        rules = set(re.findall(r"X\([A-Z0-9_]+, (\w+),", file.read()))
    with open(PAGE, encoding="utf-8") as file:
        page = file.read()
    faults = []
    rows = []
    for name, what, rule, needs in patches():
        if needs and not rule:
            faults.append(f"{name} names no rule")
        if rule and rule not in rules:
            faults.append(f"{name} names {rule}, which is no rule")
        if rule:
            rows.append(f"| {rule} | `{name}` | {what} |")
    table = "| broken | planted | what |\n| --- | --- | --- |\n"
    table += "\n".join(sorted(rows)) + "\n"
    made = re.sub(MARK, lambda match: match[1] + table + match[2], page)
    if WRITE:
        with open(PAGE, "w", encoding="utf-8") as file:
            file.write(made)
    elif made != page:
        faults.append("docs/monitor.md: run catalogue.py --write")
    scenes = os.listdir(os.path.join(TOP, "tests/monitor/scenes"))
    for name in re.findall(r"`((?:good|bad)_\w+)`", page):
        if name + ".watch" not in scenes:
            faults.append(f"no scene {name}")
    if f"{len(scenes)} files of events" not in page:
        faults.append(f"there are {len(scenes)} scenes")
    for fault in faults:
        print(f"FAILED {fault}")
    print(f"catalogue: {len(rows)} bugs named by a rule")
    return 1 if faults or len(rows) < 20 else 0


sys.exit(main())
