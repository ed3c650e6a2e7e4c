#!/usr/bin/env bash
# ./test.sh [FILTER]: installs what the tests need, builds, runs every test, and closes with "N passed, N failed, N skipped".
# With FILTER only tests whose full name contains it. FULL_REGISTRY=true builds with the owner's packages.
set -uo pipefail
cd "$(dirname "$0")" || exit 1

filter=${1:-}
results=artifacts/test-results
passed=0 failed=0 skipped=0

export FullRegistry=${FULL_REGISTRY:-false} # MSBuild takes its switch from here
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_CLI_UI_LANGUAGE=en MSBUILDDISABLENODEREUSE=1
export PATH="$PATH:/usr/sbin:/usr/local/sbin" # where Debian keeps mariadbd

main() {
  rm -rf "$results"
  mkdir -p "$results" || close 1
  install_packages
  install_node_modules
  build
  local project
  for project in tests/*/*.csproj; do run_tests "$project"; done
  close 0
}

# Prints the one line that callers read. Nothing run is no success.
close() {
  failed=$((failed + $1))
  echo "$passed passed, $failed failed, $skipped skipped"
  [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
  exit
}

install_packages() {
  local missing=()
  has mariadbd || missing+=(mariadb-server)
  has redis-server || missing+=(redis-server)
  has chromium || has chromium-browser || has google-chrome || missing+=(chromium)
  [ -n "$(node_folders)" ] && ! has npm && missing+=(nodejs npm)
  [ ${#missing[@]} -eq 0 ] && return

  local root=(env)
  [ "$(id -u)" -eq 0 ] || root=(sudo -n)
  if ! has apt-get || ! "${root[@]}" true 2>/dev/null; then
    echo "Not installed, and only root on Debian or Ubuntu can install them from here: ${missing[*]}"
    return
  fi

  echo "Installing ${missing[*]} …"
  apt_install "${missing[@]}" </dev/null >"$results/apt.log" 2>&1 || show "$results/apt.log"
}

# The tests start servers of their own, so the packages must not start theirs: policy-rc.d is how Debian is told.
apt_install() {
  local policy=/usr/sbin/policy-rc.d ours=no status
  if [ ! -e "$policy" ]; then
    ours=yes
    printf '#!/bin/sh\nexit 101\n' | "${root[@]}" tee "$policy" && "${root[@]}" chmod 755 "$policy"
  fi
  "${root[@]}" apt-get update # an old list is better than none
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"
  status=$?
  [ "$ours" = no ] || "${root[@]}" rm -f "$policy"
  return "$status"
}

install_node_modules() {
  local folder
  while IFS= read -r folder; do
    [ -n "$folder" ] || continue
    [ "$folder/node_modules/.package-lock.json" -nt "$folder/package-lock.json" ] && continue
    echo "npm ci in $folder …"
    npm ci --prefix "$folder" --no-audit --no-fund </dev/null >"$results/npm.log" 2>&1 || show "$results/npm.log"
  done < <(node_folders)
}

node_folders() {
  find . \( -name node_modules -o -name artifacts -o -name .git \) -prune -o -name package-lock.json -exec dirname {} \;
}

build() {
  echo "Building …"
  if ! dotnet build Engagement.sln -c Release -v q -nologo -warnaserror >"$results/build.log" 2>&1; then
    grep -E '(error|warning) [A-Z]+[0-9]+' "$results/build.log" | sort -u || tail -n 40 "$results/build.log"
    echo "The build failed."
    close 1
  fi

  # ./engage has nothing left to build: what a test runs shall not begin with a build of its own.
  if [ "$FullRegistry" = true ]; then touch artifacts/full-registry/run.stamp; else touch artifacts/run.stamp; fi
}

run_tests() {
  local name trx status arguments
  name=$(basename "$1" .csproj)
  trx=$results/$name.trx
  arguments=(-c Release --no-build --results-directory "$results" --logger "trx;LogFileName=$name.trx")
  # A backslash takes the meaning from what the filter language uses itself.
  [ -z "$filter" ] || arguments+=(--filter "FullyQualifiedName~$(printf '%s' "$filter" | sed 's/[\\()&|=!~]/\\&/g')")
  echo "Running $name …"
  dotnet test "$1" "${arguments[@]}" --blame-hang-timeout 10m --blame-hang-dump-type none
  status=$?

  local before=$failed
  [ ! -f "$trx" ] || count "$trx"
  # A run that broke down counts, even when no single test is to blame.
  [ "$status" -eq 0 ] || [ "$failed" -gt "$before" ] || failed=$((failed + 1))
}

# Adds the figures of one run: <Counters total=… executed=… passed=… failed=… error=… timeout=… aborted=… />
count() {
  local counters total executed ok
  counters=$(grep -o '<Counters [^>]*>' "$1" | head -n 1)
  total=$(figure total) executed=$(figure executed) ok=$(figure passed)
  passed=$((passed + ok))
  failed=$((failed + executed - ok))
  skipped=$((skipped + total - executed))
}

figure() {
  local value
  value=$(sed -n "s/.* $1=\"\([0-9]*\)\".*/\1/p" <<<"$counters")
  echo "${value:-0}"
}

# What a noisy command said is of interest only when it failed.
show() {
  tail -n 40 "$1"
  echo "That failed; the tests go on without."
}

has() { command -v "$1" >/dev/null 2>&1; }

main
