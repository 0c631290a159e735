#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Measure the library for AArch64: code, memory, stack, and what it is not.

figures.py TREE (--write | --check)

--write writes docs/figures.md. --check measures again, and fails if a published
number is off by more than TOLERANCE, if a limit is passed, or if the engine
has recursion, calls through pointers, floating point, or a need for a C
library. The flags are those of the EL2 image (cmake/aarch64-*.cmake).
"""

import argparse
import glob
import os
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

import headers  # noqa: E402

TOLERANCE = 0.05
FLAGS = """-std=c11 -O2 -ffreestanding -fno-builtin -fno-stack-protector
-fno-pic -fomit-frame-pointer -mgeneral-regs-only -mstrict-align
-mno-outline-atomics -ffunction-sections -fstack-usage""".split()
COMPILERS = {
    "clang": ["clang-19", "--target=aarch64-none-elf"],
    "gcc": [
        "aarch64-linux-gnu-gcc",
        "-fno-tree-loop-distribute-patterns",
        "-fno-asynchronous-unwind-tables",
        "-fno-unwind-tables",
    ],
}
TOOLS = "aarch64-linux-gnu-"
FOLDERS = ("include", "src", "src/core/plain", "src/arch-aarch64")
MEMORY = {"memcpy", "memset", "memmove", "memcmp"}
# Bytes. A port that gives the engine this much stack is on the safe side.
LIMITS = {"stack": 2048, "code": 65536}

PROBE = """
#include "core/state.h"
char figure_page[sizeof(struct page)];
char figure_region[sizeof(struct region)];
char figure_vm[sizeof(struct vm)];
char figure_cpu[sizeof(struct cpu)];
char figure_mutex[sizeof(struct mutex)];
char figure_engine[sizeof(struct moat)];
"""


def run(*command, folder=None):
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=True
    ).stdout


def sources(root):
    return sorted(glob.glob(os.path.join(root, "src/core/*.c")))


def archive_source(root, folder):
    """One file of all, as the archive is compiled (src/core/CMakeLists.txt)."""
    path = os.path.join(folder, "archive.c")
    with open(path, "w", encoding="utf-8") as file:
        file.write("#define MOAT_CORE_ONE_FILE\n")
        file.writelines(f'#include "{source}"\n' for source in sources(root))
    return path


class Build:
    """The core's @files, compiled by one compiler."""

    def __init__(self, root, compiler, folder, files):
        include = [f"-I{os.path.join(root, part)}" for part in FOLDERS]
        self.command = COMPILERS[compiler] + FLAGS + include
        self.folder = folder
        self.modules = {}
        for source in files:
            name = os.path.basename(source)[: -len(".c")]
            run(*self.command, "-c", source, "-o", f"{name}.o", folder=folder)
            self.modules[name] = os.path.join(folder, f"{name}.o")
        self.frames = self.read_frames()
        self.calls = {}
        self.faults = []
        for path in self.modules.values():
            self.read_code(path)
        for function in self.calls:
            self.depth(function)

    # ---- Code ----

    def code_bytes(self):
        """module -> bytes of code and constants."""
        found = {}
        for name, path in self.modules.items():
            line = run(f"{TOOLS}size", path).splitlines()[1].split()
            found[name] = int(line[0])
            if int(line[1]) or int(line[2]):
                self.faults.append(f"{name} has variables")
        return found

    # ---- Stack ----

    def read_frames(self):
        """function -> bytes of its frame, as -fstack-usage says."""
        found = {}
        for path in glob.glob(os.path.join(self.folder, "*.su")):
            with open(path, encoding="utf-8") as file:
                for line in file:
                    where, size, kind = line.rstrip("\n").split("\t")
                    if "dynamic" in kind:
                        raise SystemExit(f"figures: {where} has no fixed frame")
                    found[where.rsplit(":", 1)[1]] = int(size)
        return found

    def read_code(self, path):
        """Who calls whom, and what must not be there."""
        function = None
        text = run(f"{TOOLS}objdump", "-dr", "--no-show-raw-insn", path)
        for line in text.splitlines():
            start = re.match(r"^[0-9a-f]+ <([^>]+)>:", line)
            if start:
                function = start.group(1)
                self.calls.setdefault(function, set())
            self.read_line(function, line)

    def read_line(self, function, line):
        call = re.search(r"R_AARCH64_(?:CALL|JUMP)26\s+(\S+)", line)
        if call:
            name = re.sub(r"^\.text\.(unlikely\.)?", "", call.group(1))
            self.calls[function].add(re.sub(r"\+0x.*", "", name))
        if re.search(r"\tblr\t", line):
            self.faults.append(f"{function} calls through a pointer")
        code = re.match(r"^ +[0-9a-f]+:\t(\S+)\t([^/<]*)", line)
        # The operand of a branch is an address, and may look like a register.
        if code and not re.match(r"b|cb|tb|adr", code.group(1)):
            if re.search(r"\b[bhsdqv]\d+\b", code.group(2)):
                self.faults.append(f"{function} uses a floating-point register")

    def frame(self, function):
        """A part that the compiler split off counts as its whole."""
        return self.frames.get(function.split(".")[0], 0)

    def depth(self, function, path=()):
        """(bytes, functions) of the deepest way from @function on."""
        if function in path:
            raise SystemExit(f"figures: recursion: {' '.join(path)}")
        deepest, way = 0, ()
        for callee in self.calls.get(function, ()):
            below, rest = self.depth(callee, (*path, function))
            if below > deepest or not way:
                deepest, way = below, rest
        return self.frame(function) + deepest, (function, *way)

    # ---- Needs ----

    def needs(self, root):
        """What the core needs that nobody has promised it."""
        defined, needed = set(), set()
        for path in self.modules.values():
            for line in run(f"{TOOLS}nm", "--format=posix", path).splitlines():
                name, kind = line.split()[:2]
                (needed if kind == "U" else defined).add(name)
        return needed - defined - MEMORY - set(headers.declared(root, "port.h"))

    def sizes(self):
        """What the structures take."""
        source = os.path.join(self.folder, "probe.c")
        with open(source, "w", encoding="utf-8") as file:
            file.write(PROBE)
        path = os.path.join(self.folder, "probe.o")
        run(*self.command, "-fno-common", "-c", source, "-o", path)
        found = {}
        for line in run(f"{TOOLS}nm", "-S", path).splitlines():
            parts = line.split()
            if len(parts) == 4 and parts[3].startswith("figure_"):
                found[parts[3][len("figure_") :]] = int(parts[1], 16)
        return found


def entries(root):
    return [
        name
        for header in ("moat.h", "trace.h")
        for name in headers.declared(root, header)
    ]


def measure_files(root, compiler, figures):
    """Each file alone, as who builds from the list of sources does."""
    with tempfile.TemporaryDirectory(prefix="moat-figures-") as folder:
        build = Build(root, compiler, folder, sources(root))
        for module, size in build.code_bytes().items():
            figures[f"code {module}"] = size
        figures["code file by file"] = sum(figures.values())
        figures["stack file by file"] = max(
            build.depth(entry)[0] for entry in entries(root)
        )
    return build.faults


def measure(root, compiler):
    """([fault], {figure: bytes}, {entry: the deepest way})"""
    figures, ways = {}, {}
    faults = measure_files(root, compiler, figures)
    alone = figures.pop("stack file by file")
    with tempfile.TemporaryDirectory(prefix="moat-figures-") as folder:
        source = archive_source(root, folder)
        build = Build(root, compiler, folder, [source])
        figures["code"] = build.code_bytes()["archive"]
        for entry in entries(root):
            figures[f"stack {entry}"], ways[entry] = build.depth(entry)
        figures["stack"] = max(
            size for name, size in figures.items() if name.startswith("stack ")
        )
        figures["stack file by file"] = alone
        sizes = build.sizes()
        for name in build.needs(root):
            build.faults.append(f"the core needs {name}")
    faults += build.faults
    figures["bytes a page"] = sizes["page"] + 8
    figures["bytes a region"] = sizes["region"]
    figures["bytes a VM"] = sizes["vm"] + sizes["mutex"]
    figures["bytes a CPU"] = sizes["cpu"]
    return faults, figures, ways


# ---- The page ---------------------------------------------------------------

HEAD = """\
<!-- SPDX-License-Identifier: BSD-2-Clause -->
<!-- Written by ./dev figures --write: a test measures again. -->

# Figures

Of the library alone, for AArch64, with the flags of the EL2 image (-O2). A test
measures them again with both compilers, and fails if one is off by more than
{tolerance:.0%} or passes its limit. Names of rows are those of
`scripts/lib/figures.py`.

## Code

Bytes of code and constants of each file of `src/core`, compiled alone; of all
of them; and, in the last row, of the archive, which is compiled as one file.
There are no variables: the state is in the memory given to `moat_init`. The
limit is {code}.

"""

STACK = """
## Stack

The deepest way through the call graph of the archive from each entry, by the
frames that -fstack-usage tells; the port's own functions come on top. Then the
deepest of all, and the same of files that are compiled alone. The limit for
both is {stack} bytes.

"""

MEMORY_TEXT = """
## Memory

Of the engine's memory, beside what does not depend on the configuration. A page
has its record, and its entry in the host's map.

"""

NOT = """
## What is not there

Checked in the same run, in the compiled code of both compilers: recursion (a
cycle in the call graph), calls through pointers (`blr`), registers of floating
point or SIMD, frames of variable size, variables, and calls of anything but the
functions of `port.h` and memcpy, memset, memmove, memcmp.
"""


def row(name, values):
    cells = [f"{values[compiler].get(name, 0)}" for compiler in COMPILERS]
    return f"| {name} | " + " | ".join(cells) + " |\n"


def table(title, names, values):
    head = "| " + title + " | " + " | ".join(COMPILERS) + " |\n"
    rule = "| --- |" + " ---: |" * len(COMPILERS) + "\n"
    return head + rule + "".join(row(name, values) for name in names)


def page(values, ways):
    names = list(values["clang"])
    code = [n for n in names if n == "code" or n.startswith("code ")]
    stack = [n for n in names if n == "stack" or n.startswith("stack ")]
    memory = [n for n in names if n.startswith("bytes ")]
    entry = max(ways["gcc"], key=lambda name: values["gcc"][f"stack {name}"])
    way = " > ".join(ways["gcc"][entry])
    return (
        HEAD.format(tolerance=TOLERANCE, code=LIMITS["code"])
        + table("bytes", code, values)
        + STACK.format(stack=LIMITS["stack"])
        + table("bytes", stack, values)
        + f"\nThe deepest, by gcc:\n\n```text\n{way}\n```\n"
        + MEMORY_TEXT
        + table("bytes", memory, values)
        + NOT
    )


def published(root):
    """figure -> {compiler: bytes}, as docs/figures.md has them."""
    path = os.path.join(root, "docs/figures.md")
    found = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            cells = [cell.strip() for cell in line.strip("| \n").split("|")]
            if len(cells) == 1 + len(COMPILERS) and cells[1].isdigit():
                numbers = [int(cell) for cell in cells[1:]]
                found[cells[0]] = dict(zip(COMPILERS, numbers))
    return found


def differences(compiler, figures, public):
    for name, size in figures.items():
        if name not in public:
            yield f"{name} is not published"
            continue
        said = public[name][compiler]
        if abs(size - said) > max(TOLERANCE * said, 64):
            yield f"{name} by {compiler} is {size}, published {said}"


def complaints(values, faults):
    for compiler in COMPILERS:
        for fault in sorted(set(faults[compiler])):
            yield f"{compiler}: {fault}"
        for name, limit in LIMITS.items():
            most = max(
                values[compiler][name], values[compiler][f"{name} file by file"]
            )
            if most > limit:
                yield f"{name} by {compiler} is above {limit}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tree")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--write", action="store_true")
    what.add_argument("--check", action="store_true")
    options = parser.parse_args()
    root = os.path.realpath(options.tree)
    faults, values, ways = {}, {}, {}
    for compiler in COMPILERS:
        faults[compiler], values[compiler], ways[compiler] = measure(
            root, compiler
        )
    found = list(complaints(values, faults))
    if options.write:
        path = os.path.join(root, "docs/figures.md")
        with open(path, "w", encoding="utf-8") as file:
            file.write(page(values, ways))
    public = published(root)
    for compiler in COMPILERS:
        found += differences(compiler, values[compiler], public)
    for complaint in found:
        print(complaint)
    print(
        f"figures: {values['clang']['code']} bytes of code, "
        f"{values['clang']['stack']} of stack by clang, "
        f"{values['gcc']['code']} and {values['gcc']['stack']} by gcc, "
        f"{len(found)} complaints"
    )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
