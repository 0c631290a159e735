# SPDX-License-Identifier: BSD-2-Clause
#
# Bare-metal AArch64 with Debian's cross gcc and GNU ld: the second compiler of
# the EL2 image.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)

set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_ASM_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_OBJCOPY aarch64-linux-gnu-objcopy)

# As for clang; and gcc must not turn the loop of our memset into a call of
# memset, nor make a position-independent executable, nor tables of how to
# unwind a stack, which clang does not make for this target.
set(CMAKE_C_FLAGS_INIT "-ffreestanding -fno-builtin -fno-stack-protector \
-fno-pic -fomit-frame-pointer -mgeneral-regs-only -mstrict-align \
-mno-outline-atomics -fno-tree-loop-distribute-patterns \
-fno-asynchronous-unwind-tables -fno-unwind-tables")
set(CMAKE_EXE_LINKER_FLAGS_INIT "-nostdlib -static -no-pie \
-Wl,--build-id=none")

set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
