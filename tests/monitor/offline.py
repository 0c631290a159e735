#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""offline.py MODEL SCENE...

The text of what a port did is judged again, away from the machine: as it was
no rule is broken; without one kind of event the rule is that names what is
missing; what is no such text is refused in one line, with status 2.
"""

import re
import subprocess
import sys

MODEL, SCENES = sys.argv[1], sys.argv[2:]
failures = 0


def judge(text):
    return subprocess.run(
        [MODEL, "monitor", "-"], input=text, capture_output=True, text=True,
        check=False,
    )


def expect(what, text, status, *words):
    global failures
    result = judge(text)
    good = result.returncode == status and all(
        word in result.stdout for word in words
    )
    if status != 0:
        good = good and result.stdout.count("\n") == 1
    if not good:
        failures += 1
        print(f"FAILED {what}: {result.returncode} {result.stdout.strip()}")


def without(lines, *kinds):
    """The text without events of those kinds, numbered anew."""
    number = 0
    for line in lines:
        match = re.match(r"watch \w+ (\w+)(.*)", line)
        if not match:
            yield line
            continue
        if match[1] == "begin":
            number = 0
        if match[1] not in kinds:
            yield f"watch {number:x} {match[1]}{match[2]}"
            number += 1


MISSING = {
    ("tlbi_ipas2e1is", "tlbi_ipas2le1is"): "only_stage_1",
    ("tlbi_vmalle1is",): "only_stage_2",
    (
        "tlbi_ipas2e1is",
        "tlbi_ipas2le1is",
        "tlbi_vmalle1is",
    ): "not_invalidated",
    ("dsb_ishst",): "not_published",
    ("dsb_ish",): "not_completed",
    ("isb",): "vmid_not_selected",
    ("tlbi_vmalls12e1is",): "table_released",
    ("stage2",): "vmid_not_selected",
    ("lock",): "lock_misused",
    ("drop",): "lock_misused",
}


def main():
    result = subprocess.run(
        [MODEL, "run", "--watch"] + SCENES, capture_output=True, text=True,
        check=True,
    )
    lines = result.stdout.split("\n")
    text = "\n".join(lines)
    expect("what the port did", text, 0, "no rule is broken")
    for kinds, rule in MISSING.items():
        expect(" ".join(kinds), "\n".join(without(lines, *kinds)), 1, rule)
    # The model's records are what rights are compared with.
    calls = [line for line in lines if not re.match(r"moat \w+ call", line)]
    expect("no calls", "\n".join(calls), 1, "missing")
    expect("nothing", "", 2, "no watch event")
    world = "watch 0 begin 0 1 c\nwatch 1 ram 0 40000000 200000\n"
    refused = {
        "another version": "watch 0 begin 0 2 c\n",
        "another page size": "watch 0 begin 0 1 e\n",
        "RAM first": "watch 0 ram 0 40000000 1000\n",
        "RAM late": world + "watch 2 isb 0\nwatch 3 ram 0 0 1000\n",
        "RAM that is not whole": "watch 0 begin 0 1 c\nwatch 1 ram 0 1 1\n",
        "no RAM": "watch 0 begin 0 1 c\nwatch 1 isb 0\n",
        "a gap": world + "watch 3 isb 0\n",
        "no such event": world + "watch 2 isbx 0\n",
        "no such CPU": world + "watch 2 isb 40\n",
        "a word too many": world + "watch 2 isb 0 1\n",
        "a word too few": world + "watch 2 stage2 0 1\n",
        "a number too long": world + "watch 2 zero 0 0 " + "1" * 17 + "\n",
        "an entry that is not aligned": world + "watch 2 write 0 40000004 0\n",
        "a table outside RAM": world + "watch 2 write 0 1000 3\n",
        "no such lock": world + "watch 2 lock 0 10000 0\n",
        "a lock of no VMID": world + "watch 2 lock 0 0 100\n",
        "no such VMID": world + "watch 2 stage2 0 100 40000000 20 2\n",
    }
    for what, wrong in refused.items():
        expect(what, wrong, 2)
    print(f"offline: {len(lines)} lines, {failures} failures")
    sys.exit(1 if failures else 0)


main()
