#!/bin/sh
# libc.sh FOLDER: the root of an image without programs. It has the C library that a JDK needs, from the package of Debian.
set -eu
root=$1
rm -rf "$root" "$root.libc6"
mkdir -p "$root/etc" "$root/lib64" "$root/lib/x86_64-linux-gnu" "$root/tmp" "$root/usr/share/doc/libc6" \
  "$root/var/lib/dpkg/status.d" "$root.libc6"
command -v apt-get >/dev/null && [ "$(uname -m)" = x86_64 ] \
  || { echo "The image is made on Debian on x86-64; elsewhere name a base image in container/pom.xml." >&2; exit 1; }
(cd "$root.libc6" && apt-get -q download libc6 && dpkg-deb -x ./*.deb .)
# Copies, since jib writes no links.
for name in ld-linux-x86-64.so.2 libc.so.6 libdl.so.2 libm.so.6 libpthread.so.0 librt.so.1; do
  cp -L "$root.libc6/lib/x86_64-linux-gnu/$name" "$root/lib/x86_64-linux-gnu/"
done
cp "$root/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2" "$root/lib64/"
cp "$root.libc6/usr/share/doc/libc6/copyright" "$root/usr/share/doc/libc6/"
# Scanners of images find the package and its version here.
dpkg-deb -f "$root.libc6"/*.deb >"$root/var/lib/dpkg/status.d/libc6"
echo 'heliodor:x:65532:65532::/tmp:/sbin/nologin' >"$root/etc/passwd"
echo 'heliodor:x:65532:' >"$root/etc/group"
