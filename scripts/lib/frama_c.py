# SPDX-License-Identifier: BSD-2-Clause
"""What the two uses of Frama-C, WP and EVA, have in common."""

import shutil
import subprocess


def patched_copy(root, patch, copy):
    """Plant a bug in a copy of what Frama-C reads: what is wrong, or None."""
    shutil.rmtree(copy, ignore_errors=True)
    for folder in ("include", "src", "proofs"):
        shutil.copytree(root / folder, copy / folder)
    (copy / "build/prove").mkdir(parents=True)
    applied = subprocess.run(["patch", "-s", "-p1", "-i", str(patch)],
                             cwd=copy, capture_output=True)
    return "the patch does not apply" if applied.returncode != 0 else None


def last_line(text):
    return (text.strip().splitlines() or ["without a word"])[-1]
