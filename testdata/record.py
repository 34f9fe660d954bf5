#!/usr/bin/env python3
"""Records what libvmaf says of the generated clips, into libvmaf.json beside this file.

usage: record.py LIBVMAF_TOOL CLIPS_FOLDER < LIST

LIST is what `cargo run -p vmaf-cli --example write_clips -- CLIPS_FOLDER` prints. The tool is
libvmaf's own `vmaf`; it is run without vector code.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

MODELS = [
    "version=vmaf_v0.6.1",
    "version=vmaf_v0.6.1neg",
    "version=vmaf_4k_v0.6.1",
    "version=vmaf_4k_v0.6.1neg",
    "version=vmaf_b_v0.6.3",
    "version=vmaf_v0.6.1:enable_transform",
    "version=vmaf_v0.6.1:disable_clip",
    "version=vmaf_v0.6.1:vif.vif_enhn_gain_limit=1.1:adm.adm_enhn_gain_limit=1.3",
]
FEATURES = [
    "vif=debug=true",
    "vif=vif_enhn_gain_limit=1.2",
    "vif=vif_enhn_gain_limit=1:vif_skip_scale0=true:debug=true",
    "adm=debug=true",
    "adm=adm_enhn_gain_limit=1:debug=true",
    "adm=adm_enhn_gain_limit=1.2:adm_dlm_weight=0.7:adm_noise_weight=0.02:adm_min_val=0.5",
    "adm=adm_csf_mode=1:debug=true",
    "adm=adm_csf_mode=1:adm_csf_scale=2.5:adm_csf_diag_scale=1.5",
    "adm=adm_csf_mode=2:debug=true",
    "adm=adm_csf_mode=2:adm_norm_view_dist=5",
    "adm=adm_csf_mode=3:adm_norm_view_dist=1.5:adm_ref_display_height=2160",
    "adm=adm_csf_mode=3:adm_norm_view_dist=5:adm_ref_display_height=720",
    "adm=adm_norm_view_dist=4.5:debug=true",
    "adm=adm_skip_scale0=true:debug=true",
    "motion=debug=true",
    "motion=motion_five_frame_window=true:motion_moving_average=true",
    "motion=motion_blend_factor=0.4:motion_blend_offset=2:motion_max_val=6",
    "motion=motion_fps_weight=1.4:motion_moving_average=true",
    "motion=motion_force_zero=true",
    "psnr_hvs",
    "ciede",
    "float_motion",
    "float_motion=motion_add_scale1=true",
    "float_motion=motion_add_uv=true:motion_filter_size=3",
    "float_motion=motion_filter_size=1:motion_add_scale1=true:debug=false",
    "float_motion=motion_fps_weight=1.4:motion_blend_factor=0.4:motion_blend_offset=2:motion_max_val=6",
    "float_motion=motion_force_zero=true:debug=false",
]


def main():
    tool, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    recorded = {}
    for line in sys.stdin:
        name, *options = line.split()
        files = [folder / f"{name}_{role}.yuv" for role in ("reference", "distorted")]
        common = [tool, "-r", files[0], "-d", files[1], *options, "--cpumask", "65535", "-q", "--json"]
        runs = [["-m", model] for model in MODELS]
        # Each on its own: libvmaf's tool crashes on many at once.
        # libvmaf's ciede mixes up the directions of chroma subsampling: its 4:2:2 is not the formula's.
        there = [feature for feature in FEATURES if feature != "ciede" or "422" not in options]
        runs += [["-n", "--feature", feature] for feature in there]
        recorded[name] = []
        for run in runs:
            with tempfile.NamedTemporaryFile() as log:
                done = subprocess.run([*map(str, common), *run, "-o", log.name])
                if done.returncode:
                    print("not recorded:", name, *run, "exit", done.returncode)
                    continue
                read = json.load(log)
            frames = [frame["metrics"] for frame in read["frames"]]
            columns = {column: [frame[column] for frame in frames] for column in frames[0]}
            entry = {"arguments": run, "frames": columns, "pooled": read["pooled_metrics"]}
            if read["aggregate_metrics"]:
                entry["aggregate"] = read["aggregate_metrics"]
            recorded[name].append(entry)
    target = pathlib.Path(__file__).with_name("libvmaf.json")
    with target.open("w") as out:
        out.write("{\n")
        for i, (name, runs) in enumerate(recorded.items()):
            out.write(f" {json.dumps(name)}: [\n")
            for j, run in enumerate(runs):
                comma = "," if j + 1 < len(runs) else ""
                out.write(f"  {json.dumps(run, separators=(',', ':'))}{comma}\n")
            out.write(" ]" + (",\n" if i + 1 < len(recorded) else "\n"))
        out.write("}\n")


main()
