#!/usr/bin/env bash
# Checks all but the Rust code itself: spelling, the openings of documentation, shell scripts,
# workflows, the Dockerfile, and dependencies: their record, licences, versions and sources.
set -euo pipefail

scripts/lint-tools.sh
PATH="$PWD/target/lint-tools/bin:$PATH"

typos
scripts/doc-openings.py
scripts/dependencies.py
shellcheck -x scripts/*.sh scripts/package/*.sh scripts/package/test/*.sh .ci/run
actionlint
hadolint Dockerfile
zizmor --offline --quiet .github
cargo-deny --log-level warn --locked check --hide-inclusion-graph licenses bans sources
