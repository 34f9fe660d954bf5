#!/usr/bin/env python3
"""Records libvmaf's results for the generated clips in libvmaf.json, next to this file.

usage: record.py LIBVMAF_TOOL CLIPS_FOLDER < LIST

LIST is the output of `cargo run -p vmaf-cli --example write_clips -- CLIPS_FOLDER`. LIBVMAF_TOOL is
libvmaf's own `vmaf`; it runs without vector code.
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
    "version=vmaf_float_v0.6.1",
    "version=vmaf_float_v0.6.1neg",
    "version=vmaf_float_4k_v0.6.1",
    "version=vmaf_float_b_v0.6.3",
    "version=vmaf_v1.0.16_3d0h",
    "version=vmaf_v1.0.16_3d0h:cambi.enc_bitdepth=8",
    "version=vmaf_v1.0.16_5d0h",
    "version=vmaf_v1.0.16_1d5h_2160",
    "version=vmaf_v1.0.16_3d0h_2160",
    "version=vmaf_v1.0.16_hfr_3d0h",
    "version=vmaf_v1.0.16_hfr_5d0h",
    "version=vmaf_v1.0.16_hfr_1d5h_2160",
    "version=vmaf_v1.0.16_hfr_3d0h_2160",
]
# Models of the largest clip, which is recorded with fewer runs.
UHD_MODELS = ["version=vmaf_4k_v0.6.1", "version=vmaf_float_4k_v0.6.1", "version=vmaf_v1.0.16_1d5h_2160"]
# Features for which libvmaf reads outside the planes of the smallest clips.
EXCLUDED_FOR_TINY = ("vif", "adm", "motion", "float_vif", "float_adm", "float_motion")

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
    "psnr",
    "psnr=enable_mse=true:enable_apsnr=true",
    "psnr=enable_chroma=false:enable_mse=true",
    "psnr=reduced_hbd_peak=true:min_sse=0.5",
    "float_psnr",
    "float_moment",
    "float_ansnr",
    "float_ssim=enable_lcs=true",
    "float_ssim=scale=1:enable_lcs=true",
    "float_ssim=scale=3:enable_db=true",
    "float_ssim=enable_db=true:clip_db=true",
    "float_ms_ssim=enable_lcs=true",
    "float_ms_ssim=enable_db=true:clip_db=true",
    "float_vif=debug=true",
    "float_vif=vif_enhn_gain_limit=1:vif_sigma_nsq=0.7:vif_scale2_min_val=0.8:debug=true",
    "float_vif=vif_kernelscale=0.5:vif_skip_scale0=true:debug=true",
    "float_vif=vif_prescale=0.7:vif_prescale_method=bicubic",
    "float_vif=vif_prescale=1.5:vif_prescale_method=lanczos4",
    "float_vif=vif_prescale=0.6:vif_prescale_method=bilinear:vif_sigma_nsq=0",
    "float_adm=debug=true",
    "float_adm=adm_enhn_gain_limit=1:adm_csf_mode=1:adm_csf_scale=2.5:adm_csf_diag_scale=1.5",
    "float_adm=adm_csf_mode=2:adm_norm_view_dist=4.5:adm_ref_display_height=720",
    "float_adm=adm_p_norm=2:adm_bypass_cm=1:adm_dlm_weight=0.7:adm_noise_weight=0.02",
    "float_adm=adm_f1s0=0.02:adm_f2s0=0.01:adm_f1s2=0.3:adm_f2s3=1:adm_adm3_apply_hm=true",
    "float_adm=adm_skip_scale0=true:adm_skip_aim_scale=2:adm_min_val=0.5",
    "psnr_hvs",
    "ciede",
    "float_motion",
    "float_motion=motion_add_scale1=true",
    "float_motion=motion_add_uv=true:motion_filter_size=3",
    "float_motion=motion_filter_size=1:motion_add_scale1=true:debug=false",
    "float_motion=motion_fps_weight=1.4:motion_blend_factor=0.4:motion_blend_offset=2:motion_max_val=6",
    "float_motion=motion_force_zero=true:debug=false",
    "speed_chroma",
    "speed_chroma=speed_nn_floor=0.1:speed_sigma_nn=0.19:speed_weight_var_mode=5:speed_max_val=45",
    "speed_chroma=speed_prescale=0.6:speed_prescale_method=bilinear:speed_weight_var_mode=3",
    "speed_chroma=speed_prescale=1.7:speed_prescale_method=bicubic:speed_weight_var_mode=6",
    "speed_chroma=speed_kernelscale=0.5:speed_prescale=0.8:speed_weight_var_mode=1",
    "speed_temporal",
    "speed_temporal=speed_kernelscale=2:speed_nn_floor=0.3:speed_sigma_nn=0.5",
    "speed_temporal=speed_prescale=0.7:speed_prescale_method=lanczos4:speed_use_ref_diff=true",
    "cambi=full_ref=true",
    "cambi=cambi_high_res_speedup=1080:cambi_vis_lum_threshold=0.06:cambi_max_val=17",
    "cambi=window_size=127:topk=0.1:tvi_threshold=0.03:max_log_contrast=3",
    "cambi=max_log_contrast=5:cambi_eotf=pq:cambi_topk=0.4:enc_bitdepth=10",
    "cambi=full_ref=true:enc_width=240:enc_height=216:eotf=pq:max_log_contrast=0",
]


def main():
    tool, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    recorded = {}
    for line in sys.stdin:
        name, *options = line.split()
        files = [folder / f"{name}_{role}.yuv" for role in ("reference", "distorted")]
        common = [tool, "-r", files[0], "-d", files[1], *options, "--cpumask", "65535", "-q", "--json"]
        models, features = MODELS, FEATURES
        if name.startswith("uhd"):
            first = {feature.split("=")[0]: feature for feature in reversed(FEATURES)}
            models, features = UHD_MODELS, list(reversed(first.values()))
        if name.startswith("tiny"):
            models = []
            features = [f for f in FEATURES if f.split("=")[0] not in EXCLUDED_FOR_TINY]
            # At a third of the size no window fits: libvmaf divides by the size of an empty map.
            features = [f for f in features if "scale=3" not in f]
        if name == "one_frame":
            # Below the minimum size, but libvmaf returns 0 for the first frame without a check.
            features = [f for f in features if not f.startswith("speed_temporal")]
        if "odd" in name or "422" in name or name == "tiny_17x33":
            # libvmaf's C code treats 4:2:2 as 4:4:0, and reads outside planes of odd sizes.
            features = [f for f in features if f != "ciede"]
        runs = [["-m", model] for model in models]
        # One feature per run, because libvmaf's tool crashes with many.
        runs += [["-n", "--feature", feature] for feature in features]
        recorded[name] = []
        for run in runs:
            with tempfile.NamedTemporaryFile() as log:
                completed = subprocess.run([*map(str, common), *run, "-o", log.name])
                if completed.returncode:
                    print("not recorded:", name, *run, "exit status", completed.returncode)
                    continue
                document = json.load(log)
            frames = [frame["metrics"] for frame in document["frames"]]
            columns = {column: [frame[column] for frame in frames] for column in frames[0]}
            entry = {"arguments": run, "frames": columns}
            if run[0] == "-m":
                entry["pooled"] = document["pooled_metrics"]
            if document["aggregate_metrics"]:
                entry["aggregate"] = document["aggregate_metrics"]
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
