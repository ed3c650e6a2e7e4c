#!/usr/bin/env bash
# Runs one benchmark: ./bench.sh NAME [--scale small|full]. Prints a table, writes bench/results/NAME.json, exits 1 when a bar is missed.
set -euo pipefail
cd "$(dirname "$0")"
full="${FULL_REGISTRY:-false}"
artifacts=artifacts
[ "$full" = true ] && artifacts=artifacts/full-registry
dotnet build bench -c Release -v quiet -nologo "-p:FullRegistry=$full"
exec dotnet "$artifacts/bin/Bench/release/Engagement.Bench.dll" "$@"
