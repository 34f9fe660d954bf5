# The command vmaf, and FFmpeg.
#
#     docker build -t vmaf .
#     docker run --rm -v "$PWD:/videos" vmaf score source.mp4 encode.mp4

FROM rust:1.95-slim-trixie AS build
# Versions are those of the Debian release of the base image, which its tag names.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends \
        clang pkg-config python3 libavcodec-dev libavformat-dev libavutil-dev libswscale-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
RUN cargo build --release --locked -p vmaf-cli \
    && strip target/release/vmaf \
    && scripts/package/licences.py vmaf-cli >target/THIRD-PARTY

FROM debian:trixie-slim
# The ffmpeg package has the libraries that the command links, and the program to encode with.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ffmpeg \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /source/target/release/vmaf /usr/local/bin/vmaf
COPY --from=build /source/LICENSE-MIT /source/LICENSE-APACHE /source/target/THIRD-PARTY /usr/local/share/doc/vmaf/
# The first user of most machines. Others pass `--user "$(id -u):$(id -g)"` to write into their folders.
USER 1000:1000
WORKDIR /videos
ENTRYPOINT ["vmaf"]
