#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Measure the benchmark of trees that are built, and report.

bench_report.py ROOT [--json FILE] [--against FILE] [--plot FILE]
bench_report.py ROOT (--check-budget | --write-budget)

A figure has a name of three parts, COMPILER/KIND/ROW:

  ns      smallest nanoseconds of an operation, of rows that take turns
  median  the median of the same repetitions
  tlbi    invalidations of an operation: the port of the benchmark counts them
  a64     executed A64 instructions of an operation, alone on a bare machine
  el2     executed instructions of a call in the whole image, at EL2
  x86     instructions of a row's function on the build machine (callgrind)
  memory  MiB that the engine takes for each GiB of RAM

All but times and memory are counts, exact and the same on each run of the same
binary: bench/budget.txt holds them, and --check-budget fails for each that is
above by more than MARGIN. --against says which rows moved, and of times only
those beyond what medians and minima of both runs differ by themselves.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile

COMPILERS = ("gcc", "clang")
COUNTED = ("a64", "el2", "x86")
MARGIN = 0.05
SLACK = 8  # instructions, for rows of few
COUNTED_PAGES = 1024
BUDGET = "bench/budget.txt"
RANGES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)


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
            yield f"{compiler}/tlbi/{parts[0]}", float(parts[4])


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
        if len(words) == 4 and words[0] == "bare":
            count = int(words[3]) / int(words[2])
            yield f"{compiler}/a64/{words[1]}", round(count, 1)


def image(root, compiler):
    """The image without a trace below the test host, which counts at EL2."""
    folder = os.path.join(root, f"build/el2-{compiler}/bin")
    with tempfile.TemporaryDirectory() as scratch:
        console = os.path.join(scratch, "console")
        # It fails for want of a trace to replay; its rows are what counts.
        subprocess.run(
            [
                os.path.join(root, "tests/el2/boot"),
                *("--engine", os.path.join(folder, "moat-quiet.img")),
                *("--host", os.path.join(folder, "moat-test-host.bin")),
                *("--log", console, "--limit", "250"),
            ],
            stdout=subprocess.DEVNULL,
            check=False,
        )
        with open(console, encoding="ascii", errors="replace") as file:
            text = file.read()
    found = re.findall(r"(?m)^bench (\w+) (\d+)\s*$", text)
    if not found:
        sys.exit(f"bench: the image of {compiler} prints no rows")
    for name, count in found:
        yield f"{compiler}/el2/{name}", int(count)
    ticks = re.search(r"moat: boot (\d+) ticks", text)
    # The counter of the virt machine: 16 ns, so 16 instructions, a tick.
    yield f"{compiler}/el2/boot_1_gib", 16 * int(ticks.group(1))


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
        for kind in (bare, image, x86):
            figures.update(kind(root, compiler))
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
    held_off(figures)
    scrubbing(figures)


def held_off(figures):
    """A call is never interrupted, so the longest is what a host waits."""
    for compiler in COMPILERS:
        calls = [
            (value, name.split("/")[2])
            for name, value in figures.items()
            if name.startswith(f"{compiler}/el2/")
            and not name.endswith(("boot_1_gib", "longest"))
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
        figures[median] / figures[name] - 1
        for figures in (before, now)
        if median in figures and name in figures and figures[name] > 0
    )


def moved(before, now):
    """(name, before, now) of what differs beyond the noise."""
    for name, value in now.items():
        kind = name.split("/")[1]
        if kind == "median" or name not in before or before[name] == 0:
            continue
        allowed = noise(before, now, name) if kind == "ns" else 0
        if abs(value / before[name] - 1) > allowed:
            yield name, before[name], value


def print_moved(path, now):
    with open(path, encoding="utf-8") as file:
        before = json.load(file)["figures"]
    found = list(moved(before, now))
    for name, was, value in found:
        print(f"moved: {name:36}{was:12.1f}{value:12.1f}{value / was:7.2f}")
    print(f"bench: {len(found)} of {len(now)} figures moved beyond the noise")


# ---- The budget --------------------------------------------------------------


def is_floor(name):
    """Of nobody but the compiler and the C library."""
    row = name.split("/")[2]
    return "floor" in row or re.match("(write|read|zero)(_|$)", row)


def write_budget(root, figures):
    with open(os.path.join(root, BUDGET), "w", encoding="ascii") as file:
        file.write("# SPDX-License-Identifier: BSD-2-Clause\n#\n")
        file.write("# Instructions of an operation, as ./dev bench counts\n")
        file.write("# them. A test fails if one is above by more than")
        file.write(f" {MARGIN:.0%};\n# ./dev bench --write-budget writes it")
        file.write(" anew.\n")
        for name, value in sorted(figures.items()):
            if name.split("/")[1] in COUNTED and not is_floor(name):
                file.write(f"{name} {value}\n")


def read_budget(root):
    with open(os.path.join(root, BUDGET), encoding="ascii") as file:
        lines = [line.split() for line in file if not line.startswith("#")]
    return {name: float(value) for name, value in lines}


def complaints(budget, figures):
    for name, most in budget.items():
        if name not in figures:
            yield f"{name} is not counted any more"
        elif figures[name] > most * (1 + MARGIN) + SLACK:
            yield f"{name} takes {figures[name]}, its budget is {most}"


def check_budget(root):
    budget = read_budget(root)
    found = list(complaints(budget, counts(root)))
    for complaint in found:
        print(complaint)
    print(f"bench: {len(budget)} counts, {len(found)} above their budget")
    return 1 if found or not budget else 0


# ---- The plot ----------------------------------------------------------------


def plot(figures, path):
    """Cost of a page against the length of the range, by gnuplot."""
    series = ("donate", "reclaim")
    script = f"""set terminal svg size 640,400 font 'sans,12'
set output '{path}'
set logscale xy 2
set xlabel 'pages in one call'
set ylabel 'A64 instructions for each page'
set grid
set key top right
"""
    for name in series:
        script += f"${name} << EOD\n"
        for length in RANGES:
            value = figures[f"clang/a64/{name}-{length}"]
            script += f"{length} {value}\n"
        script += "EOD\n"
    script += "plot " + ", ".join(
        f"${name} with linespoints title '{name}'" for name in series
    )
    subprocess.run(["gnuplot"], input=script, text=True, check=True)


# ---- The command -------------------------------------------------------------


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("root")
    parser.add_argument("--json", metavar="FILE")
    parser.add_argument("--against", metavar="FILE")
    parser.add_argument("--plot", metavar="FILE")
    parser.add_argument("--check-budget", action="store_true")
    parser.add_argument("--write-budget", action="store_true")
    return parser.parse_args()


def main():
    options = parse()
    root = os.path.realpath(options.root)
    if options.check_budget:
        return check_budget(root)
    if options.write_budget:
        write_budget(root, counts(root))
        return 0
    figures = measure(root)
    print_table(figures)
    if options.against:
        print_moved(options.against, figures)
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump({"figures": figures}, file, indent="\t", sort_keys=True)
            file.write("\n")
    if options.plot:
        plot(figures, options.plot)
    donate = figures["clang/a64/donate"]
    print(f"bench: {len(figures)} figures; donate {donate:.0f} instructions")
    return 0


if __name__ == "__main__":
    sys.exit(main())
