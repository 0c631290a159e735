# SPDX-License-Identifier: BSD-2-Clause
#
# A QEMU machine with the engine at EL2 and a host above it, and what its
# console must say; sourced by bash. The caller sets `name`, which begins every
# line, and `log`, where the console goes.

engine=                 # the engine's image, for -kernel
host=                   # the host's, where the engine looks for it
model=                  # moat-model
cpu=cortex-a72
cpus=1
ram=1G
threads=no              # yes: a thread for each CPU; no: icount, in turns
limit=60                # seconds; a machine that hangs is a failure
machine_more=()         # further arguments
failures=0
checks=0

# holds SENTENCE COMMAND...: one check.
holds() {
	local sentence=$1
	shift
	checks=$((checks + 1))
	if "$@"; then
		echo "$name: ok $sentence"
	else
		echo "$name: FAILED $sentence"
		failures=$((failures + 1))
	fi
}

# machine_qemu SERIAL [ARGUMENT...]: the arguments are timeout's. RAM is not
# reserved, so that a machine may have more of it than this one, if it touches
# little.
machine_qemu() {
	local serial=$1 order=(-icount shift=0,sleep=off)
	shift
	if [ "$threads" = yes ]; then
		order=(-accel tcg,thread=multi)
	fi
	timeout -k 2 "$@" qemu-system-aarch64 \
		-M virt-6.1,virtualization=on,gic-version=3,its=off \
		-M dtb-randomness=off,memory-backend=ram \
		-object "memory-backend-ram,id=ram,size=$ram,reserve=off" \
		-cpu "$cpu" -smp "$cpus" -m "$ram" -nodefaults -display none \
		-serial "$serial" "${order[@]}" -kernel "$engine" -device \
		"loader,file=$host,addr=0x50000000,force-raw=on" \
		"${machine_more[@]}"
}

# The console goes to standard output, what QEMU itself has to say to a file
# beside the log; the status is QEMU's, or timeout's 124.
machine() {
	machine_qemu stdio "$limit" </dev/null 2>"$log.qemu" | tr -d '\r'
	return "${PIPESTATUS[0]}"
}

# The console is this terminal, whose Ctrl-C is the host's; for a day at most.
machine_shell() {
	machine_qemu mon:stdio --foreground 1d
}

# The engine's steps are for the model; people see the rest.
without_steps() {
	grep --line-buffered -v '^moat [0-9a-f]* [a-z]* '
}

count() {
	grep -c "$1" "$log"
}

# As many checks as the test host counted, and no failure.
host_has_no_failure() {
	local said
	said=$(sed -n 's/^host: \([0-9]*\) checks, 0 failures$/\1/p' "$log")
	[ "${said:-0}" -gt 0 ] && [ "$(count '^host: ok ')" = "$said" ]
}

# The engine's last line, when the host turns the machine off, and no step of
# its trace lost on the way. (A host could forge the line; ours does not.)
engine_signs_off() {
	local said
	said=$(sed -n 's/^moat: end of trace, \([0-9]*\) events$/\1/p' "$log")
	[ "${said:-0}" -gt 0 ] && [ "$(steps)" = "$said" ]
}

model_agrees() {
	[ "$(steps)" -gt 0 ] && "$model" replay "$log"
}

steps() {
	count '^moat [0-9a-f]* [a-z]* '
}
