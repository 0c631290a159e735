# SPDX-License-Identifier: BSD-2-Clause
#
# Debian's arm64 kernel and busybox as a host for the engine; sourced by bash,
# with the tree's root as the current folder. apt fetches and verifies them
# with a state of its own: nothing is installed, and the machine's own package
# lists do not learn of another architecture.

linux_folder=$PWD/build/cache/linux
linux_state=$linux_folder/apt
linux_image=$linux_folder/Image
linux_busybox=$linux_folder/busybox
linux_initramfs=$linux_folder/initramfs.gz

# The engine, for those who want to touch it: QEMU loads it 2 MiB into RAM
# (hw/arm/boot.c, KERNEL64_LOAD_ADDR and the image's header).
engine_address=0x40200000

linux_apt() {
	local tool=$1
	shift
	"$tool" -o APT::Architecture=arm64 -o APT::Architectures::=arm64 \
		-o Dir::State::lists="$linux_state/lists" \
		-o Dir::State::status=/dev/null \
		-o Dir::Cache="$linux_state/cache" -o APT::Sandbox::User= \
		-o Acquire::Retries=1 -o Acquire::http::Timeout=20 "$@"
}

# The kernel's package has another name with each version; the metapackage
# knows it. apt-get download writes to the current folder.
linux_download() {
	local kernel
	command -v apt-get >/dev/null || return
	rm -f "$linux_state"/*.deb
	mkdir -p "$linux_state/lists/partial" \
		"$linux_state/cache/archives/partial"
	linux_apt apt-get update -o APT::Update::Error-Mode=any || return
	kernel=$(linux_apt apt-cache depends linux-image-cloud-arm64 |
		awk '/Depends:/ { print $2; exit }')
	(cd "$linux_state" &&
		linux_apt apt-get download "$kernel" busybox-static)
}

# The image comes last: where it is, all is.
linux_unpack() {
	local package tree=$linux_state/tree
	for package in "$linux_state"/*.deb; do
		dpkg-deb -x "$package" "$tree" || return
	done
	mv "$tree/bin/busybox" "$linux_busybox" &&
		mv "$tree"/boot/vmlinuz-* "$linux_image" &&
		rm -rf "$linux_state"
}

linux_fetch() {
	linux_download && linux_unpack
}

# linux_pack INIT: an initramfs of busybox and that script.
linux_pack() {
	local root=$linux_folder/root
	rm -rf "$root"
	mkdir -p "$root/bin"
	install -m 755 "$linux_busybox" "$root/bin/busybox"
	install -m 755 "$1" "$root/init"
	(cd "$root" && find . | cpio -o -H newc --quiet | gzip -1) \
		>"$linux_initramfs"
}
