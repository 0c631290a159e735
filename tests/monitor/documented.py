#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""documented.py HEADER PAGE

The rules in the table of the page are those of rule.h, in its order.
"""

import re
import sys


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        rules = re.findall(r"X\([A-Z0-9_]+, (\w+),", file.read())[1:]
    with open(sys.argv[2], encoding="utf-8") as file:
        rows = re.findall(r"(?m)^\| `(\w+)` \|", file.read())
    for name in sorted(set(rules) ^ set(rows)):
        print(f"{name} is not in both")
    print(f"documented: {len(rows)} rules")
    return 0 if rows == rules and rows else 1


sys.exit(main())
