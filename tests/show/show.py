#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""moat-model show: the picture says what happened, and a failure is drawn too.

show.py MOAT_MODEL SCENES
"""

import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

STEP, LEFT = 26, 190
SVG = "{http://www.w3.org/2000/svg}"

# row: [(what, from the step, to the step)] of good_life_of_a_vm.scene, written
# from the scene; steps are those that change something.
LIFE_STEPS = [
    *("vm_create", "table_create", "page_donate", "vcpu_create", "vm_seal"),
    *("vm_kill", "page_reclaim", "table_destroy", "vcpu_destroy", "vm_free"),
]
LIFE = {
    "VM 0": [
        ("BUILDING", "vm_create", "vm_seal"),
        ("ACTIVE", "vm_seal", "vm_kill"),
        ("DYING", "vm_kill", "vm_free"),
    ],
    "0x40000000, 4 pages": [("TABLE of VM 0 at 0x0", "vm_create", "vm_free")],
    "0x40004000": [("TABLE of VM 0 at 0x0", "table_create", "table_destroy")],
    "0x40005000, 2 pages": [
        ("VM of VM 0 at 0x0", "page_donate", "page_reclaim")
    ],
    "0x40007000": [("VCPU 1 of VM 0", "vcpu_create", "vcpu_destroy")],
}


class Shower:
    def __init__(self, model, folder):
        self.model, self.folder = model, folder
        self.failures = 0

    def run(self, *arguments):
        return subprocess.run(
            [self.model, *arguments], capture_output=True, text=True
        )

    def expect(self, holds, what):
        if not holds:
            print(f"FAILED: {what}")
            self.failures += 1

    def path(self, name):
        return os.path.join(self.folder, name)

    def show(self, source, status):
        """The picture of a file, which ends with this status."""
        picture = self.path("picture.svg")
        result = self.run("show", source, "--svg", picture)
        self.expect(
            result.returncode == status,
            f"{source}: status {result.returncode}: {result.stderr}",
        )
        with open(picture, encoding="utf-8") as file:
            return file.read()


def steps_of(root):
    return [
        text.text.split(" ", 1)[1]
        for text in root.findall(f"{SVG}text")
        if text.get("transform")
    ]


def rows_of(root):
    """row -> [(what, first column, column behind it)]"""
    rows, name = {}, None
    for element in root:
        if element.tag == f"{SVG}text" and not element.get("transform"):
            name = element.text
            rows[name] = []
        elif element.tag == f"{SVG}g":
            box = element.find(f"{SVG}rect")
            start = (int(box.get("x")) - LEFT) // STEP
            width = int(box.get("width")) // STEP
            what = element.find(f"{SVG}title").text
            rows[name].append((what, start, start + width))
    return rows


def check_life(shower, scenes):
    source = os.path.join(scenes, "good_life_of_a_vm.scene")
    root = xml.etree.ElementTree.fromstring(shower.show(source, 0))
    shower.expect(steps_of(root) == LIFE_STEPS, f"steps {steps_of(root)}")
    want = {
        row: [
            (what, LIFE_STEPS.index(start), LIFE_STEPS.index(end))
            for what, start, end in spans
        ]
        for row, spans in LIFE.items()
    }
    shower.expect(rows_of(root) == want, f"rows {rows_of(root)}")


def check_trace(shower, scenes):
    """The trace of a scene is drawn as the scene is; a broken one up to the
    step that is wrong."""
    source = os.path.join(scenes, "good_life_of_a_vm.scene")
    traced = shower.run("run", "--trace", source).stdout
    trace = shower.path("trace")
    with open(trace, "w", encoding="utf-8") as file:
        file.write(traced)
    from_scene = rows_of(
        xml.etree.ElementTree.fromstring(shower.show(source, 0))
    )
    from_trace = rows_of(
        xml.etree.ElementTree.fromstring(shower.show(trace, 0))
    )
    shower.expect(from_scene == from_trace, "the trace shows something else")
    lines = [line for line in traced.splitlines() if line.startswith("moat ")]
    kill = next(i for i, line in enumerate(lines) if "c6000012" in line)
    # The model kills the VM; this engine says that it refused.
    lines[kill] = lines[kill].split(" > ")[0] + " > 0 3"
    with open(trace, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    root = xml.etree.ElementTree.fromstring(shower.show(trace, 1))
    shower.expect(steps_of(root) == LIFE_STEPS[:5], f"drawn {steps_of(root)}")


def check_every_scene(shower, scenes):
    """Each picture is well-formed; what is drawn in a row does not overlap."""
    count = 0
    for name in sorted(os.listdir(scenes)):
        if not name.endswith(".scene"):
            continue
        count += 1
        text = shower.show(os.path.join(scenes, name), 0)
        root = xml.etree.ElementTree.fromstring(text)
        columns = len(steps_of(root))
        for row, spans in rows_of(root).items():
            end = 0
            for what, start, stop in spans:
                holds = end <= start < stop <= columns
                shower.expect(holds, f"{name}: {row}: {what} {start} {stop}")
                end = stop
    shower.expect(count > 20, f"only {count} scenes")
    return count


def check_refusals(shower):
    empty = shower.path("empty")
    open(empty, "w", encoding="utf-8").close()
    wrong = shower.path("wrong.scene")
    with open(wrong, "w", encoding="utf-8") as file:
        file.write("call 0 nothing\n")
    svg = shower.path("picture.svg")
    for arguments, says in [
        (["show"], "usage"),
        (["show", empty], "usage"),
        (["show", empty, "--svg", svg], "no event of a trace"),
        (["show", wrong, "--svg", svg], "wrong.scene:1"),
        (["show", shower.path("none"), "--svg", svg], "none"),
        (["show", wrong, "--svg", shower.path("no/where")], "where"),
    ]:
        result = shower.run(*arguments)
        said = result.stdout + result.stderr
        holds = result.returncode == 2 and says in said
        shower.expect(holds, f"{arguments}: {result.returncode}: {said}")


def main():
    model, scenes = sys.argv[1:]
    with tempfile.TemporaryDirectory(prefix="moat-show-") as folder:
        shower = Shower(model, folder)
        check_life(shower, scenes)
        check_trace(shower, scenes)
        count = check_every_scene(shower, scenes)
        check_refusals(shower)
    print(f"{count} scenes drawn, {shower.failures} failures")
    return 1 if shower.failures else 0


if __name__ == "__main__":
    sys.exit(main())
