#!/bin/bash -eu
# SPDX-License-Identifier: BSD-2-Clause
#
# What OSS-Fuzz and ClusterFuzzLite run to have the fuzzers in $OUT: with their
# compilers and flags ($CC, $CXX, $CFLAGS, $CXXFLAGS, for $SANITIZER), their
# engine ($LIB_FUZZING_ENGINE), the tree in $SRC/moat, and $WORK to build in.
static=$WORK/static
build=$WORK/moat
mkdir -p "$static" "$OUT"

# The machines that run the fuzzers have no nettle, so it is linked in: where
# this nettle.pc says there is only the archive.
libdir=$(pkg-config --variable=libdir nettle)
pcdir=$(pkg-config --variable=pcfiledir nettle)
cp "$libdir/libnettle.a" "$static"
sed "s|^libdir=.*|libdir=$static|" "$pcdir/nettle.pc" >"$static/nettle.pc"
export PKG_CONFIG_PATH=$static

cmake -S "$SRC/moat" -B "$build" -G Ninja \
	-D CMAKE_C_COMPILER="$CC" -D CMAKE_CXX_COMPILER="$CXX" \
	-D CMAKE_C_FLAGS="$CFLAGS" -D CMAKE_CXX_FLAGS="$CXXFLAGS" \
	-D MOAT_FUZZ_MAIN="$LIB_FUZZING_ENGINE" -D MOAT_FUZZ=ON \
	-D MOAT_TESTS=OFF -D MOAT_BENCH=OFF -D MOAT_EXAMPLES=OFF \
	-D MOAT_INSTALL=OFF -D MOAT_WERROR=OFF
cmake --build "$build"

# A fuzzer, what it begins with, and how to call it.
for fuzzer in "$build"/bin/*_fuzz; do
	name=${fuzzer##*/}
	cp "$fuzzer" "$OUT"
	(cd "$build/fuzz/corpus/$name" &&
		python3 -m zipfile -c "$OUT/${name}_seed_corpus.zip" ./*)
	printf '[libfuzzer]\nmax_len = 2048\ntimeout = 60\n' \
		>"$OUT/$name.options"
done
