#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Make a tarball of the tree whose bytes depend on the files alone.

release.py TREE FOLDER

The order is the alphabet's, owners and groups are 0, a mode is 644 or 755, and
every time is midnight of the day that CHANGELOG.md gives the version. In a git
checkout it takes what git tracks and refuses a tree with changes; elsewhere, as
in a tarball, everything that is not built.
"""

import datetime
import gzip
import hashlib
import io
import os
import re
import subprocess
import sys
import tarfile

sys.dont_write_bytecode = True

import headers  # noqa: E402
import tree  # noqa: E402


def git(root, *command):
    result = subprocess.run(
        ["git", "-C", root, *command], capture_output=True, text=True
    )
    if result.returncode != 0:
        sys.exit(f"release: git {command[0]}: {result.stderr.strip()}")
    return result.stdout


def paths(root):
    if not os.path.exists(os.path.join(root, ".git")):
        return tree.paths(root)
    changed = git(root, "status", "--porcelain", "--untracked-files=no")
    if changed:
        sys.exit(f"release: commit these first:\n{changed.rstrip()}")
    return sorted(git(root, "ls-files", "-z").rstrip("\0").split("\0"))


def version(root):
    text = headers.read(root, "version.h")
    return re.search(r'MOAT_VERSION_STRING "(.*)"', text).group(1)


def day(root, number):
    """The day of the version's entry in the change log."""
    with open(os.path.join(root, "CHANGELOG.md"), encoding="utf-8") as file:
        pattern = rf"(?m)^## {re.escape(number)} - (\d{{4}})-(\d\d)-(\d\d)$"
        match = re.search(pattern, file.read())
    if match is None:
        sys.exit(f"release: CHANGELOG.md has no day for version {number}")
    when = datetime.datetime(
        *(int(part) for part in match.groups()), tzinfo=datetime.timezone.utc
    )
    return int(when.timestamp())


def entry(root, top, path, when):
    info = tarfile.TarInfo(f"{top}/{path}")
    with open(os.path.join(root, path), "rb") as file:
        content = file.read()
    executable = os.access(os.path.join(root, path), os.X_OK)
    info.size = len(content)
    info.mode = 0o755 if executable else 0o644
    info.mtime = when
    info.uid = info.gid = 0
    info.uname = info.gname = "root"
    return info, content


def pack(root, top, when):
    packed = io.BytesIO()
    with tarfile.open(
        fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT
    ) as archive:
        for path in paths(root):
            if not os.path.islink(os.path.join(root, path)):
                info, content = entry(root, top, path, when)
                archive.addfile(info, io.BytesIO(content))
    # No file name and no time in the header of gzip.
    return gzip.compress(packed.getvalue(), compresslevel=9, mtime=0)


def main():
    root, folder = sys.argv[1:]
    number = version(root)
    top = f"moat-{number}"
    content = pack(root, top, day(root, number))
    os.makedirs(folder, exist_ok=True)
    name = os.path.join(folder, f"{top}.tar.gz")
    with open(name, "wb") as file:
        file.write(content)
    digest = hashlib.sha256(content).hexdigest()
    with open(f"{name}.sha256", "w", encoding="utf-8") as file:
        file.write(f"{digest}  {top}.tar.gz\n")
    print(f"release: {name}: {len(content)} bytes, sha256 {digest}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
