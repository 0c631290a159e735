# SPDX-License-Identifier: BSD-2-Clause
"""docs/measured.md and its plot: a run of ./dev bench that was kept."""

import json
import re
import subprocess

from bench_el2 import MAINTENANCE

KEPT = "bench/figures.json"
COMPILERS = ("gcc", "clang")
RANGES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)

# Row, what one operation is. A row that ends in -zeroed is the one without
# that, and the zeroing.
ROWS = (
    ("version", "the null call"),
    ("donate", "one page to a VM, one call after another"),
    ("donate-shuffled", "the same in one random order"),
    ("donate-zeroed", "in order, by a port that zeroes"),
    ("donate-range", "a page of calls about 512"),
    ("donate-range-zeroed", "the same, zeroed"),
    ("reclaim", "one page from a VM that is DYING"),
    ("reclaim-shuffled", "the same in one random order"),
    ("reclaim-zeroed", "in order, by a port that zeroes"),
    ("reclaim-range", "a page of calls about 512"),
    ("reclaim-range-zeroed", "the same, zeroed"),
    ("lend", "one page, mapped for a VM; the host keeps it"),
    ("lend-range", "a page of calls about 512"),
    ("recall", "one page that was lent"),
    ("recall-range", "a page of calls about 512"),
    ("share-range", "a page of a guest's calls about 512, exits included"),
    ("unshare-range", "the same, back"),
    ("owner", "whose a page is, under its locks: no call, no table"),
    ("flip", "a page between host and engine by calls, half a vCPU's life"),
    ("flip-block", "the same of the only closed page of a region"),
    ("lookup-info", "page_info of a donated page"),
    ("lookup-shuffled", "the same in one random order"),
    ("lookup-walk", "a donate that is refused: checks and walk, no write"),
    ("block-donate", "2 MiB by one call"),
    ("block-donate-zeroed", "the same, zeroed"),
    ("block-reclaim", "2 MiB by one call"),
    ("split", "a block into 512 pages"),
    ("fold", "512 pages into a block"),
    ("vm", "vm_create, vm_kill, vm_free; its root is one page"),
    ("vm-zeroed", "the same, the root zeroed"),
    ("vcpu", "entering and leaving a vCPU, the core's part"),
    ("floor-write", "the three stores that a donate must make"),
    ("floor-write-shuffled", "the same in one random order"),
    ("floor-read", "the two loads of a lookup"),
    ("floor-zero", "zeroing one page that stays in the cache"),
    ("floor-zero-all", "zeroing each page once, in order"),
    ("floor-zero-shuffled", "the same in one random order"),
)

# What is aimed at: figure, what it is divided by if anything, what that is
# called; at most so much, and at best.
AIMS = (
    ("a64/donate", "", "donate a page", 300, 130),
    ("a64/reclaim", "", "reclaim a page", 300, 130),
    ("a64/lookup-info", "", "look a page up", 100, 40),
    ("a64/owner", "", "ownership between two, alone", 80, 40),
    ("a64/donate-range", "", "donate 1 GiB by 512, a page", 60, 25),
    ("a64/reclaim-range", "", "reclaim the same, a page", 60, 25),
    ("ns/donate-range", "ns/floor-write", "its time, in floors", 10, None),
    ("ns/reclaim-range", "ns/floor-write", "reclaim's, in floors", 10, None),
    ("ns/block-donate", "", "donate a block of 2 MiB, ns", 150, None),
    ("a64/vm", "a64/floor-zero-all", "a VM's life, in zeroings", 2, None),
    ("a64/vcpu", "", "enter and leave a vCPU, C path", 500, None),
    ("el2/version", "", "null call at EL2", 80, None),
    ("el2/run", "", "run, to the exit and back, at EL2", 1500, None),
    ("memory/all", "", "MiB for each GiB of RAM", 4.1, 2.6),
)

# What version 0.1 took, by clang.
BEFORE = {
    "a64/donate": 1008,
    "a64/reclaim": 1171,
    "a64/donate-range": 117,
    "a64/reclaim-range": 178,
    "a64/lend-range": 132,
    "a64/share-range": 177,
    "a64/lookup-info": 348,
    "a64/block-donate": 26483,
    "a64/block-reclaim": 20512,
    "a64/fold": 64394,
    "a64/split": 36849,
    "a64/vm": 4609,
    "a64/vcpu": 1081,
    "el2/version": 156,
    "el2/run": 2043,
    "el2/donate": 1755,
    "el2/load": 133500000,
    "el2/boot_1_gib": 29100000,
}


def read(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)["figures"]


def number(value, digits=0):
    return "" if value is None else f"{value:,.{digits}f}"


def table(head, rows):
    """The first column is text, as is each whose head begins with a blank."""
    lines = ["| " + " | ".join(name.strip() for name in head) + " |"]
    lines.append(
        "| "
        + " | ".join(
            "---" if i == 0 or name.startswith(" ") else "---:"
            for i, name in enumerate(head)
        )
        + " |"
    )
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def counted(figures, name):
    cells = [number(BEFORE.get(name))]
    for compiler in reversed(COMPILERS):
        cells.append(number(figures[f"{compiler}/{name}"]))
    return cells


def aims(figures):
    """Bold is what misses the aim, however little."""
    rows = []
    for name, divisor, what, aim, best in AIMS:
        is_exact = name.startswith(("a64", "el2")) and not divisor
        cells = [f"{aim:g}", "" if best is None else f"{best:g}"]
        for compiler in reversed(COMPILERS):
            value = figures[f"{compiler}/{name}"]
            if divisor:
                value /= figures[f"{compiler}/{divisor}"]
            text = number(value, 0 if is_exact and value % 1 == 0 else 1)
            cells.append(f"**{text}**" if value > aim else text)
        rows.append([what, *cells])
    return table(("what", "aim", "at best", "clang", "gcc"), rows)


def instructions(figures):
    head = ("row", " one operation is", "before", "clang", "gcc")
    rows = [[f"`{r}`", what, *counted(figures, f"a64/{r}")] for r, what in ROWS]
    return table(head, rows)


def floor_of(row):
    if row.endswith("-zeroed") and not row.startswith("vm"):
        return "floor-zero-all"
    return "floor-write-shuffled" if "shuffled" in row else "floor-write"


def times(figures):
    head = ("row", "gcc", "median", "clang", "median", "floors, gcc", "clang")
    rows = []
    for row, _ in ROWS:
        cells = []
        for compiler in COMPILERS:
            for kind in ("ns", "median"):
                value = figures[f"{compiler}/{kind}/{row}"]
                cells.append(number(value, 1))
        for compiler in COMPILERS:
            floor = figures[f"{compiler}/ns/{floor_of(row)}"]
            value = figures[f"{compiler}/ns/{row}"] / floor
            cells.append("" if row.startswith("floor") else number(value, 1))
        rows.append([f"`{row}`", *cells])
    return table(head, rows)


def at_el2(figures):
    head = ("call", "before", "clang", "gcc")
    rows = []
    for name in figures:
        row = name.split("/")[2]
        if name.startswith("clang/el2/") and row not in ("floor", "longest"):
            rows.append([f"`{row}`", *counted(figures, f"el2/{row}")])
    rows.sort(key=lambda row: int(row[2].replace(",", "")))
    return table(head, rows)


def maintenance(figures):
    head = ("call", *(kind.upper() for kind in MAINTENANCE))
    rows = []
    for name in figures:
        row = name.split("/")[2]
        if name.startswith("clang/dsb/"):
            cells = [figures[f"clang/{kind}/{row}"] for kind in MAINTENANCE]
            rows.append([f"`{row}`", *map(number, cells)])
    return table(head, sorted(rows))


def invalidations(figures):
    head = ("row", "an operation")
    rows = []
    for row, _ in ROWS:
        value = figures[f"clang/invalidate/{row}"]
        if value != 0 and not row.endswith("-zeroed"):
            rows.append([f"`{row}`", f"{value:g}"])
    return table(head, rows)


def ranges(figures):
    head = ["pages"]
    head += [f"{c}, {by}" for c in ("donate", "reclaim") for by in COMPILERS]
    rows = []
    for length in RANGES:
        cells = [
            number(figures[f"{by}/a64/{call}-{length}"])
            for call in ("donate", "reclaim")
            for by in COMPILERS
        ]
        rows.append([str(length), *cells])
    return table(head, rows)


PAGE = """<!-- SPDX-License-Identifier: BSD-2-Clause -->
<!-- Written by ./dev docs from bench/figures.json. -->

# Measured

One run of `./dev bench`, kept in `bench/figures.json`; what is measured, and
how, and why an aim is missed, is said in [performance](performance.md). Before
is version 0.1 as it first counted, by clang.

## Aims

A64 instructions of an operation, where nothing else is said. Bold is missed,
however little.

{aims}
## Instructions

A64 instructions of an operation, alone on a bare machine. None zeroes but those
named so; each includes its caller, and barriers and invalidations are free.

{instructions}
By the number of pages of a call, for each page; `share-range`, `lend-range` and
the like are of 512.

{ranges}
## At EL2

Instructions that one call executes in the whole image, without a trace: from
the host's HVC to the instruction behind it. Pages are zeroed. `boot` is from
the image's first instruction to the host's, with so much RAM.

{at_el2}
## Invalidations

What one call executes of TLB maintenance and barriers, in the image that tells
all of it, on a CPU without range invalidations (cortex-a72), clean by the
rules of [the monitor](monitor.md).

{maintenance}
How often the engine asks its port to invalidate, where that is free:

{invalidations}
## Times

Nanoseconds that a process of the build machine has of its CPU for an operation:
the smallest of nine, the median of the nine, and how many floors the smallest
is: of `floor-zero-all` where pages are zeroed, of `floor-write-shuffled` where
they come in random order, else of `floor-write`.

{times}
The engine's memory is {memory} MiB for each GiB of RAM.
"""


def page(figures):
    return PAGE.format(
        aims=aims(figures),
        instructions=instructions(figures),
        ranges=ranges(figures),
        at_el2=at_el2(figures),
        maintenance=maintenance(figures),
        invalidations=invalidations(figures),
        times=times(figures),
        memory=number(figures["clang/memory/all"], 2),
    )


def plot(figures):
    """Cost of a page against the length of the range, by gnuplot: SVG."""
    script = """set terminal svg size 640,400 font 'sans,12'
set logscale xy 2
set xlabel 'pages in one call'
set ylabel 'A64 instructions for each page'
set grid
set key top right
"""
    lines = []
    for call in ("donate", "reclaim"):
        for compiler in reversed(COMPILERS):
            series = f"${call}_{compiler}"
            script += f"{series} << EOD\n"
            for length in RANGES:
                value = figures[f"{compiler}/a64/{call}-{length}"]
                script += f"{length} {value}\n"
            script += "EOD\n"
            title = f"{call}, {compiler}"
            lines.append(f"{series} with linespoints title '{title}'")
    script += "plot " + ", ".join(lines) + "\n"
    svg = subprocess.run(
        ["gnuplot"], input=script, capture_output=True, text=True, check=True
    ).stdout
    # Not which version drew it.
    return re.sub(r"<desc>.*?</desc>\n", "", svg, flags=re.S)
