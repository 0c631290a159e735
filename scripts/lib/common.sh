# SPDX-License-Identifier: BSD-2-Clause
#
# What the subcommands share; sourced by bash, with the tree's root as the
# current folder. A subcommand sets `name` first: it begins every line.

log_folder=build/log

say() {
	echo "$name: $*"
}

# Stop with a reason, and with an exit status that says so.
die() {
	echo "$name: $*" >&2
	exit 1
}

# step LABEL COMMAND...: run COMMAND with its output in a log, and show that it
# is alive: the time every second on a terminal, every ten elsewhere. If it
# fails, show the end of the log and return its status.
step() {
	local label=$1 log status=0 start=$SECONDS
	shift
	mkdir -p "$log_folder"
	log=$log_folder/${label//[^a-zA-Z0-9-]/-}.log
	"$@" >"$log" 2>&1 </dev/null &
	step_watch $! "$label" "$start"
	wait $! || status=$?
	if [ $status -eq 0 ]; then
		say "$label: done in $((SECONDS - start)) s"
		return 0
	fi
	tail -n 40 "$log" >&2
	say "$label: FAILED after $((SECONDS - start)) s; all of it: $log" >&2
	return $status
}

step_watch() {
	local job=$1 label=$2 start=$3 period=10 shown=$SECONDS
	if [ -t 1 ]; then
		period=1
	fi
	while kill -0 "$job" 2>/dev/null; do
		sleep 0.2
		if [ $((SECONDS - shown)) -lt $period ]; then
			continue
		fi
		shown=$SECONDS
		if [ -t 1 ]; then
			printf '%s: %s ... %d s\r' \
				"$name" "$label" $((SECONDS - start))
		else
			say "$label ... $((SECONDS - start)) s"
		fi
	done
	if [ -t 1 ]; then
		printf '\033[K'
	fi
}

# need PACKAGE...: install what is missing, saying so; stop if that fails. Why
# each is needed is at the lists at the end of this file.
need() {
	local package missing=()
	for package in "$@"; do
		if ! is_installed "$package"; then
			missing+=("$package")
		fi
	done
	if [ ${#missing[@]} -eq 0 ]; then
		return 0
	fi
	if ! command -v apt-get >/dev/null; then
		die "not Debian: install what these are here: ${missing[*]}"
	fi
	say "to build and test, installing with apt: ${missing[*]}"
	step "apt update" as_root apt-get update ||
		die "apt cannot update its lists; still missing: ${missing[*]}"
	step "apt install" as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get install -y --no-install-recommends "${missing[@]}" ||
		die "apt cannot install: ${missing[*]}"
}

is_installed() {
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = \
		installed ]
}

as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	else
		sudo -n "$@"
	fi
}

# build_tree PRESET [TARGET]: configure and build one tree under build/.
build_tree() {
	step "configure $1" cmake --preset "$1" &&
		step "build $1" cmake --build --preset "$1" \
			${2:+--target "$2"}
}

# Packages, by what they are for: the first compiler and the build; the second
# compiler, sanitizers and fuzzing; the EL2 images and their machine; the
# libraries and checkers of the tests, and the style; counting instructions;
# fuzzing, and the other engine for that; the documents; the
# proofs.
packages_build=(cmake ninja-build gcc g++ libc6-dev binutils)
packages_clang=(clang-19 lld-19 llvm-19 libclang-rt-19-dev)
packages_el2=(gcc-aarch64-linux-gnu binutils-aarch64-linux-gnu
	qemu-system-arm device-tree-compiler)
packages_test=(libcriterion-dev librapidcheck-dev pkg-config nettle-dev
	clang-format-14 python3-clang-19 patch python3 spin)
packages_bench=(valgrind gnuplot-nox)
packages_fuzz=(pkg-config nettle-dev python3)
packages_afl=(afl++)
packages_docs=(graphviz mandoc gnuplot-nox)
packages_prove=(frama-c-base why3 z3 cvc4)

# need_to_build_host [PACKAGE...]: what configuring and building a host tree
# takes, its tests included; and what else the subcommand wants, in one go.
need_to_build_host() {
	need "${packages_build[@]}" "${packages_test[@]}" \
		"${packages_docs[@]}" "${packages_prove[@]}" "$@"
}
