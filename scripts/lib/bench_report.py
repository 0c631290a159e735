#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Run moat-bench, count its instructions, and report both.

bench_report.py [--json] --el2 CONSOLE MOAT_BENCH

Times come from one run in which the rows take turns. Instructions are counted
by callgrind in one run for each row, and only inside the function that the
row times; they are exact, and the same on every run of the same binary.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile

COUNTED_PAGES = 1024

ABOUT = {
    "floor-write": "write a record and two descriptors",
    "floor-read": "read a record and a descriptor",
    "floor-zero": "zero 4 KiB that is cached",
    "donate": "donate one 4 KiB page (scrub off)",
    "reclaim": "reclaim one 4 KiB page (scrub off)",
    "donate-range": "donate, 512 pages a call, per page",
    "reclaim-range": "reclaim, 512 pages a call, per page",
    "block-donate": "donate one block of 2 MiB (scrub off)",
    "block-reclaim": "reclaim one block of 2 MiB (scrub off)",
    "split": "make a leaf table of a block",
    "fold": "make a block of a leaf table",
    "lend-range": "lend, 512 pages a call, per page",
    "recall-range": "recall, 512 pages a call, per page",
    "share-range": "share by the guest, 512 a call, per page",
    "unshare-range": "unshare by the guest, 512 a call, per page",
    "lookup-info": "page_info of a donated page",
    "lookup-walk": "donate refused as OCCUPIED: a walk",
    "flip": "host page closed, or opened again",
    "flip-block": "the same, and the 2 MiB block with it",
    "vm": "vm_create, vm_kill, vm_free",
    "vcpu": "vcpu_run, and exit by an interrupt (C)",
}


def progress(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


def run_rows(command):
    """name -> (operations, smallest ns, median ns)."""
    result = subprocess.run(
        command, stdout=subprocess.PIPE, text=True, check=True
    )
    rows = {}
    for line in result.stdout.splitlines():
        if line.startswith("memory"):
            continue
        name, operations, smallest, median = line.split("\t")[:4]
        rows[name] = (int(operations), float(smallest), float(median))
    return rows


def count_instructions(bench, name):
    """Instructions of one operation of a row."""
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "callgrind.out")
        command = [
            "valgrind",
            "--tool=callgrind",
            "--toggle-collect=measure_*",
            f"--callgrind-out-file={out}",
            *(bench, "--repeat", "1"),
            *("--pages", str(COUNTED_PAGES), "--only", name),
        ]
        result = subprocess.run(
            command, capture_output=True, text=True, check=True
        )
    operations = int(result.stdout.split("\t")[1])
    collected = re.search(r"Collected : (\d+)", result.stderr)
    return int(collected.group(1)) / operations


def measure(bench):
    progress("timing all rows, nine times")
    rows = []
    for name, figures in run_rows([bench]).items():
        progress(f"counting instructions of {name}")
        rows.append(
            {
                "name": name,
                "about": ABOUT.get(name, ""),
                "operations": figures[0],
                "ns_min": figures[1],
                "ns_median": figures[2],
                "instructions": round(count_instructions(bench, name), 1),
            }
        )
    return rows


def read_el2(console):
    """name -> executed A64 instructions, from what the test host printed."""
    with open(console, encoding="ascii", errors="replace") as text:
        return {
            match.group(1): int(match.group(2))
            for match in re.finditer(r"(?m)^bench (\w+) (\d+)\s*$", text.read())
        }


def print_el2(rows):
    print("\nat EL2, with the trace: A64 instructions, the host's HVC included")
    for name, instructions in rows.items():
        print(f"{name:24}{instructions:9}")


def print_table(rows):
    print(
        f"{'row':14}{'ns min':>9}{'median':>9}{'/floor':>8}"
        f"{'instr':>9}  per operation"
    )
    floor = next(r["ns_min"] for r in rows if r["name"] == "floor-write")
    for row in rows:
        print(
            f"{row['name']:14}{row['ns_min']:9.1f}{row['ns_median']:9.1f}"
            f"{row['ns_min'] / floor:8.1f}{row['instructions']:9.0f}"
            f"  {row['about']}"
        )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--el2", required=True, metavar="CONSOLE")
    parser.add_argument("bench")
    options = parser.parse_args()
    rows = measure(options.bench)
    el2 = read_el2(options.el2)
    if not el2:
        sys.exit(f"bench: no rows in {options.el2}")
    donate = next(row for row in rows if row["name"] == "donate")
    summary = (
        f"bench: {len(rows)} rows; donate {donate['ns_min']:.1f} ns, "
        f"{donate['instructions']:.0f} instructions"
    )
    if options.json:
        json.dump({"rows": rows, "el2": el2}, sys.stdout, indent="\t")
        print()
        print(summary, file=sys.stderr)
    else:
        print_table(rows)
        print_el2(el2)
        print(summary)
    return 0


if __name__ == "__main__":
    sys.exit(main())
