# Names and functions that the scripts in this folder share; sourced by them, at the repository's root.
# shellcheck shell=bash
# shellcheck disable=SC2034 # the scripts use the names

version=$(sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"$/\1/p' Cargo.toml)
package_dir=target/package
tools_dir=target/package-tools
host=$(rustc --version --verbose | sed -n 's/^host: //p')

# The time of all files in packages, so that the same commit gives the same packages. Outside of a
# clone it is that of the source archive's files.
if [ -z "${SOURCE_DATE_EPOCH:-}" ]; then
    SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null || date -r Cargo.toml +%s)
fi
export SOURCE_DATE_EPOCH

# Prints a variable of the system's description, such as ID or VERSION_CODENAME.
os_release() {
    sed -n "s/^$1=//p" /etc/os-release | tr -d '"'
}

# Prints the path of the folder in which cargo builds.
target_dir() {
    echo "${CARGO_TARGET_DIR:-target}"
}

# Installs the tools that build for other processors and old distributions.
need_zig() {
    scripts/python-env.sh "$tools_dir" maturin==1.16.0 cargo-zigbuild==0.24.0 ziglang==0.17.0
    # The tools run `python3 -m ziglang`.
    PATH="$PWD/$tools_dir/bin:$PATH"
    export PATH
    # cargo prefers these to zig, and their C library is a new one.
    local name
    for name in $(compgen -e); do
        case $name in CARGO_TARGET_*_LINKER) unset "$name" ;; esac
    done
}

# Makes an empty folder for a package's files, and prints its path.
scratch() {
    local folder=target/package-scratch/$1
    rm -rf "$folder"
    mkdir -p "$folder"
    echo "$folder"
}

# Writes the man pages and completions of a command to the folder of shared files of a system.
#
#     system_files COMMAND /usr/share
system_files() {
    local command=$1 share=$2
    install -d "$share/man/man1" "$share/bash-completion/completions" \
        "$share/zsh/vendor-completions" "$share/fish/vendor_completions.d"
    "$command" man --out "$share/man/man1"
    "$command" completions bash >"$share/bash-completion/completions/vmaf"
    "$command" completions zsh >"$share/zsh/vendor-completions/_vmaf"
    "$command" completions fish >"$share/fish/vendor_completions.d/vmaf.fish"
}
