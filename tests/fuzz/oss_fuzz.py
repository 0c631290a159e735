# SPDX-License-Identifier: BSD-2-Clause
"""The fuzzers build as OSS-Fuzz and ClusterFuzzLite build them.

usage: oss_fuzz.py TREE CLANG FOLDER

.clusterfuzzlite/build.sh runs in their layout ($SRC, $WORK, $OUT), with their
variables and an engine that is a library, as theirs are. What is then in $OUT
must stand alone: a fuzzer, with its corpus and its options, needs no library
that a machine without Moat's packages lacks, and passes its corpus.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import zipfile

SANITIZE = "-fsanitize=address"
COVER = "-fsanitize=fuzzer-no-link"
EVERYWHERE = {"linux-vdso", "libc", "libm", "libdl", "libpthread", "librt",
              "libgcc_s", "libstdc++", "ld-linux-x86-64", "libresolv"}
FUZZERS = ["lockstep_fuzz", "register_fuzz", "scene_fuzz", "trace_fuzz"]
SEEDS_MIN = 60


def engine_of(clang):
    """libFuzzer as a library, from the folder in which @clang really is."""
    home = pathlib.Path(os.path.realpath(shutil.which(clang))).parents[1]
    found = sorted(home.glob(
        "lib/clang/*/lib/linux/libclang_rt.fuzzer-x86_64.a"))
    if not found:
        sys.exit(f"no libFuzzer below {home}")
    return str(found[0])


def build(tree, clang, folder):
    source, out, work = [folder / name for name in ("src", "out", "work")]
    shutil.rmtree(folder, ignore_errors=True)
    for made in (source, out, work):
        made.mkdir(parents=True)
    (source / "moat").symlink_to(tree)
    shutil.copy(tree / ".clusterfuzzlite/build.sh", source)
    flags = f"-O1 -g {SANITIZE} {COVER}"
    environment = {**os.environ, "SRC": str(source), "OUT": str(out),
                   "WORK": str(work), "CC": clang,
                   "CXX": clang.replace("clang", "clang++"),
                   "CFLAGS": flags, "CXXFLAGS": flags,
                   "SANITIZER": "address", "FUZZING_ENGINE": "libfuzzer",
                   "LIB_FUZZING_ENGINE": engine_of(clang)}
    done = subprocess.run(["bash", "-eu", str(source / "build.sh")],
                          cwd=source / "moat", env=environment, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        sys.exit("build.sh failed:\n" + done.stdout[-4000:])
    return out


def libraries(program):
    said = subprocess.run(["ldd", str(program)], check=True, text=True,
                          capture_output=True).stdout
    return {re.split(r"\.so|/", line.strip().rsplit("/lib64/")[-1])[0]
            for line in said.splitlines()}


def faults(out, name):
    """What is wrong with one fuzzer in $OUT."""
    program = out / name
    archive = out / f"{name}_seed_corpus.zip"
    if not os.access(program, os.X_OK):
        yield "is not there"
        return
    for library in sorted(libraries(program) - EVERYWHERE):
        yield f"needs {library}"
    if "max_len" not in (out / f"{name}.options").read_text():
        yield "has no options"
    corpus = out.parent / "corpus" / name
    with zipfile.ZipFile(archive) as file:
        if len(file.namelist()) < SEEDS_MIN:
            yield f"begins with {len(file.namelist())} inputs"
        file.extractall(corpus)
    done = subprocess.run([str(program), "-runs=0", str(corpus)], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        yield "fails on its corpus:\n" + done.stdout[-2000:]
    if "AddressSanitizer" not in program.read_bytes().decode("latin-1"):
        yield "is not built with the flags given"


def main(arguments):
    if len(arguments) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    out = build(pathlib.Path(arguments[0]), arguments[1],
                pathlib.Path(arguments[2]))
    status = 0
    for name in FUZZERS:
        for fault in faults(out, name):
            print(f"{name} {fault}")
            status = 1
    extra = {path.name for path in out.iterdir()
             if os.access(path, os.X_OK)} - set(FUZZERS)
    if extra:
        print("not fuzzers:", ", ".join(sorted(extra)))
        status = 1
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
