# SPDX-License-Identifier: BSD-2-Clause
#
# What the runners tests/*/mutants share, sourced by bash: the tree in a copy, a
# bug planted in the copy and taken out again, and what is said of it. A runner
# defines make PATCH, which builds in the copy what is to notice the bug, and
# judge MUTANT PATCH, which asks that and ends with killed_by or fail.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
name=mutants
folder=
cc=cc
quick=no
mutants=()
failures=0
killed=0
# Takes two thirds of the time to build, and judges run as fast.
of_o1=(-D CMAKE_BUILD_TYPE=Release -D CMAKE_C_FLAGS_RELEASE="-O1 -DNDEBUG")

# The first line of the runner's own comment that is set in.
usage() {
	sed -n '/^#     */{s///p;q}' "$0" >&2
	exit 2
}

# options VALUES FLAGS ARGUMENT...: --NAME VALUE sets one of VALUES, --NAME one
# of FLAGS to yes; whatever is no option is a mutant to try.
options() {
	local values=" folder $1 " flags=" $2 "
	shift 2
	while [ $# -gt 0 ]; do
		if [[ $1 != -* ]]; then
			mutants+=("$1")
		elif [[ $values == *" ${1#--} "* ]]; then
			[ $# -gt 1 ] || usage
			printf -v "${1#--}" %s "$2"
			shift
		elif [[ $flags == *" ${1#--} "* ]]; then
			printf -v "${1#--}" yes
		else
			usage
		fi
		shift
	done
	[ -n "$folder" ] || usage
	mkdir -p "$folder"
	copy=$folder/tree
	built=$folder/build
}

fail() {
	echo "$name: FAILED $1"
	failures=$((failures + 1))
}

# killed_by MUTANT WHO
killed_by() {
	echo "$name: ok $1: killed by $2" | cut -c-150
	killed=$((killed + 1))
}

# With the time of now on every file (tar -m): an object of an earlier run may
# have been built from a bug that is younger than the source.
copy_tree() {
	rm -rf "$copy"
	mkdir -p "$copy"
	tar -C "$top" --exclude=./build --exclude=./.git -cf - . |
		tar -C "$copy" -xmf -
}

# configure OPTION...: the copy, in $built.
configure() {
	cmake -S "$copy" -B "$built" -G Ninja -D MOAT_BENCH=OFF \
		-D MOAT_WERROR=OFF "$@" >"$folder/configure.log" 2>&1
}

# build TARGET...
build() {
	cmake --build "$built" --target "$@" >"$folder/build.log" 2>&1
}

# passes LOG COMMAND...: in a shell of its own, whose word of an abort goes to
# the log, too. What hangs does not pass.
passes() {
	local log=$folder/$1.log
	shift
	bash -c 'timeout 300 "$@" || exit 1' - "$@" >"$log" 2>&1
}

# A judge that always fails kills nothing: without a bug it has to pass.
must_pass() {
	if ! "$@"; then
		fail "the tree without a bug does not pass $*, see $folder"
		exit 1
	fi
}

# before PATCH: what has to be there for it; nothing, where a runner says none.
before() {
	:
}

# try PATCH: plant it, build, judge, take it out.
try() {
	local mutant=${1##*/}
	mutant=${mutant%.patch}
	before "$1"
	if ! patch -d "$copy" -p1 -s --dry-run <"$1"; then
		fail "$mutant: the patch does not apply"
		return
	fi
	patch -d "$copy" -p1 -s <"$1"
	if make "$1"; then
		judge "$mutant" "$1"
	else
		fail "$mutant: does not build, see $folder/build.log"
	fi
	patch -d "$copy" -p1 -s -R <"$1"
}

# Whether the mutants named, if any are, have this one.
is_named() {
	local mutant=${1##*/}
	[ ${#mutants[@]} -eq 0 ] ||
		[[ " ${mutants[*]##*/} " == *" ${mutant%.patch} "* ]]
}

# try_all EVERY PATCH...: those that are named, or all; with --quick one in
# EVERY, the first and so on.
try_all() {
	local every=$1 number=0 change
	shift
	for change; do
		if is_named "$change" && { [ $quick = no ] ||
			[ $((number++ % every)) -eq 0 ]; }; then
			try "$change"
		fi
	done
}

# The last line, and the status to end with.
finish() {
	echo "$name: $killed killed, $failures failures"
	[ $failures -eq 0 ] && [ $killed -gt 0 ]
}
