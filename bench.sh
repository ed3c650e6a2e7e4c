#!/usr/bin/env bash
# Runs one benchmark: ./bench.sh NAME [--scale small|full]. Prints a table, writes bench/results/NAME.json, exits 1 when a bar is missed.
set -euo pipefail
cd "$(dirname "$0")"

# wrk drives the API from a process of its own.
if [ "${1:-}" = api ] && ! command -v wrk >/dev/null; then
  root=(env)
  [ "$(id -u)" -eq 0 ] || root=(sudo -n)
  "${root[@]}" apt-get install -y --no-install-recommends wrk >&2 || echo "wrk is missing and could not be installed from here." >&2
fi

full="${FULL_REGISTRY:-false}"
artifacts=artifacts
[ "$full" = true ] && artifacts=artifacts/full-registry
dotnet build bench -c Release -v quiet -nologo "-p:FullRegistry=$full"
exec dotnet "$artifacts/bin/Bench/release/Engagement.Bench.dll" "$@"
