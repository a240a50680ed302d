#!/usr/bin/env bash
# Measures how long sort takes as its input grows.
#
#   runtree run -- examples/shell/measure.sh 1000 10000 100000
#
# Whatever is appended to the file that RUNTREE_LOG names becomes part of the run: one JSON object a
# line. Without RUNTREE_LOG the script just measures.
set -euo pipefail
export LC_ALL=C
TIMEFORMAT=%R

log() {
  if [ -n "${RUNTREE_LOG:-}" ]; then printf '%s\n' "$1" >>"$RUNTREE_LOG"; fi
}

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

if [ $# -eq 0 ]; then set -- 10000 30000 100000 300000; fi
log "{\"params\": {\"program\": \"sort\", \"sizes\": [$(IFS=,; echo "$*")]}, \"tag\": \"timing\"}"

for lines in "$@"; do
  awk -v lines="$lines" 'BEGIN { srand(1); for (i = 0; i < lines; i++) print rand() }' >"$folder/input"
  bytes=$(($(wc -c <"$folder/input")))
  seconds=$({ time sort "$folder/input" >"$folder/sorted"; } 2>&1)
  sort -c "$folder/sorted"
  log "{\"step\": $lines, \"seconds\": $seconds, \"bytes\": $bytes}"
  log "{\"result\": \"sizes\", \"row\": {\"lines\": $lines, \"bytes\": $bytes, \"seconds\": $seconds}}"
  echo "$lines lines: $seconds s"
done
