#!/usr/bin/env bash
# Builds the container image of the Docker tests (Debian with Python, pytest, git and our Node) unless it is there already.
# Needs root, debootstrap and a container engine that answers; about two minutes.
set -euo pipefail
tag=${1:-sealign-test:1}
root=$(cd "$(dirname "$0")/.." && pwd)
node=$(readlink -f "$root/node_modules/node/bin/node")

refuse() { echo "$tag: $1" >&2; exit 3; }

docker version --format '{{.Server.Version}}' >/dev/null 2>&1 || refuse 'no container engine answers (start dockerd)'
docker image inspect "$tag" >/dev/null 2>&1 && exit 0
[ "$(id -u)" = 0 ] || refuse 'debootstrap needs root'
command -v debootstrap >/dev/null || refuse 'debootstrap is missing (apt-get install debootstrap)'
[ -x "$node" ] || refuse "$node is missing (npm ci)"

# Two test runs at once build it once.
exec 9>/tmp/sealign-test-image.lock
flock 9
docker image inspect "$tag" >/dev/null 2>&1 && exit 0

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
debootstrap --variant=minbase --include=python3,python3-pytest,git,libstdc++6 \
  bookworm "$folder" "${DEBIAN_MIRROR:-http://deb.debian.org/debian}" >"$folder.log" 2>&1 ||
  { tail -n 5 "$folder.log" >&2; rm -f "$folder.log"; refuse 'debootstrap failed'; }
rm -rf "$folder.log" "$folder"/var/cache/apt/archives/*.deb "$folder"/var/lib/apt/lists/*
install -m 755 "$node" "$folder/usr/local/bin/node"
mkdir -p "$folder/testbed"
tar -C "$folder" -c . | docker import --change 'CMD ["bash"]' - "$tag" >/dev/null
echo "$tag: built"
