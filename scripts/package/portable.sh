#!/usr/bin/env bash
# Builds the portable command, target/package/vmaf-VERSION-TARGET.tar.gz (.zip for Windows): one that
# decodes with an ffmpeg program instead of FFmpeg's libraries.
#
#     scripts/package/portable.sh [TARGET...]
#
# Without arguments, builds for x86-64 and Arm on Linux, elsewhere for this machine. For Linux it is
# linked with zig and needs glibc 2.17 or newer.
set -euo pipefail
. scripts/package/common.sh

targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then
    case $host in
        *-linux-gnu) targets=(x86_64-unknown-linux-gnu aarch64-unknown-linux-gnu) ;;
        *) targets=("$host") ;;
    esac
fi
cargo=(cargo)
case ${targets[*]} in
    *-linux-gnu*)
        need_zig
        cargo=("$tools_dir/bin/cargo-zigbuild")
        ;;
esac

# Builds for a target and prints the path of the command.
build() {
    local target=$1 glibc='' suffix=''
    scripts/rust-target.sh "$target"
    case $target in
        *-linux-gnu) glibc=.2.17 ;;
        *-windows-*)
            suffix=.exe
            # With its C library, which Windows does not have.
            export RUSTFLAGS='-C target-feature=+crt-static'
            ;;
    esac
    "${cargo[@]}" rustc --quiet --release --locked -p vmaf-cli --bin vmaf --no-default-features \
        --target "$target$glibc" -- -C strip=symbols >&2
    echo "$(target_dir)/$target/release/vmaf$suffix"
}

# Man pages and completions are the same for every target; one that runs here writes them.
share=$(scratch portable-share)
case " ${targets[*]} " in
    *" $host "*) command=$(build "$host") ;;
    *)
        cargo build --quiet --release --locked -p vmaf-cli --no-default-features
        command=$(target_dir)/release/vmaf
        ;;
esac
system_files "$command" "$share"
"$command" completions powershell >"$share/_vmaf.ps1"

mkdir -p "$package_dir"
for target in "${targets[@]}"; do
    command=$(build "$target")
    name=vmaf-$version-$target
    folder=$(scratch "portable/$name")
    mkdir "$folder/completions"
    cp "$command" "$folder"
    cp -r "$share/man" "$folder/man"
    cp "$share/bash-completion/completions/vmaf" "$folder/completions/vmaf.bash"
    cp "$share/zsh/vendor-completions/_vmaf" "$share/fish/vendor_completions.d/vmaf.fish" \
        "$share/_vmaf.ps1" "$folder/completions"
    cp packaging/portable/README.md LICENSE-MIT LICENSE-APACHE "$folder"
    scripts/package/licences.py vmaf-cli --target "$target" --no-default-features \
        >"$folder/THIRD-PARTY.txt"
    extension=tar.gz
    case $target in *-windows-*) extension=zip ;; esac
    scripts/package/archive.py "$folder" "$package_dir/$name.$extension"
done
