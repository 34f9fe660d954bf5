# Names and functions that the tests of packages share; sourced by them, at the repository's root.
# shellcheck shell=bash
# shellcheck source=scripts/package/common.sh
. scripts/package/common.sh

test_dir=target/package-test
base=$test_dir/base
root=$test_dir/root
clips=$test_dir/clips

fail() {
    echo "$*" >&2
    exit 1
}

# Makes the bare system that the tests copy: this machine's release of Debian or Ubuntu.
make_base() {
    [ -f "$base/.complete" ] && return
    local codename mirror components=main
    codename=$(os_release VERSION_CODENAME)
    # Ubuntu has FFmpeg's libraries there.
    [ "$(os_release ID)" = debian ] || components=main,universe
    # shellcheck disable=SC2016 # apt expands it
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' "Codename: $codename" \
        'Component: main' | head -n 1)
    rm -rf "$base"
    debootstrap --variant=minbase --components="$components" "$codename" "$base" "$mirror" \
        >"$test_dir/debootstrap.log" || fail "debootstrap failed: $test_dir/debootstrap.log says why."
    chroot "$base" apt-get clean
    touch "$base/.complete"
}

# Makes clips in the folder of clips: y4m, and the encode as MP4; and what the released command says of
# them.
make_clips() {
    local reference encode ffmpeg
    read -r reference encode _ < <(scripts/demo-clip.sh)
    case $reference in
        *.y4m) fail "The tests need the clip and the FFmpeg of make demo, which can't be downloaded." ;;
    esac
    ffmpeg=$(scripts/ffmpeg-path.sh target/ffmpeg-env)
    rm -rf "$clips"
    mkdir -p "$clips"
    cp "$reference" "$clips/reference.mp4"
    cp "$encode" "$clips/encode.mp4"
    local name
    for name in reference encode; do
        "$ffmpeg" -nostdin -v error -i "$clips/$name.mp4" -frames:v 25 -pix_fmt yuv420p "$clips/$name.y4m"
    done
    cargo build --quiet --release --locked -p vmaf-cli
    for name in y4m mp4; do
        "$(target_dir)/release/vmaf" score "$clips/reference.$name" "$clips/encode.$name" \
            --metric psnr --output "$clips/$name.csv" >"$clips/$name.log"
    done
}

# Makes a new bare system, with the clips.
fresh_root() {
    rm -rf "$root"
    cp -a --reflink=auto "$base" "$root"
    # For apt: the network's names and certificates of this machine.
    cp --remove-destination -L /etc/resolv.conf "$root/etc/resolv.conf"
    cp -r "$clips" "$root/clips"
}

# Runs a program in the bare system.
inside() {
    chroot "$root" /usr/bin/env -i HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
        PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

# Installs packages in the bare system: names, or paths there.
install_inside() {
    inside apt-get update -qq
    inside apt-get install -qq --no-install-recommends "$@" >"$test_dir/apt.log" 2>&1 \
        || fail "apt-get could not install $*: $test_dir/apt.log says why."
}

# Scores the clips of a format in the bare system with a command, and compares every value of every
# frame with the released command's.
#
#     score_inside FORMAT COMMAND...
score_inside() {
    local format=$1
    shift
    rm -f "$root/clips/out.csv"
    inside "$@" score "/clips/reference.$format" "/clips/encode.$format" --metric psnr \
        --output /clips/out.csv >"$test_dir/score.log" \
        || fail "$* failed in the bare system: $test_dir/score.log"
    # The first column is the path.
    cmp <(cut -d, -f2- "$clips/$format.csv") <(cut -d, -f2- "$root/clips/out.csv") \
        || fail "$*: other values than the released command's"
    echo "    $format: $(wc -l <"$clips/$format.csv") lines of values equal" >&2
}

# Prints the one package whose name matches a pattern.
package() {
    local found
    found=$(compgen -G "$package_dir/$1") || fail "$package_dir/$1 is missing; make package builds it."
    [ "$(wc -l <<<"$found")" -eq 1 ] || fail "several packages match $package_dir/$1"
    echo "$found"
}

# Fails if a program or library needs a newer glibc than 2.17.
need_old_glibc() {
    local newest
    newest=$(objdump -T "$1" | grep -o 'GLIBC_[0-9.]*' | sort -uV | tail -n 1)
    [ "$(printf '%s\n' "$newest" GLIBC_2.17 | sort -V | tail -n 1)" = GLIBC_2.17 ] \
        || fail "$1 needs $newest"
}
