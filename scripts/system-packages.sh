#!/usr/bin/env bash
# Installs the system packages that building and testing need, where they are missing: FFmpeg's
# libraries, clang (the bindings to FFmpeg are generated with it), a linker and Python's venv.
#
#     scripts/system-packages.sh [PROGRAM...]
#
# Programs that are named are installed too, each from the package of its name.
set -euo pipefail

libraries=(libavcodec libavformat libavutil libswscale)
packages=(build-essential clang pkg-config python3-venv "$@")
programs=("$@")

have() { command -v "$1" >/dev/null 2>&1; }

complete() {
    local program
    for program in "${programs[@]}"; do
        have "$program" || return 1
    done
    have cc && have clang && have pkg-config \
        && pkg-config --exists "${libraries[@]}" \
        && have python3 && python3 -c 'import ensurepip, venv' 2>/dev/null
}

if complete; then
    exit 0
fi

if ! have cargo; then
    echo "Rust is missing: see https://rustup.rs, then run make again." >&2
    exit 1
fi
for library in "${libraries[@]}"; do
    packages+=("$library-dev")
done
if ! have apt-get; then
    cat >&2 <<END
Install with your package manager, under its names for them: ${packages[*]}.
To build without FFmpeg's libraries: cargo build --release -p vmaf-cli --no-default-features
END
    exit 1
fi

echo "Installing system packages: ${packages[*]}" >&2
as_root=()
if [ "$(id -u)" -ne 0 ]; then
    as_root=(sudo)
fi
export DEBIAN_FRONTEND=noninteractive
# An index that can't be refreshed may still do.
"${as_root[@]}" apt-get update -qq || true
"${as_root[@]}" apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null

if ! complete; then
    echo "System packages were installed, but some are still not found: ${packages[*]}" >&2
    exit 1
fi
