#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Use Moat as other projects do: outside of the tree, each way there is.

embed.py CHECK --source TREE --build BUILD_FOLDER [--el2 BUILD_FOLDER]

The other project is examples/embed, copied to a folder of its own. BUILD_FOLDER
is a tree that has built the archive; what the check installs goes to the same
folder of its own. CHECK is one of the functions below.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

TELLS = "VM 0 shares a page, the host is told: yes"
MANUAL = [
    "include/moat/host.h",
    "share/man/man3/moat.3",
    "share/doc/moat/README.md",
    "share/doc/moat/LICENSE",
    "share/doc/moat/docs/porting.md",
    "share/doc/moat/docs/pictures/page.svg",
]
STRICT = "-std=c11 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror"


def run(*command, **options):
    """The output of a command that has to succeed."""
    result = subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        text=True,
        **options,
    )
    if result.returncode != 0:
        print(f"{' '.join(str(part) for part in command)}:")
        sys.exit(f"{result.stdout}{result.stderr}")
    return result.stdout


def refused(*command):
    """The output of a command that has to fail."""
    result = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True
    )
    if result.returncode == 0:
        sys.exit(f"not refused: {' '.join(str(part) for part in command)}")
    return result.stdout + result.stderr


def expect(condition, message):
    if not condition:
        sys.exit(message)


class Scratch:
    """A folder outside of the tree, with the other project in it."""

    def __init__(self, options, folder):
        self.source = options.source
        self.build = options.build
        self.el2 = options.el2
        self.folder = folder
        self.prefix = os.path.join(folder, "prefix")
        examples = os.path.join(self.source, "examples")
        for name in ("embed", "el2", "vmm-test", "port-template"):
            shutil.copytree(
                os.path.join(examples, name), os.path.join(folder, name)
            )

    def install(self, build=None):
        run("cmake", "--install", build or self.build, "--prefix", self.prefix)

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def sources(self):
        return [
            self.path("embed/main.c"),
            self.path("embed/port.c"),
            self.path("port-template/fips180.c"),
        ]

    def configure(self, project, *options):
        return run(
            *("cmake", "-S", self.path(project), "-G", "Ninja"),
            *("-B", self.path("build"), f"-DCMAKE_PREFIX_PATH={self.prefix}"),
            *options,
        )

    def runs(self, *parts):
        output = run(self.path(*parts))
        expect(TELLS in output, f"it says: {output}")

    def copy_of_the_tree(self):
        """As a tarball has it: no git, nothing built."""
        for name in ("CMakeLists.txt", "cmake", "include", "src"):
            source = os.path.join(self.source, name)
            copy = shutil.copytree if os.path.isdir(source) else shutil.copy
            os.makedirs(self.path("moat"), exist_ok=True)
            copy(source, self.path("moat", name))

    def write(self, name, text):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)


# ---- Installed --------------------------------------------------------------


def find_package(scratch):
    scratch.install()
    scratch.configure("embed")
    run("cmake", "--build", scratch.path("build"))
    scratch.runs("build/embed")
    for wanted in MANUAL:
        path = os.path.join(scratch.prefix, wanted)
        expect(os.path.exists(path), f"not installed: {wanted}")


def find_package_refuses_what_may_differ(scratch):
    """0.1 is not what 0.2 or 1.0 asked for."""
    scratch.install()
    for version in ("0.2", "1.0", "0.1.99"):
        text = f"find_package(moat {version} REQUIRED)"
        scratch.write(
            "other/CMakeLists.txt",
            f"cmake_minimum_required(VERSION 3.25)\nproject(x C)\n{text}\n",
        )
        output = refused(
            *("cmake", "-S", scratch.path("other"), "-G", "Ninja"),
            *("-B", scratch.path("build", version)),
            f"-DCMAKE_PREFIX_PATH={scratch.prefix}",
        )
        expect("not accepted" in output or "compatible" in output, output)


def pkg_config(scratch):
    """And the prefix may be moved after installing."""
    scratch.install()
    moved = scratch.path("moved")
    os.rename(scratch.prefix, moved)
    pc = [path for path in files(moved) if path.endswith("/moat.pc")]
    environment = {**os.environ, "PKG_CONFIG_PATH": os.path.dirname(pc[0])}
    flags = run(
        *("pkg-config", "--cflags", "--libs", "--static", "moat"),
        env=environment,
    ).split()
    own = STRICT.split() + ["-I", scratch.path("port-template")]
    run("cc", *own, *scratch.sources(), *flags, "-o", scratch.path("program"))
    scratch.runs("program")
    version = run("pkg-config", "--modversion", "moat", env=environment)
    expect(f"Moat {version.strip()}:" in run(scratch.path("program")), version)


def files(folder):
    return [
        os.path.join(at, name)
        for at, _, names in os.walk(folder)
        for name in names
    ]


def host_port(scratch):
    """A VMM is tested on an installed moat::host, and by the model."""
    scratch.install()
    scratch.configure("vmm-test")
    run("cmake", "--build", scratch.path("build"))
    trace = scratch.path("trace")
    said = run(scratch.path("build/vmm-test"), trace)
    expect("ok     it has printed hi" in said and "FAILED" not in said, said)
    model = os.path.join(scratch.prefix, "bin/moat-model")
    said = run(model, "replay", trace)
    expect(", 0 differences" in said, said)


def host_port_by_pkg_config(scratch):
    """The same without CMake."""
    scratch.install()
    pc = [p for p in files(scratch.prefix) if p.endswith("/moat-host.pc")]
    flags = run(
        *("pkg-config", "--cflags", "--libs", "moat-host"),
        env={**os.environ, "PKG_CONFIG_PATH": os.path.dirname(pc[0])},
    ).split()
    own = [scratch.path("vmm-test", name) for name in ("vmm.c", "test.c")]
    run("cc", *STRICT.split(), *own, *flags, "-o", scratch.path("program"))
    said = run(scratch.path("program"))
    expect("ok     the model agrees with each step" in said, said)


def both_machines_share_a_prefix(scratch):
    """The archive for EL2 goes to whoever compiles for bare AArch64."""
    scratch.install()
    toolchain = os.path.join(scratch.source, "cmake/aarch64-clang.cmake")
    bare = f"-DCMAKE_TOOLCHAIN_FILE={toolchain}"
    output = refused(
        *("cmake", "-S", scratch.path("el2"), "-G", "Ninja"),
        *("-B", scratch.path("early"), bare),
        f"-DCMAKE_PREFIX_PATH={scratch.prefix}",
    )
    expect("there is Linux-" in re.sub(r"\s+", " ", output), output)
    scratch.install(scratch.el2)
    scratch.configure("el2", bare)
    run("cmake", "--build", scratch.path("build"))
    images = [scratch.path("build/example-" + name) for name in ("el2", "host")]
    console = run(scratch.path("el2/run"), *images, timeout=60)
    expect("it runs, and tells 42: yes" in console, console)
    expect(": NO" not in console and "el2: off" in console, console)
    pc = os.path.join(scratch.prefix, "share/pkgconfig")
    flags = run(
        *("pkg-config", "--libs", "--cflags", "moat-el2"),
        env={**os.environ, "PKG_CONFIG_PATH": pc},
    )
    expect("lib/moat/Generic-aarch64 -lmoat" in flags, flags)
    shutil.rmtree(scratch.path("build"))
    scratch.configure("embed")
    run("cmake", "--build", scratch.path("build"))
    scratch.runs("build/embed")


GRANULE = """#include <moat/moat.h>
_Static_assert(MOAT_PAGE_SIZE == 16384, "what was built is what is installed");
"""


def granule_is_installed(scratch):
    """Headers and archive agree on the page size, without any macro."""
    scratch.copy_of_the_tree()
    parts = ("TOOLS", "TESTS", "BENCH", "EXAMPLES")
    off = [f"-DMOAT_{part}=OFF" for part in parts]
    scratch.configure("moat", "-DMOAT_GRANULE=16k", *off)
    run("cmake", "--build", scratch.path("build"))
    scratch.install(scratch.path("build"))
    scratch.write("page.c", GRANULE)
    include = f"-I{scratch.prefix}/include"
    own = ["-fsyntax-only", include, scratch.path("page.c")]
    run("cc", *STRICT.split(), *own)
    found = [p for p in files(scratch.prefix) if p.endswith("granule.h")]
    expect(len(found) == 1, f"one granule, not {found}")


# ---- From source ------------------------------------------------------------


AROUND = """cmake_minimum_required(VERSION 3.25)
project(around C)
set(before "${CMAKE_C_FLAGS};${CMAKE_BUILD_TYPE};${CMAKE_C_STANDARD}")
add_subdirectory(../moat moat)
set(after "${CMAKE_C_FLAGS};${CMAKE_BUILD_TYPE};${CMAKE_C_STANDARD}")
if(NOT before STREQUAL after)
	message(FATAL_ERROR "Moat changed the flags: ${after}")
endif()
get_directory_property(flags COMPILE_OPTIONS)
if(flags)
	message(FATAL_ERROR "Moat forced flags: ${flags}")
endif()
add_subdirectory(../embed embed)
foreach(target moat_model moat_arch_host moat_lockstep)
	if(TARGET ${target})
		message(FATAL_ERROR "add_subdirectory also brought ${target}")
	endif()
endforeach()
"""


def flags_of(build, source):
    """What @source is compiled with, but for folders and file names."""
    with open(
        os.path.join(build, "compile_commands.json"), encoding="utf-8"
    ) as file:
        steps = json.load(file)
    step = next(step for step in steps if step["file"].endswith(source))
    flags = re.sub(r" -[oc] \S+| -I ?\S+", "", step["command"]).split()
    return flags[1:]


def add_subdirectory(scratch):
    """It brings the engine, forces no flags, and names its options MOAT_."""
    scratch.copy_of_the_tree()
    scratch.write("around/CMakeLists.txt", AROUND)
    scratch.configure(
        "around", "-DCMAKE_C_FLAGS=-O1", "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON"
    )
    run("cmake", "--build", scratch.path("build"))
    scratch.runs("build/embed/embed")
    flags = flags_of(scratch.path("build"), "embed/main.c")
    expect(flags == ["-O1"], f"its users are compiled with {flags}")
    installed = run(
        "cmake", "--install", scratch.path("build"), "--prefix", "/nowhere"
    )
    expect("moat" not in installed, f"installs uninvited: {installed}")
    with open(scratch.path("build/CMakeCache.txt"), encoding="utf-8") as file:
        names = re.findall(r"(?m)^(\w+):(?!INTERNAL|STATIC)\w+=", file.read())
    ours = re.compile("MOAT_|CMAKE_|(around|moat|embed)_|EXECUTABLE|LIBRARY")
    foreign = [name for name in names if not ours.match(name)]
    expect(not foreign, f"options that are not namespaced: {foreign}")


RUNS = {"execute_process", "exec_program", "try_run", "try_compile"}


def nothing_runs_at_configure_time(scratch):
    """No command of ours starts a program while CMake configures."""
    scratch.copy_of_the_tree()
    scratch.write("around/CMakeLists.txt", AROUND)
    log = scratch.path("trace.json")
    scratch.configure(
        "around", "--trace", "--trace-format=json-v1", f"--trace-redirect={log}"
    )
    inside = os.path.realpath(scratch.path("moat"))
    seen = 0
    with open(log, encoding="utf-8") as file:
        for line in file.readlines()[1:]:
            step = json.loads(line)
            if not os.path.realpath(step["file"]).startswith(inside):
                continue
            seen += 1
            where = f"{step['file']}:{step['line']}: {step['cmd']}"
            expect(step["cmd"].lower() not in RUNS, where)
            downloads = step["args"][:1] == ["DOWNLOAD"]
            expect(not downloads, where)
    expect(seen > 20, f"only {seen} commands of ours were traced")


def listed_sources(text):
    """The compiler's command in the README that names the sources."""
    blocks = re.findall(r"(?ms)^```sh[^\n]*\n(.*?)^```", text)
    commands = [block for block in blocks if "src/core/call.c" in block]
    expect(len(commands) == 1, "the README lists the sources once")
    return commands[0]


def plain_list_of_sources(scratch):
    """The README's command, as it stands, builds the whole engine."""
    scratch.copy_of_the_tree()
    with open(
        os.path.join(scratch.source, "README.md"), encoding="utf-8"
    ) as file:
        command = listed_sources(file.read())
    with open(
        os.path.join(scratch.source, "src/core/CMakeLists.txt"),
        encoding="utf-8",
    ) as file:
        list_of_cmake = re.search(r"moat_core_sources([^)]*)\)", file.read())
    wanted = sorted(list_of_cmake.group(1).split())
    given = sorted(re.findall(r"src/core/(\w+\.c)", command))
    expect(wanted == given, f"README: {set(wanted) ^ set(given)} differ")
    run("sh", "-e", "-c", command, cwd=scratch.path("moat"))
    objects = [p for p in files(scratch.path("moat")) if p.endswith(".o")]
    own = STRICT.split() + ["-I", scratch.path("port-template")]
    own += ["-I", scratch.path("moat/include")]
    run("cc", *own, *scratch.sources(), *objects, "-o", scratch.path("program"))
    scratch.runs("program")


def own_lock(scratch):
    """The list of sources but for lock.c, and another lock in its place."""
    scratch.copy_of_the_tree()
    with open(
        os.path.join(scratch.source, "README.md"), encoding="utf-8"
    ) as file:
        command = listed_sources(file.read())
    lock = os.path.join(scratch.source, "examples/own-lock/lock.c")
    command = command.replace("src/core/lock.c", lock)
    run("sh", "-e", "-c", command, cwd=scratch.path("moat"))
    objects = [p for p in files(scratch.path("moat")) if p.endswith(".o")]
    own = STRICT.split() + ["-I", scratch.path("port-template")]
    own += ["-I", scratch.path("moat/include")]
    run("cc", *own, *scratch.sources(), *objects, "-o", scratch.path("program"))
    scratch.runs("program")
    names = run("nm", scratch.path("moat/lock.o"))
    expect("panic" in names and "mutex_lock" in names, names)


# ---- The command ------------------------------------------------------------

CHECKS = {
    check.__name__: check
    for check in (
        find_package,
        find_package_refuses_what_may_differ,
        pkg_config,
        host_port,
        host_port_by_pkg_config,
        both_machines_share_a_prefix,
        granule_is_installed,
        add_subdirectory,
        nothing_runs_at_configure_time,
        plain_list_of_sources,
        own_lock,
    )
}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("check", choices=CHECKS)
    parser.add_argument("--source", required=True)
    parser.add_argument("--build", required=True)
    parser.add_argument("--el2")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="moat-embed-") as folder:
        CHECKS[options.check](Scratch(options, folder))
    print(f"{options.check}: done")
    return 0


if __name__ == "__main__":
    sys.exit(main())
