# SPDX-License-Identifier: BSD-2-Clause
"""What the benchmark counts of the whole image, by booting it.

Each function yields (name, value), the name as bench_report has it.
"""

import os
import re
import subprocess
import sys
import tempfile

TICK = 16  # instructions: the counter of the virt machine has 16 ns
RAM = (1, 4, 64)  # GiB

# Calls of tests/el2/bench.c, in the trace of the watched image: row, what its
# line begins with. The last such call is that of the row, or like it.
CALLS = (
    ("version", "c6000001 "),
    ("run", "c6000022 6 "),
    ("donate_and_split", "c6000041 6 402000 58200000 1 "),
    ("donate", "c6000041 6 403000 58201000 1 "),
    ("page_info", "c6000043 58201000 "),
    ("reclaim", "c6000042 6 403000 1 "),
    ("reclaim_and_join", "c6000042 6 402000 1 "),
    ("load", "c6000040 7 600000 60000000 200 "),
    ("fold", "c6000032 7 600000 3 "),
    ("split", "c6000033 7 600000 3 "),
    ("block_donate", "c6000050 7 800000 60200000 "),
    ("block_reclaim", "c6000042 7 800000 200 "),
    ("reclaim_512", "c6000042 7 600000 200 "),
    ("donate_512", "c6000041 8 600000 60000000 200 "),
)
MAINTENANCE = ("ipas2e1is", "vmalle1is", "vmalls12e1is", "dsb")


def booted(root, compiler, script, engine, arguments=()):
    """(console, what QEMU said, what the image told by semihosting)"""
    folder = os.path.join(root, f"build/el2-{compiler}/bin")
    with tempfile.TemporaryDirectory() as scratch:
        console = os.path.join(scratch, "console")
        # Nothing replays a quiet image's trace, and the test host knows 1 GiB:
        # what boot says of that is not looked at.
        subprocess.run(
            [
                os.path.join(root, "tests/el2", script),
                *("--engine", os.path.join(folder, engine)),
                *("--host", os.path.join(folder, "moat-test-host.bin")),
                *("--log", console, "--limit", "250", *arguments),
            ],
            stdout=subprocess.DEVNULL,
            check=False,
        )
        texts = []
        for name in (console, f"{console}.qemu", f"{console}.watch"):
            texts.append("")
            if os.path.exists(name):
                with open(name, encoding="ascii", errors="replace") as file:
                    texts[-1] = file.read()
        return texts


def calls(root, compiler):
    """The image without a trace below the test host, which counts at EL2."""
    text, said, _ = booted(root, compiler, "boot", "moat-quiet.img")
    found = re.findall(r"(?m)^bench (\w+) (\d+)\s*$", text)
    if not found:
        sys.exit(f"bench: the image of {compiler} prints no rows. {said}")
    for name, count in found:
        yield f"{compiler}/el2/{name}", int(count)


def boots(root, compiler):
    """To the host's first instruction. A machine that has not the memory for
    one of them says so, and lacks that figure."""
    for size in RAM:
        text, said, _ = booted(
            root,
            compiler,
            "boot",
            "moat-quiet.img",
            ("--ram", f"{size}G", "--reset"),
        )
        ticks = re.search(r"moat: boot (\d+) ticks", text)
        if ticks is None or f" of {size * 1024} MiB of RAM" not in text:
            print(
                f"bench: NOT MEASURED: {compiler}/el2/boot_{size}_gib: "
                f"{said.strip() or 'the image did not boot'}",
                file=sys.stderr,
            )
            continue
        yield f"{compiler}/el2/boot_{size}_gib", TICK * int(ticks.group(1))


def steps_of(lines):
    """(call, what it executed) of the host, from leaving it until it goes on:
    what a VM runs meanwhile is part of a vcpu_run."""
    call, told, vmid = "", [], "0"
    for line in lines:
        words = line.split()
        if words[:1] == ["moat"] and " call 0 " in line:
            call = line.split(" call 0 ")[1]
        elif words[:1] == ["watch"]:
            told.append(words[2])
            if words[2] == "stage2":
                vmid = words[4]
            elif words[2] == "enter" and vmid == "0":
                yield call, told
                call, told = "", []


def count_of(instruction, told):
    if instruction == "dsb":
        return sum(1 for name in told if name.startswith("dsb_"))
    return told.count(f"tlbi_{instruction}")


def maintenance(root, compiler):
    """TLB maintenance that calls execute at EL2, one by one."""
    _, said, text = booted(
        root,
        compiler,
        "watched",
        "moat-watch.img",
        ("--model", os.path.join(root, "build/host-gcc/bin/moat-model")),
    )
    steps = list(steps_of(text.splitlines()))
    for row, start in CALLS:
        of_row = [told for call, told in steps if call.startswith(start)]
        if not of_row:
            sys.exit(f"bench: no call of {row} is told. {said}")
        for instruction in MAINTENANCE:
            name = f"{compiler}/{instruction}/{row}"
            yield name, count_of(instruction, of_row[-1])
