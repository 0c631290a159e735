#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Write what the headers say of refusals as a C table, for answers.c.

table.py TREE
"""

import os
import sys

sys.dont_write_bytecode = True


def main():
    root = sys.argv[1]
    sys.path.insert(0, os.path.join(root, "scripts/lib"))
    import abi

    order = {name: number for number, name, _ in abi.numbered(root)}
    rows = [(c.number, c.name, c.refusals) for c in abi.host_calls(root)]
    for _, name, number, _ in abi.guest_calls(root):
        if name in ("share", "unshare", "relinquish"):
            refusals = abi.guest_refusals(root)
            if name == "relinquish":
                # It takes pages in every state that a mapped one can have.
                refusals = [r for r in refusals if r[0] != "BAD_PAGE"]
            rows.append((number, name, refusals))
        elif name == "host_call":
            rows.append((number, name, [("BAD_ARG", [1])]))
    print('#include "answers.h"')
    print("struct answer answers[] = {")
    for number, name, refusals in rows:
        print(f'\t{{0x{number:x}, 0, 0, "{name}", "OK", 0}},')
        for status, operands in refusals:
            for operand in operands:
                print(
                    f"\t{{0x{number:x}, {order[status]}, {operand}, "
                    f'"{name}", "{status}", 0}},'
                )
    print("};")
    print(
        "const unsigned int answer_count = "
        "sizeof(answers) / sizeof(answers[0]);"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
