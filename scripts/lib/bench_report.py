#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Measure the benchmark of trees that are built, and report.

bench_report.py ROOT [--from FILE] [--json FILE] [--against FILE] [--plot FILE]
bench_report.py ROOT (--check-budget | --write-budget)

A figure has a name of three parts, COMPILER/KIND/ROW:

  ns      smallest nanoseconds of an operation on a CPU, of rows that take turns
  median  the median of the same repetitions
  a64     executed A64 instructions of an operation, alone on a bare machine
  el2     executed instructions of a call in the whole image, at EL2
  x86     instructions of a row's function on the build machine (callgrind)
  memory  MiB that the engine takes for each GiB of RAM

and of what a CPU does for the engine, which is free where instructions count:

  invalidate
          calls of moat_port_invalidate for an operation
  ipas2e1is, vmalle1is, vmalls12e1is, dsb
          TLB maintenance that a call executes in the whole image, at EL2

All but times and memory are counts, exact and the same on each run of the same
binary: bench/budget.txt holds them. --check-budget fails for each number of
instructions that is above by more than MARGIN, and for maintenance that is not
what it was. --against says which rows moved, and of times only those beyond
what medians and minima of both runs differ by themselves, floors of one run and
the other, and TIME_MARGIN. --from takes figures that --json kept, instead of
measuring.
"""

import json
import os
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

import bench_el2  # noqa: E402
import bench_page  # noqa: E402
import options  # noqa: E402
from bench_page import COMPILERS  # noqa: E402

COUNTED = ("a64", "el2", "x86")
EXACT = ("invalidate", *bench_el2.MAINTENANCE)
MARGIN = 0.05
SLACK = 8  # instructions, for rows of few
TIME_MARGIN = 0.05  # by which times of quiet runs differ
COUNTED_PAGES = 1024
BUDGET = "bench/budget.txt"


def progress(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


def output_of(command, **more):
    return subprocess.run(
        command, stdout=subprocess.PIPE, text=True, check=True, **more
    ).stdout


# ---- What is measured --------------------------------------------------------


def times(root, compiler):
    progress(f"{compiler}: timing all rows, nine times")
    bench = os.path.join(root, f"build/host-{compiler}/bin/moat-bench")
    for line in output_of([bench]).splitlines():
        parts = line.split("\t")
        if parts[0] == "memory":
            yield f"{compiler}/memory/all", float(parts[1])
        else:
            yield f"{compiler}/ns/{parts[0]}", float(parts[2])
            yield f"{compiler}/median/{parts[0]}", float(parts[3])


def bare(root, compiler):
    """A machine of its own, whose counter counts instructions."""
    image = os.path.join(root, f"build/el2-{compiler}/bin/moat-bench-bare")
    command = ["qemu-system-aarch64", "-M", "virt", "-cpu", "cortex-a72"]
    command += "-m 256M -nodefaults -display none -serial stdio".split()
    command += ["-icount", "shift=0,sleep=off", "-kernel", image]
    text = output_of(command, stderr=subprocess.DEVNULL, timeout=300)
    if "bare: done" not in text:
        sys.exit(f"bench: {image} did not finish: {text[-200:]}")
    for line in text.splitlines():
        words = line.split()
        if len(words) == 5 and words[0] == "bare":
            operations, count, calls = map(int, words[2:])
            yield f"{compiler}/a64/{words[1]}", round(count / operations, 1)
            name = f"{compiler}/invalidate/{words[1]}"
            yield name, round(calls / operations, 4)


def x86(root, compiler):
    """Inside the functions that rows time, one run for all of them."""
    bench = os.path.join(root, f"build/host-{compiler}/bin/moat-bench")
    with tempfile.TemporaryDirectory() as scratch:
        out = os.path.join(scratch, "out")
        # Debian's valgrind stops at the debug information of clang 19.
        plain = os.path.join(scratch, "moat-bench")
        output_of(["objcopy", "--strip-debug", bench, plain])
        command = ["valgrind", "--tool=callgrind"]
        command += ["--toggle-collect=measure_*"]
        command += [f"--callgrind-out-file={out}", plain, "--repeat", "1"]
        command += ["--pages", str(COUNTED_PAGES), "--zeroing", "no"]
        output_of(command, stderr=subprocess.DEVNULL)
        command = ["callgrind_annotate", "--inclusive=yes", "--auto=no"]
        text = output_of([*command, "--threshold=100", out])
    pattern = r"(?m)^ *([\d,]+) .*:measure_(\w+)"
    for count, name in re.findall(pattern, text):
        count = int(count.replace(",", "")) / COUNTED_PAGES
        yield f"{compiler}/x86/{name}", round(count, 1)


def counts(root):
    figures = {}
    for compiler in COMPILERS:
        progress(f"{compiler}: counting instructions")
        for kind in (bare, bench_el2.calls, bench_el2.boots, x86):
            figures.update(kind(root, compiler))
    # Which maintenance there is, is nothing that a compiler chooses.
    figures.update(bench_el2.maintenance(root, "clang"))
    return figures


def measure(root):
    figures = counts(root)
    for compiler in COMPILERS:
        figures.update(times(root, compiler))
    return figures


# ---- What is said about it ---------------------------------------------------


def rows_of(figures, kind):
    found = []
    for name in figures:
        _, its_kind, row = name.split("/")
        if its_kind == kind and row not in found:
            found.append(row)
    return found


def cell(figures, name, divisor=1.0):
    value = figures.get(name)
    return f"{value / divisor:10.1f}" if value is not None else " " * 10


def print_table(figures):
    print(f"{'row':22}{'ns gcc':>10}{'clang':>10}{'/floor':>10}", end="")
    print(f"{'a64 gcc':>10}{'clang':>10}  per operation")
    floor = figures["gcc/ns/floor-write"]
    for row in rows_of(figures, "a64"):
        text = "".join(cell(figures, f"{c}/ns/{row}") for c in COMPILERS)
        text += cell(figures, f"gcc/ns/{row}", floor)
        text += "".join(cell(figures, f"{c}/a64/{row}") for c in COMPILERS)
        print(f"{row:22}{text}")
    print(f"\n{'at EL2, one call':22}{'gcc':>10}{'clang':>10}  instructions")
    for row in rows_of(figures, "el2"):
        text = "".join(cell(figures, f"{c}/el2/{row}") for c in COMPILERS)
        print(f"{row:22}{text}")
    print_maintenance(figures)
    held_off(figures)
    scrubbing(figures)


def print_maintenance(figures):
    """Counted where it is free, and as executed in the whole image."""
    kinds = bench_el2.MAINTENANCE
    head = "".join(f"{kind:>13}" for kind in kinds)
    print(f"\n{'at EL2, one call':22}{head}")
    for row in rows_of(figures, "dsb"):
        text = "".join(f"{figures[f'clang/{k}/{row}']:13.0f}" for k in kinds)
        print(f"{row:22}{text}")
    print(f"\n{'in the benchmark':22}{'invalidate':>13}  per operation")
    for row in rows_of(figures, "invalidate"):
        if value := figures[f"clang/invalidate/{row}"]:
            print(f"{row:22}{value:13.4f}")
    print()


def held_off(figures):
    """A call is never interrupted, so the longest is what a host waits."""
    for compiler in COMPILERS:
        calls = [
            (value, name.split("/")[2])
            for name, value in figures.items()
            if name.startswith(f"{compiler}/el2/")
            and not re.search("/(boot_.*|longest)$", name)
        ]
        value, row = max(calls)
        print(f"{compiler}: interrupts are held off longest by {row}: {value}")


def scrubbing(figures):
    """Zeroing: the host's memset over all memory; at EL2, DC ZVA and cleaning,
    which is what a donated page costs there beyond the engine's own work."""
    for compiler in COMPILERS:
        rate = 4096 / figures[f"{compiler}/ns/floor-zero-all"]
        own = figures[f"{compiler}/a64/donate-512"]
        page = figures[f"{compiler}/el2/donate_512"] / 512 - own
        print(f"{compiler}: the build machine zeroes {rate:.1f} GB/s;", end="")
        print(f" a page at EL2 takes {page:.0f} instructions")


def noise(before, now, name):
    """How far medians and minima of the two runs are apart by themselves."""
    median = name.replace("/ns/", "/median/")
    return max(
        (
            figures[median] / figures[name] - 1
            for figures in (before, now)
            if median in figures and name in figures and figures[name] > 0
        ),
        default=0,
    )


def drift(before, now, compiler):
    """How far the floors of the two runs are apart: of no engine's doing."""
    return max(
        (
            abs(now[name] / before[name] - 1)
            for name in before.keys() & now.keys()
            if name.startswith(f"{compiler}/ns/floor-")
        ),
        default=0,
    )


def allowed(before, now, name):
    most = max(TIME_MARGIN, noise(before, now, name))
    if "/floor-" in name:
        return most
    return max(most, drift(before, now, name.split("/")[0]))


def moved(before, now):
    """(name, before, now) of what differs beyond the noise; None is a figure
    that one of the runs has not."""
    for name in sorted(before.keys() | now.keys()):
        was, value = before.get(name), now.get(name)
        kind = name.split("/")[1]
        if kind == "median" or was == value:
            continue
        if was is not None and value is not None and kind == "ns":
            if abs(value / was - 1) <= allowed(before, now, name):
                continue
        yield name, was, value


def print_moved(before, now):
    found = list(moved(before, now))
    for name, was, value in found:
        text = f"{cell(before, name):>12}{cell(now, name):>12}"
        if was and value is not None:
            text += f" {value / was:8.2f}"
        else:
            text += "     gone" if value is None else "      new"
        print(f"moved: {name:36}{text}")
    print(f"bench: {len(found)} of {len(now)} figures moved beyond the noise")


# ---- The budget --------------------------------------------------------------


def is_floor(name):
    """Of nobody but the compiler and the C library."""
    row = name.split("/")[2]
    return "floor" in row or re.match("(write|read|zero)(_|$)", row)


def is_exact(name):
    return name.split("/")[1] in EXACT


def is_held(name, value):
    if is_exact(name):
        return value != 0
    return name.split("/")[1] in COUNTED and not is_floor(name)


def write_budget(root, figures):
    with open(os.path.join(root, BUDGET), "w", encoding="ascii") as file:
        file.write("# SPDX-License-Identifier: BSD-2-Clause\n#\n")
        file.write("# Instructions of an operation, as ./dev bench counts\n")
        file.write("# them. A test fails if one is above by more than")
        file.write(f" {MARGIN:.0%},\n# or if maintenance of TLBs is not what")
        file.write(" it was (none where\n# there is no line);")
        file.write(" ./dev bench --write-budget writes it anew.\n")
        for name, value in sorted(figures.items()):
            if is_held(name, value):
                file.write(f"{name} {value}\n")


def read_budget(root):
    with open(os.path.join(root, BUDGET), encoding="ascii") as file:
        lines = [line.split() for line in file if not line.startswith("#")]
    return {name: float(value) for name, value in lines}


def complaints(budget, figures):
    for name, most in budget.items():
        if name not in figures:
            yield f"{name} is not counted any more"
        elif is_exact(name):
            continue
        elif figures[name] > most * (1 + MARGIN) + SLACK:
            yield f"{name} takes {figures[name]}, its budget is {most}"
    for name in filter(is_exact, figures):
        if figures[name] != budget.get(name, 0):
            yield f"{name} is {figures[name]}, and was {budget.get(name, 0)}"


def check_budget(root):
    budget = read_budget(root)
    found = list(complaints(budget, counts(root)))
    for complaint in found:
        print(complaint)
    print(f"bench: {len(budget)} counts, {len(found)} above their budget")
    return 1 if found or not budget else 0


# ---- The command -------------------------------------------------------------


def parse():
    parser = options.Parser(prog="bench")
    parser.add_argument("root")
    parser.add_argument("--from", metavar="FILE", dest="kept")
    parser.add_argument("--json", metavar="FILE")
    parser.add_argument("--against", metavar="FILE")
    parser.add_argument("--plot", metavar="FILE")
    parser.add_argument("--check-budget", action="store_true")
    parser.add_argument("--write-budget", action="store_true")
    chosen = parser.parse_args()
    for path in (chosen.kept, chosen.against):
        if path is not None:
            try:
                bench_page.read(path)
            except (OSError, ValueError, KeyError) as error:
                parser.error(f"{path}: no figures: {error}")
    return chosen


def keep(figures, path):
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"figures": figures}, file, indent="\t", sort_keys=True)
        file.write("\n")


def main():
    chosen = parse()
    root = os.path.realpath(chosen.root)
    if chosen.check_budget:
        return check_budget(root)
    if chosen.write_budget:
        write_budget(root, counts(root))
        return 0
    before = chosen.against and bench_page.read(chosen.against)
    figures = bench_page.read(chosen.kept) if chosen.kept else measure(root)
    print_table(figures)
    if before:
        print_moved(before, figures)
    if chosen.json:
        keep(figures, chosen.json)
    if chosen.plot:
        with open(chosen.plot, "w", encoding="utf-8") as file:
            file.write(bench_page.plot(figures))
    donate = figures["clang/a64/donate"]
    print(f"bench: {len(figures)} figures; donate {donate:.0f} instructions")
    return 0


if __name__ == "__main__":
    sys.exit(main())
