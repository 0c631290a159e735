# SPDX-License-Identifier: BSD-2-Clause
#
# Bare-metal AArch64 with clang and ld.lld: the main compiler of the EL2 image.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)

find_program(MOAT_CLANG NAMES clang-19 clang REQUIRED)
set(CMAKE_C_COMPILER ${MOAT_CLANG})
set(CMAKE_ASM_COMPILER ${MOAT_CLANG})
set(CMAKE_C_COMPILER_TARGET aarch64-none-elf)
set(CMAKE_ASM_COMPILER_TARGET aarch64-none-elf)
find_program(CMAKE_OBJCOPY NAMES llvm-objcopy-19 llvm-objcopy)

# -mgeneral-regs-only: the engine never touches the FP registers of whom it
# interrupted. -mstrict-align: it starts with the MMU off, where memory is
# Device and unaligned accesses fault. -mno-outline-atomics: no helpers of a
# runtime library. -fomit-frame-pointer: nobody unwinds the stack.
set(CMAKE_C_FLAGS_INIT "-ffreestanding -fno-builtin -fno-stack-protector \
-fno-pic -fomit-frame-pointer -mgeneral-regs-only -mstrict-align \
-mno-outline-atomics")
set(CMAKE_EXE_LINKER_FLAGS_INIT "-nostdlib -static -fuse-ld=lld")

set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
