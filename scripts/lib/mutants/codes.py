# SPDX-License-Identifier: BSD-2-Clause
"""The code that a compiler makes of a mutant.

If it is that of the tree without a mutant, in every object and for every
granule and format of descriptors, then no test can tell the two apart: the
mutant is equivalent. If it is that of another mutant, both are one. The
compiler is the judged build's own, with its words, each of which it has in
compile_commands.json.
"""

import hashlib
import json
import os
import re
import shlex
import subprocess
import tempfile
import threading
from typing import NamedTuple

# In front of the include path: other granules, the format that no CPU has.
VARIANTS = ("include/granule-16k", "include/granule-64k", "src/scrambled")
ENGINE = "/src/core/"  # what is built in all of them
UNITY = re.compile(r'^#include "(.*)"$', re.MULTILINE)


class Command(NamedTuple):
    words: list
    folder: str
    reads: set  # files


class Codes:
    """The objects of one build."""

    def __init__(self, root, folder):
        self.header = os.path.join(root, "scripts/lib/mutants/alone.h")
        self.tree = os.path.join(folder, "tree")
        self.commands = read_commands(os.path.join(folder, "build"))
        self.known = {}
        self.lock = threading.Lock()

    def of(self, path, number):
        """Of each object with this file in it, a digest; cheap ones first. Of
        a file in none, which this build has no judge for, no two are alike."""
        users = self.users(path)
        if not users:
            yield str(number)
        for command in users:
            yield self.once(command, None, number)
            if any(ENGINE in name for name in sources(command.words)):
                for variant in VARIANTS:
                    yield self.once(command, variant, number)

    def is_equivalent(self, path, number):
        """Whether no object differs; most are known by the first."""
        pairs = zip(self.of(path, number), self.of(path, 0))
        return all(one == other for one, other in pairs)

    def glance(self, path, number):
        """The digest that costs least; those of two that are one are alike."""
        return next(self.of(path, number))

    def whole(self, path, number):
        """One digest of all: alike for two that are one, and for no others."""
        return digest("".join(self.of(path, number)).encode())

    def users(self, path):
        """What objects of this file take, those of one source before unity."""
        wanted = os.path.join(self.tree, path)
        found = [c for c in self.commands if wanted in c.reads]
        return sorted(found, key=lambda c: len(sources(c.words)))

    def only(self, number):
        return ("-include", self.header, "-D", f"MOAT_MUTANT={number}")

    def once(self, command, variant, number):
        """Two threads may both compile it: they find the same."""
        key = tuple(command.words), variant, number
        with self.lock:
            found = self.known.get(key)
        if found is None:
            found = self.compiled(command, variant, number)
            with self.lock:
                self.known[key] = found
        return found

    def compiled(self, command, variant, number):
        first, *words = command.words
        if variant is not None:
            words = [f"-I{os.path.join(self.tree, variant)}", *words]
        with tempfile.NamedTemporaryFile(suffix=".o") as made:
            words += [*self.only(number), "-c", "-o", made.name]
            done = subprocess.run(
                [first, *words], cwd=command.folder, capture_output=True
            )
            if done.returncode != 0:
                raise ValueError(f"mutant {number} does not compile: {words}")
            return digest(made.read())


def read_commands(build):
    """How each object that was built is compiled."""
    with open(f"{build}/compile_commands.json", encoding="utf-8") as file:
        listed = json.load(file)
    read = read_dependencies(build)
    found = []
    for entry in listed:
        words = shlex.split(entry["command"])
        made = words[words.index("-o") + 1]
        if made in read:
            found.append(
                Command(shortened(words), entry["directory"], read[made])
            )
    return found


def read_dependencies(build):
    """object -> the files that it was made of, as ninja noted them."""
    done = subprocess.run(
        ["ninja", "-C", build, "-t", "deps"],
        check=True,
        capture_output=True,
        text=True,
    )
    read, files = {}, set()
    for line in done.stdout.splitlines():
        if line.startswith(" "):
            path = os.path.join(build, line.strip())
            files.add(os.path.normpath(path))
        elif ": #deps" in line:
            files = read[line.split(":")[0]] = set()
    return read


def shortened(words):
    """Without what says where the object goes, and which mutant is on."""
    kept = []
    words = iter(words)
    for word in words:
        if word in ("-o", "-include"):
            next(words)
        elif word != "-c" and os.path.basename(word) != "ccache":
            kept.append(word)
    return kept


def sources(words):
    """The source; of a unity build, those that it is made of."""
    path = words[-1]
    if "/Unity/" not in path:
        return [path]
    with open(path, encoding="utf-8") as file:
        return UNITY.findall(file.read())


def digest(data):
    return hashlib.sha256(data).hexdigest()
