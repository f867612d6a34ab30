#!/usr/bin/env bash
# Makes sure that a container engine answers for the tests: starts dockerd in the background when we are root and it is installed.
set -euo pipefail
answers() { docker version --format '{{.Server.Version}}' >/dev/null 2>&1; }
refuse() { echo "$1" >&2; exit 3; }

command -v docker >/dev/null || refuse 'docker is not installed (apt-get install docker.io)'
answers && exit 0
[ -z "${DOCKER_HOST:-}" ] || refuse "nothing answers at DOCKER_HOST=$DOCKER_HOST"
[ "$(id -u)" = 0 ] || refuse 'no container engine answers, and only root can start one'
command -v dockerd >/dev/null || refuse 'no container engine answers, and dockerd is not installed (apt-get install docker.io)'

exec 9>/tmp/sealign-test-engine.lock
flock 9
answers && exit 0
log=$(mktemp /tmp/sealign-dockerd-XXXXXX.log)
setsid dockerd >"$log" 2>&1 </dev/null 9>&- &
for _ in $(seq 100); do
  answers && exit 0
  kill -0 $! 2>/dev/null || break
  sleep 0.2
done
kill $! 2>/dev/null || true
refuse "dockerd does not start: $(tail -n 1 "$log")"
