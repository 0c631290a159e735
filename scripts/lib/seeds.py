# SPDX-License-Identifier: BSD-2-Clause
"""What the fuzzers begin with: the scenes, and what campaigns added to them.

usage: seeds.py make MODEL SCENES SEEDS FOLDER
       seeds.py pack FUZZERS GROWN SEEDS FOLDER

make writes FOLDER/FUZZER: each scene in the form that fuzzer takes, and the
inputs in SEEDS/FUZZER.seeds. pack writes the latter: of the inputs that grew in
GROWN/FUZZER those that reach code which the scenes do not, none longer than
PACK_BYTES. Such a file has an input in each paragraph, as base64, so that it is
text, and changes to it are small.
"""

import base64
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import textwrap

FUZZERS = ["lockstep_fuzz", "register_fuzz", "trace_fuzz", "scene_fuzz"]
PACK_BYTES = 512
HEAD = ("# SPDX-License-Identifier: BSD-2-Clause\n"
        "# Inputs of {}, written by: dev fuzz --minimise\n")


def name_of(number):
    return f"seed-{number:03}"


def unpack(seeds, folder):
    """The inputs of one file, as files."""
    if not seeds.exists():
        return
    text = "".join(line for line in seeds.read_text().splitlines(True)
                   if not line.startswith("#"))
    for number, paragraph in enumerate(text.strip().split("\n\n")):
        data = base64.b64decode("".join(paragraph.split()), validate=True)
        (folder / name_of(number)).write_bytes(data)


def write_traces(model, scenes, folder):
    for scene in scenes:
        done = subprocess.run([model, "run", "--trace", str(scene)],
                              check=True, capture_output=True, text=True)
        lines = [line for line in done.stdout.splitlines(True)
                 if line.startswith("moat ")]
        (folder / scene.name).write_text("".join(lines))


def make(model, scenes_folder, seeds_folder, folder):
    scenes = sorted(pathlib.Path(scenes_folder).glob("*.scene"))
    made = {}
    for fuzzer in FUZZERS:
        made[fuzzer] = pathlib.Path(folder) / fuzzer
        shutil.rmtree(made[fuzzer], ignore_errors=True)
        made[fuzzer].mkdir(parents=True)
        unpack(pathlib.Path(seeds_folder) / f"{fuzzer}.seeds", made[fuzzer])
    names = list(map(str, scenes))
    subprocess.run([model, "corpus", str(made["lockstep_fuzz"])] + names,
                   check=True)
    subprocess.run([model, "corpus", "--registers",
                    str(made["register_fuzz"])] + names, check=True)
    write_traces(model, scenes, made["trace_fuzz"])
    for scene in scenes:
        shutil.copyfile(scene, made["scene_fuzz"] / scene.name)


def merge(fuzzer, into, sources):
    """libFuzzer adds to @into what covers code that its inputs do not."""
    done = subprocess.run(
        [fuzzer, "-merge=1", "-use_counters=0", f"-max_len={PACK_BYTES}",
         str(into)] + [str(source) for source in sources],
        capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{fuzzer}: cannot merge: {done.stderr[-400:]}")


def write_seeds(name, inputs, path):
    paragraphs = [
        "\n".join(textwrap.wrap(base64.b64encode(data).decode(), 76)) + "\n"
        for data in sorted(inputs, key=lambda data: (len(data), data))]
    path.write_text(HEAD.format(name) + "\n" + "\n".join(paragraphs))


def pack(fuzzers, grown_folder, seeds_folder, folder):
    for name in FUZZERS:
        made = pathlib.Path(folder) / name
        grown = pathlib.Path(grown_folder) / name
        with tempfile.TemporaryDirectory() as into:
            into = pathlib.Path(into)
            for scene in made.glob("*.scene"):
                shutil.copyfile(scene, into / scene.name)
            merge(os.path.join(fuzzers, name), into,
                  [source for source in [made, grown] if source.exists()])
            inputs = [path.read_bytes() for path in into.iterdir()
                      if not path.name.endswith(".scene")]
        write_seeds(name, inputs,
                    pathlib.Path(seeds_folder) / f"{name}.seeds")
        print(f"{name}: {len(inputs)} inputs beside the scenes, "
              f"{sum(map(len, inputs))} bytes")


def main(arguments):
    commands = {"make": make, "pack": pack}
    if len(arguments) != 5 or arguments[0] not in commands:
        print(__doc__, file=sys.stderr)
        return 2
    commands[arguments[0]](*arguments[1:])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
