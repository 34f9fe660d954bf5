# `make demo` and `make test` do everything on a fresh Debian machine with Rust, system packages
# included. The steps are in scripts/, and each is quick when there is nothing left to do.

RUNS ?= 3
MINUTES ?= 1
KILLS ?= 100
PREFIX ?= /usr/local

.PHONY: help programs memory faults slurm-lab ray-env ray-faults ray-load fuzz demo test package package-test recorded bench bench-search instructions instructions-record arm arm-instructions arm-instructions-record doc site public-api public-api-record fmt fmt-check lint build install-capi ffmpeg-capi system

help:
	@echo "make demo    build the command, bring a clip, encode it twice, score the encodes"
	@echo "make test    run every test"
	@echo "make package build Debian packages, a portable command, wheels and a source archive: target/package"
	@echo "make package-test  install each in a bare system and score a clip there (as root)"
	@echo "make recorded  compare the released command with the recorded figures of libvmaf"
	@echo "make bench   time the command beside libvmaf (LIBVMAF=path to its tool, RUNS=$(RUNS))"
	@echo "make bench-search  compare vmaf search with ab-av1 and an exhaustive search"
	@echo "make instructions  count the instructions of a frame, and compare with those recorded"
	@echo "make memory  print the peak memory of the command as a table"
	@echo "make faults  kill batches, shards and searches at random moments, KILLS=$(KILLS) times each"
	@echo "make ray-faults  kill drivers of a Ray cluster at random moments, KILLS=$(KILLS) times"
	@echo "make slurm-lab  run the Slurm examples on a cluster of one node; make ray-load: lose nodes of Ray (as root)"
	@echo "make fuzz    fuzz each reader of foreign data for MINUTES=$(MINUTES) (TARGETS=\"y z\": only these)"
	@echo "make arm     test the build for 64-bit Arm under emulation"
	@echo "make arm-instructions  count the instructions of a frame on Arm, under emulation"
	@echo "make build   build the command: target/release/vmaf"
	@echo "make install-capi  install libvmaf.so.3, headers and libvmaf.pc in PREFIX=$(PREFIX)"
	@echo "make ffmpeg-capi  build an unmodified FFmpeg with libvmaf.so.3, to try it"
	@echo "make doc     build the documentation of the libraries"
	@echo "make site    build docs/ into a website in target/site, and check its links"
	@echo "make fmt     format; make lint: clippy, spelling, scripts, workflows, dependencies"
	@echo "make public-api  compare the public interfaces with the listings in docs/api"

demo: build
	@scripts/demo.sh

test: system
	@scripts/system-packages.sh chromium
	@scripts/test.sh

package: system
	@scripts/package.sh

package-test:
	@scripts/package/test.sh

recorded: system
	@scripts/recorded.sh

bench: build
	@scripts/bench.sh $(RUNS)

bench-search: build
	@scripts/python-env.sh target/ffmpeg-env imageio-ffmpeg
	@VMAF_FFMPEG=$$(scripts/ffmpeg-path.sh target/ffmpeg-env) python3 scripts/bench-search.py

PROGRAMS = target/release/vmaf target/release/generate_clip

programs: system
	@cargo build --quiet --release -p vmaf-cli -p vmaf-benches --bin vmaf --bin generate_clip
	@scripts/python-env.sh target/ffmpeg-env imageio-ffmpeg

memory: programs
	@VMAF_FFMPEG=$$(scripts/ffmpeg-path.sh target/ffmpeg-env) scripts/memory.py $(PROGRAMS)

faults: programs
	@VMAF_FFMPEG=$$(scripts/ffmpeg-path.sh target/ffmpeg-env) scripts/faults.py $(PROGRAMS) $(KILLS)

slurm-lab: programs
	@scripts/system-packages.sh slurmctld slurmd
	@scripts/slurm-lab.py $(PROGRAMS)

ray-env:
	@scripts/test-env.sh
	@scripts/build-test-wheel.sh
	@target/test-env/bin/python -m pip install --quiet --no-deps --force-reinstall target/test-wheels/vmaf_py-*.whl

ray-faults: programs ray-env
	@target/test-env/bin/python scripts/faults.py $(PROGRAMS) $(KILLS) 1 ray

ray-load: ray-env
	@target/test-env/bin/python scripts/ray-load.py

fuzz:
	@scripts/fuzz.sh $(MINUTES) $(TARGETS)

instructions: system
	@scripts/system-packages.sh valgrind
	@scripts/instructions.sh

instructions-record: system
	@scripts/system-packages.sh valgrind
	@scripts/instructions.sh record

build: system
	@cargo build --release --package vmaf-cli

install-capi:
	@PREFIX="$(PREFIX)" scripts/install-capi.sh

ffmpeg-capi: system
	@scripts/ffmpeg-with-capi.sh

arm: system
	@scripts/arm.sh

arm-instructions: system
	@scripts/instructions.sh arm

arm-instructions-record: system
	@scripts/instructions.sh arm record

doc: system
	@RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps

public-api: system
	@scripts/public-api.sh check

public-api-record: system
	@scripts/public-api.sh

site: system
	@scripts/site.sh

fmt:
	@cargo fmt --all

fmt-check:
	@cargo fmt --all --check

lint: system
	@cargo clippy --workspace --all-targets -- -D warnings
	@cargo clippy --package vmaf-core --package vmaf --no-default-features -- -D warnings
	@scripts/lint.sh

system:
	@scripts/system-packages.sh
