#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Check what the documents say to do, and where they point.

doccheck.py TREE [FILE...] [--build BUILD]

Each fenced block says by its info string what it is:

    text          shown, not run: output, or an excerpt
    c             a whole file: it compiles without a warning
    c aarch64     the same, for bare AArch64
    c fragment    statements: they compile inside a function that has `m`, an
                  engine, and after all public headers
    cmake         configures, in a project that has the target `yours`
    sh            runs in a copy of the tree and succeeds
    sh elsewhere  commands that take long, or that run all tests, this one
                  included: here each must exist and know its options

Links inside the tree lead somewhere, headings included; so does each path that
stands in backquotes, and each name of rows of ctest (`name.*`). A command in
backquotes (`./dev run --shell`, `moat-model replay FILE`) exists and knows its
options as well. BUILD is a tree to install from, for `cmake`.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

import tree as files_of  # noqa: E402

WARNINGS = "-std=c11 -Wall -Wextra -Wpedantic -Wno-unused -Werror".split()
HEADERS = "#include <stdbool.h>\n#include <stdio.h>\n" + "".join(
    f'#include "moat/{name}.h"\n' for name in ("moat", "port", "trace", "host")
)
PRESETS = "CMakePresets.json"
FOLDERS = "include|src|tests|examples|docs|scripts|cmake|fuzz|bench|proofs"


class Block:
    def __init__(self, info, text, line):
        self.info, self.text, self.line = info, text, line


def blocks_of(text):
    """Fenced blocks; text in which they are blank."""
    found, prose, current = [], [], None
    for number, line in enumerate(text.split("\n"), 1):
        fence = re.match(r"^```(.*)$", line)
        if fence and current is None:
            current = Block(fence.group(1).strip(), "", number)
        elif fence:
            found.append(current)
            current = None
        elif current is not None:
            current.text += line + "\n"
        prose.append("" if current is not None or fence else line)
    if current is not None:
        found.append(Block("never closed", "", current.line))
    return found, "\n".join(prose)


# ---- Blocks -----------------------------------------------------------------


def command(*parts, text=None, folder=None):
    """What a command said if it failed, else None."""
    result = subprocess.run(
        parts, input=text, cwd=folder, capture_output=True, text=True
    )
    if result.returncode == 0:
        return None
    lines = (result.stdout + result.stderr).strip().splitlines()
    errors = [line for line in lines if "rror" in line]
    return (errors or lines or ["failed"])[0]


def compile_with(compiler, root, text):
    options = [*WARNINGS, "-I", os.path.join(root, "include")]
    options += ["-I", os.path.join(root, "examples/port-template")]
    return command(
        *compiler, *options, "-x", "c", "-fsyntax-only", "-", text=text
    )


def check_c(context, block):
    return compile_with(["gcc"], context.root, block.text)


def check_aarch64(context, block):
    bare = ["clang-19", "--target=aarch64-none-elf", "-ffreestanding"]
    return compile_with(bare, context.root, block.text)


def check_fragment(context, block):
    head = f"{HEADERS}void fragment(struct moat *m);\n"
    body = f"void fragment(struct moat *m)\n{{\n(void)m;\n{block.text}}}\n"
    return compile_with(["gcc"], context.root, head + body)


def check_cmake(context, block):
    if context.build is None:
        return "there is no tree to install from"
    with tempfile.TemporaryDirectory(prefix="moat-doc-") as folder:
        source = os.path.join(folder, "main.c")
        with open(source, "w", encoding="utf-8") as file:
            file.write("int main(void)\n{\n\treturn 0;\n}\n")
        lists = os.path.join(folder, "CMakeLists.txt")
        with open(lists, "w", encoding="utf-8") as file:
            file.write(
                "cmake_minimum_required(VERSION 3.25)\nproject(doc C)\n"
                f"add_executable(yours main.c)\n{block.text}"
            )
        os.symlink(context.root, os.path.join(folder, "moat"))
        return command(
            *("cmake", "-S", folder, "-B", os.path.join(folder, "build")),
            *("-G", "Ninja", f"-DCMAKE_PREFIX_PATH={context.prefix()}"),
        )


def check_sh(context, block):
    return command("bash", "-e", "-c", block.text, folder=context.copy())


# moat-model, and the subcommands that read their own options.
MODEL = "src/lockstep/main.c"
MODEL_PARTS = {"explore": "src/explore/explore.c"}

# Programs of a build, and where their options are.
PROGRAMS = {
    "moat-schedule": "tests/schedule/main.c",
    "moat-scaling": "bench/scaling.c",
}


def check_command(context, words):
    """A command of ours, or one that is installed; the options of ours."""
    program, options = words[0], words[1:]
    if program == "./dev":
        program, options = f"scripts/{words[1]}", words[2:]
    if program == "moat-model":
        if f'"{words[1]}"' not in read(os.path.join(context.root, MODEL)):
            return f"there is no moat-model {words[1]}"
        program = MODEL_PARTS.get(words[1], MODEL)
        options = words[2:]
    elif program in PROGRAMS:
        program = PROGRAMS[program]
    elif "/" not in program:
        found = shutil.which(program)
        return None if found else f"there is no {program}"
    elif not os.access(os.path.join(context.root, program), os.X_OK):
        return f"there is no {program}"
    known = read(os.path.join(context.root, program))
    for option in options:
        name = option.split("=")[0].strip("[]")
        if name.startswith("--") and name not in known:
            return f"{program} knows no {name}"
    return None


def check_elsewhere(context, block):
    for line in block.text.splitlines():
        words = line.split("#")[0].split()
        complaint = check_command(context, words) if words else None
        if complaint is not None:
            return complaint
    return None


CHECKS = {
    "text": lambda context, block: None,
    "c": check_c,
    "c aarch64": check_aarch64,
    "c fragment": check_fragment,
    "cmake": check_cmake,
    "sh": check_sh,
    "sh elsewhere": check_elsewhere,
}


# ---- Links and paths --------------------------------------------------------


def anchors(text):
    """The anchors of headings, as code hosts make them."""
    _, prose = blocks_of(text)
    found = set()
    for heading in re.findall(r"(?m)^#+ (.*)$", prose):
        words = re.sub(r"[^\w\- ]", "", heading.lower())
        found.add(words.strip().replace(" ", "-"))
    return found


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def check_link(context, path, target):
    if re.match(r"https://", target):
        return None
    name, _, anchor = target.partition("#")
    whole = os.path.normpath(
        os.path.join(context.root, os.path.dirname(path), name)
    )
    if name == "":
        whole = os.path.join(context.root, path)
    if not os.path.exists(whole):
        return f"leads nowhere: {target}"
    if anchor and anchor not in anchors(read(whole)):
        return f"there is no heading {target}"
    return None


def check_row(context, name):
    """A row of ctest: a folder of tests, or a tree that has rows."""
    places = [f"tests/{name}", name]
    if any(os.path.isdir(os.path.join(context.root, p)) for p in places):
        return None
    if f'"name": "{name}"' in read(os.path.join(context.root, PRESETS)):
        return None
    return f"there are no rows {name}.*"


def check_path(context, path):
    if re.search(r"[*<>{]|\.\.\.", path):
        return None
    if not os.path.exists(os.path.join(context.root, path.rstrip("/"))):
        return f"there is no {path}"
    return None


def prose_complaints(context, path, prose):
    for number, line in enumerate(prose.split("\n"), 1):
        for target in re.findall(r"\]\(([^)\s]+)\)", line):
            yield number, check_link(context, path, target)
        for word in re.findall(rf"`((?:{FOLDERS})/[^` ]*)`", line):
            yield number, check_path(context, word)
        for words in re.findall(r"`((?:\./dev|moat-model) [a-z][^`]*)`", line):
            yield number, check_command(context, words.split())
        for name in re.findall(r"`([a-z0-9-]+)\.\*`", line):
            yield number, check_row(context, name)
        if re.match(r"    \S", line):
            yield number, "an indented block: fence it, and say what it is"


# ---- All of it --------------------------------------------------------------


class Context:
    def __init__(self, root, build, scratch):
        self.root, self.build, self.scratch = root, build, scratch

    def prefix(self):
        """An installed Moat."""
        target = os.path.join(self.scratch, "prefix")
        if not os.path.exists(target):
            install = ["cmake", "--install", self.build, "--prefix", target]
            subprocess.run(install, check=True, stdout=subprocess.DEVNULL)
        return target

    def copy(self):
        """The tree as a tarball has it, made when first asked for."""
        target = os.path.join(self.scratch, "tree")
        if not os.path.exists(target):
            for path in files_of.paths(self.root):
                into = os.path.join(target, path)
                os.makedirs(os.path.dirname(into), exist_ok=True)
                shutil.copy(os.path.join(self.root, path), into)
        return target


def complaints(context, path):
    """(line, what) for each thing that does not hold."""
    blocks, prose = blocks_of(read(os.path.join(context.root, path)))
    for block in blocks:
        check = CHECKS.get(block.info)
        if check is None:
            yield block.line, f"a block that is '{block.info}'"
        else:
            yield block.line, check(context, block)
    yield from prose_complaints(context, path, prose)


def documents(root):
    return [path for path in files_of.paths(root) if path.endswith(".md")]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("tree")
    parser.add_argument("files", nargs="*")
    parser.add_argument("--build")
    options = parser.parse_args()
    root = os.path.realpath(options.tree)
    checked, found = 0, 0
    with tempfile.TemporaryDirectory(prefix="moat-doc-") as scratch:
        context = Context(root, options.build, scratch)
        for path in options.files or documents(root):
            for line, what in complaints(context, path):
                checked += 1
                if what is not None:
                    found += 1
                    print(f"{path}:{line}: {what}")
    print(f"doccheck: {checked} blocks and links, {found} complaints")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
