#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""The release tarball is reproducible, whole, and builds.

release.py TREE

Two copies of the tree that differ in all that must not matter (their folder,
the order and the time of writing, modes, time zone, language) give the same
bytes. A change of one byte, or a version without an entry in the change log,
shows.
"""

import os
import subprocess
import sys
import tarfile
import tempfile

sys.dont_write_bytecode = True


def copy(source, target, paths, mode, when):
    for path in paths:
        into = os.path.join(target, path)
        os.makedirs(os.path.dirname(into), exist_ok=True)
        with open(os.path.join(source, path), "rb") as file:
            content = file.read()
        with open(into, "wb") as file:
            file.write(content)
        executable = os.access(os.path.join(source, path), os.X_OK)
        os.chmod(into, mode | 0o100 if executable else mode)
        os.utime(into, (when, when))


def release(tree, folder, **environment):
    """(exit status, what it says, the tarball's path or None)."""
    result = subprocess.run(
        [os.path.join(tree, "scripts/lib/release.py"), tree, folder],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )
    made = os.listdir(folder) if os.path.isdir(folder) else []
    names = [name for name in made if name.endswith(".tar.gz")]
    path = os.path.join(folder, names[0]) if names else None
    return result.returncode, result.stdout + result.stderr, path


def read(path):
    with open(path, "rb") as file:
        return file.read()


def append(path, text):
    with open(path, "a", encoding="utf-8") as file:
        file.write(text)


def builds(folder, tarball):
    """A user's first three commands."""
    with tarfile.open(tarball) as archive:
        archive.extractall(folder)
    top = os.path.join(folder, os.path.basename(tarball)[: -len(".tar.gz")])
    out = os.path.join(folder, "out")
    options = ["-DMOAT_TESTS=OFF", "-DMOAT_BENCH=OFF", "-DMOAT_TOOLS=OFF"]
    for command in (
        ["cmake", "-S", top, "-B", out, "-G", "Ninja", *options],
        ["cmake", "--build", out, "--target", "moat_installed"],
        ["cmake", "--install", out, "--prefix", os.path.join(folder, "prefix")],
    ):
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return os.path.exists(os.path.join(folder, "prefix/include/moat/moat.h"))


def complaints(source, paths, folder):
    one, two = os.path.join(folder, "one"), os.path.join(folder, "a/two")
    copy(source, one, paths, 0o600, 1000000000)
    copy(source, two, list(reversed(paths)), 0o664, 1700000000)
    _, said, first = release(one, folder + "/1", TZ="UTC", LC_ALL="C")
    _, _, second = release(two, folder + "/2", TZ="Asia/Tokyo", LC_ALL="C.utf8")
    if first is None or second is None:
        yield f"no tarball: {said}"
        return
    if read(first) != read(second):
        yield "two copies of one tree give different bytes"
    with tarfile.open(first) as archive:
        held = [name.split("/", 1)[1] for name in archive.getnames()]
    if set(held) != set(paths):
        yield f"it holds other files: {set(held) ^ set(paths)}"
    if held != sorted(held):
        yield "its files are not in the order of the alphabet"
    # RFC 1952, 2.3: the time in the header.
    if read(first)[4:8] != bytes(4):
        yield "the time of packing is in it"
    if not builds(os.path.join(folder, "user"), first):
        yield "what it holds does not install"
    append(os.path.join(two, "README.md"), " ")
    _, _, third = release(two, folder + "/3")
    if read(first) == read(third):
        yield "a changed file does not show"
    version = os.path.join(two, "include/moat/version.h")
    text = read(version).decode().replace('STRING "', 'STRING "9')
    with open(version, "w", encoding="utf-8") as file:
        file.write(text)
    status, said, _ = release(two, folder + "/4")
    if status == 0 or "has no day for version 9" not in said:
        yield f"a version without an entry is released: {said}"


def main():
    source = os.path.realpath(sys.argv[1])
    sys.path.insert(0, os.path.join(source, "scripts/lib"))
    import tree

    paths = [
        path
        for path in tree.paths(source)
        if not os.path.islink(os.path.join(source, path))
    ]
    with tempfile.TemporaryDirectory(prefix="moat-release-") as folder:
        found = list(complaints(source, paths, folder))
    for complaint in found:
        print(complaint)
    print(f"{len(paths)} files, {len(found)} complaints")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
