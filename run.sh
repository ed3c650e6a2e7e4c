#!/usr/bin/env bash
# ./run.sh [--data DIR] [--port 5080] [--sandbox-port 5090] [--purchases FILE] [--members N] [--at ISO-TIME] [--once] [--empty]
# Builds, makes a demo installation, starts API, worker and sandbox, and does the main job. Ctrl-C stops everything.
set -euo pipefail
root=$(cd "$(dirname "$0")" && pwd)

# The mini-program's preview needs Node; whoever only wants the main job done needs none.
case " $* " in *" --once "*) ;; *) "$root/preview/build.sh" || true ;; esac
export Engagement__Preview__Folder=${Engagement__Preview__Folder:-$root/artifacts/preview}

exec "$root/engage" demo run "$@"
