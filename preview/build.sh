#!/usr/bin/env bash
# preview/build.sh [FOLDER]: builds the mini-program's preview into FOLDER (artifacts/preview) when something has changed. Says what is missing,
# and is no reason for anybody else to stop.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-$here/../artifacts/preview}

missing() {
  echo "No preview of the mini-program: $1" >&2
  exit 1
}

[ -f "$out/index.html" ] && [ -z "$(find "$here" "$here/../miniprogram-stub/miniprogram" -path '*/node_modules' -prune -o -type f -newer "$out/index.html" -print -quit)" ] && exit 0
command -v node >/dev/null && command -v npm >/dev/null || missing "Node.js 20 or newer with npm is not installed."
[ "$(node -p 'process.versions.node.split(".")[0]')" -ge 20 ] || missing "Node.js $(node -v) is too old; 20 or newer is needed."

log=$(mktemp)
trap 'rm -f "$log"' EXIT
if [ ! "$here/node_modules/.package-lock.json" -nt "$here/package-lock.json" ]; then
  echo "npm ci in preview …" >&2
  npm ci --prefix "$here" --no-audit --no-fund </dev/null >"$log" 2>&1 || { tail -n 5 "$log" >&2; missing "its packages could not be fetched."; }
fi

node "$here/build.mjs" --out "$out" >"$log" 2>&1 || { cat "$log" >&2; missing "it did not build."; }
