#!/usr/bin/env bash
# Scores two encodes of a short clip with the command, and prints the command line.
set -euo pipefail

clips=$(scripts/demo-clip.sh)
read -r -a clips <<<"$clips"
echo "\$ target/release/vmaf score ${clips[*]}"
target/release/vmaf score "${clips[@]}"
