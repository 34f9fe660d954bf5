#!/usr/bin/env bash
# Installs missing system packages for building and testing: FFmpeg's libraries, clang (to generate the
# bindings to FFmpeg), a linker and Python's venv.
#
#     scripts/system-packages.sh [PROGRAM...]
#
# Also installs the given programs, each from the package of its name.
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
    echo "Rust is missing. Install it from https://rustup.rs, then run make again." >&2
    exit 1
fi
for library in "${libraries[@]}"; do
    packages+=("$library-dev")
done
if ! have apt-get; then
    cat >&2 <<END
Install these packages, or their equivalents, with your package manager: ${packages[*]}.
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
# If the package index can't be refreshed, the old one may suffice.
"${as_root[@]}" apt-get update -qq || true
"${as_root[@]}" apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null

if ! complete; then
    echo "Packages were installed, but some programs or libraries are still missing: ${packages[*]}" >&2
    exit 1
fi
