# SPDX-License-Identifier: BSD-2-Clause
"""Lists of what is argued: names, a line each, then a line that begins with a
tab and says why, for all of them. A line that begins with # is for readers."""


def read(path):
    """name -> why."""
    reasons, names = {}, []
    with open(path, encoding="ascii") as file:
        lines = file.read().splitlines()
    for line in lines:
        if not line or line.startswith("#"):
            continue
        if line.startswith("\t"):
            if not names:
                raise ValueError(f"{path}: argues nothing: {line.strip()}")
            reasons.update((name, line.strip()) for name in names)
            names = []
        elif line in reasons or line in names:
            raise ValueError(f"{path}: twice: {line}")
        else:
            names.append(line)
    if names:
        raise ValueError(f"{path}: nothing argues {names[0]}")
    return reasons
