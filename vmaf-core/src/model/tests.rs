//! Models compared with manual calculations, and malformed files.

use super::*;

/// A model in libvmaf's format with one support vector at (0.5, 0).
fn libvmaf(changes: &[(&str, &str)]) -> String {
    let mut text = r#"{"model_dict": {
        "model_type": "LIBSVMNUSVR", "norm_type": "linear_rescale",
        "feature_names": ["VMAF_integer_feature_adm2_score", "VMAF_integer_feature_motion2_score"],
        "feature_opts_dicts": [{"adm_enhn_gain_limit": 1.0}, {}],
        "slopes": [0.01, 2.0, 1.0], "intercepts": [-0.25, -1.0, 0.0],
        "score_clip": [0, 100.0],
        "score_transform": {"p0": 1.0, "p1": 0.5, "p2": 0.01, "out_gte_in": "true"},
        "model": "svm_type nu_svr\nkernel_type rbf\ngamma 2\nnr_class 2\ntotal_sv 1\nrho -0.5\nSV\n0.25 1:0.5 \n"
    }}"#
    .to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    text
}

#[test]
fn scores_equal_those_computed_by_hand() {
    let model = Model::from_json("hand", &libvmaf(&[])).expect("a model");
    let adm = [0.75, 0.9];
    let motion = [0.0, 1.0];
    let column = |name: &str| match name {
        "integer_adm2_egl_1" => Some(&adm[..]),
        "integer_motion2" => Some(&motion[..]),
        _ => None,
    };
    let columns = model.score(2, column).expect("all columns");
    assert_eq!(columns.len(), 1);
    assert_eq!(columns[0].name, "hand");
    // The first frame is the support vector itself: (0.25 * 1 + 0.5 + 0.25) / 0.01.
    assert!((columns[0].values[0] - 100.0).abs() < 1e-9);
    let kernel = (-2.0 * (0.3_f64 * 0.3 + 1.0)).exp();
    let expected = (0.25 * kernel + 0.5 + 0.25) / 0.01;
    assert!((columns[0].values[1] - expected).abs() < 1e-9);
}

#[test]
fn transform_and_clip_are_optional() {
    let plain = Model::from_json("m", &libvmaf(&[])).expect("a model");
    assert_eq!(plain.map().apply(40.0), 40.0);
    assert_eq!(plain.map().apply(120.0), 100.0);
    let phone = plain.clone().with_transform();
    assert_eq!(phone.map().apply(80.0), 1.0 + 40.0 + 64.0 - 5.0);
    // 1 + 10 + 4 is below 20, and the result must not be below the input.
    assert_eq!(phone.map().apply(20.0), 20.0);
    assert_eq!(phone.without_clip().map().apply(200.0), 1.0 + 100.0 + 400.0);
}

#[test]
fn chroma_correction_uses_luma_where_chroma_lost_nothing() {
    let names = r#"["VMAF_integer_feature_adm2_score", "VMAF_integer_feature_motion2_score"]"#;
    let with = r#"["VMAF_integer_feature_adm3_score", "VMAF_integer_feature_motion2_score"]"#;
    let correction = ("\"norm_type\"", "\"chroma_correction_parameter\": 120.0, \"norm_type\"");
    let text = libvmaf(&[(names, with), correction]);
    let error = Model::from_json("m", &text).expect_err("no chroma").to_string();
    assert!(error.contains("needs an input with 'speed_chroma'"), "{error}");

    let inputs = ["VMAF_integer_feature_adm3_score", "Speed_chroma_feature_speed_chroma_uv_score"];
    let inputs = inputs.map(|output| Input { output: output.to_owned(), options: Vec::new() });
    let correction = ChromaCorrection::new(120.0, &inputs).expect("both inputs");
    let model = Model::from_json("m", &libvmaf(&[])).expect("a model");
    let predictor = &model.predictors[0];
    let plain = |features: &[f64]| predictor.predict(features, None);
    let corrected = |features: &[f64]| predictor.predict(features, Some(correction));
    assert_eq!(corrected(&[0.95, 0.25]), plain(&[0.95, 0.25]));
    assert_ne!(corrected(&[0.95, 0.0]), plain(&[0.95, 0.0]));
    assert!((corrected(&[0.95, 0.0]) - plain(&[0.95, 120.0 * 0.05])).abs() < 1e-9);
    // If luma lost no detail either, the correction is 0.
    assert!((corrected(&[1.0, 0.0]) - plain(&[1.0, 0.0])).abs() < 1e-9);
}

#[test]
fn piecewise_maps_interpolate_and_extrapolate() {
    let transform = r#"{"enabled": true, "knots": [[0, 10], [50, 30], [80, 30], [100, 70]]}"#;
    let changes = [(r#"{"p0": 1.0, "p1": 0.5, "p2": 0.01, "out_gte_in": "true"}"#, transform)];
    let model = Model::from_json("m", &libvmaf(&changes)).expect("a model").without_clip();
    let found = [-10.0, 0.0, 25.0, 60.0, 90.0, 110.0].map(|x| model.map().apply(x));
    assert_eq!(found, [6.0, 10.0, 20.0, 30.0, 50.0, 90.0]);
}

#[test]
fn undefined_features_give_undefined_scores() {
    let model = Model::from_json("m", &libvmaf(&[])).expect("a model");
    let columns = model.score(1, |_| Some(&[f64::NAN])).expect("all columns");
    assert!(columns[0].values[0].is_nan());
}

#[test]
fn broken_files_are_refused_with_the_reason() {
    let cases: &[(&[(&str, &str)], &str)] = &[
        (&[("0.25 1:0.5", "nan 1:0.5")], "not finite"),
        (&[("total_sv 1", "total_sv 2")], "2 support vectors but has 1"),
        (&[("1:0.5", "3:0.5")], "a support vector has '3:0.5'"),
        (&[("nu_svr", "c_svc")], "svm_type 'c_svc'"),
        (&[("LIBSVMNUSVR", "RANDOMFOREST")], "RANDOMFOREST"),
        (&[("[0.01, 2.0, 1.0]", "[0.01, 2.0]")], "not of one length"),
        (&[("[0.01, ", "[0.0, ")], "a slope of 0"),
        (&[("motion2_score\"", "motoin2_score\"")], "which no feature gives"),
        (&[("adm_enhn_gain_limit", "adm_gain")], "unknown option of adm 'adm_gain'"),
        (&[("[0, 100.0]", "[100, 0]")], "can't be clipped"),
        (&[("}}", "}")], "not valid JSON"),
        (&[("model_dict", "dict")], "it is no model"),
    ];
    for (changes, expected) in cases {
        let error = Model::from_json("bad.json", &libvmaf(changes)).expect_err(expected);
        let message = error.to_string();
        assert!(message.starts_with("model bad.json: ") && message.contains(expected), "{message}");
    }
}

#[test]
fn feature_options_of_a_model_reach_the_feature() {
    let model = Model::builtin("vmaf_v0.6.1").expect("built in");
    let model = model.with_option("vif", "vif_enhn_gain_limit", "1.0").expect("an option");
    let suffixes: Vec<String> =
        model.features().expect("features").iter().map(|(_, options)| options.suffix()).collect();
    assert_eq!(suffixes, ["", "", "_egl_1", "_egl_1", "_egl_1", "_egl_1"]);
}

#[test]
fn builtin_models_round_trip_through_json() {
    for builtin in BUILTINS {
        let model = Model::builtin(builtin.name).expect(builtin.name);
        let written = model.to_json("test");
        let read = Model::from_json(builtin.name, &written).expect(builtin.name);
        assert_eq!(
            (&read.inputs, &read.map, &read.predictors),
            (&model.inputs, &model.map, &model.predictors)
        );
    }
}

#[test]
fn bootstrap_spread_is_computed_from_its_members() {
    let model = Model::builtin("vmaf_b_v0.6.3").expect("built in").with_label("vmaf");
    let names = model.columns();
    assert_eq!(names.len(), 1 + 20 + 4);
    assert_eq!((&*names[0], &*names[1], &*names[20]), ("vmaf", "vmaf_0001", "vmaf_0020"));
    let columns = model.score(1, |_| Some(&[0.7])).expect("all columns");
    let value =
        |name: &str| columns.iter().find(|column| column.name == name).expect(name).values[0];
    let (lo, mid, hi) = (value("vmaf_ci_p95_lo"), value("vmaf_bagging"), value("vmaf_ci_p95_hi"));
    assert!(lo < mid && mid < hi && value("vmaf_stddev") > 0.0);
}

#[test]
fn a_model_file_names_no_folder_to_write_to() {
    let names = r#"["VMAF_integer_feature_adm2_score", "VMAF_integer_feature_motion2_score"]"#;
    let with = r#"["Cambi_feature_cambi_score", "VMAF_integer_feature_motion2_score"]"#;
    let options = r#"{"adm_enhn_gain_limit": 1.0}"#;
    let text = libvmaf(&[(names, with), (options, r#"{"heatmaps_path": "/etc"}"#)]);
    let error = Model::from_json("m", &text).expect_err("refused").to_string();
    assert!(error.contains("it sets heatmaps_path"), "{error}");
    // Its user may.
    let text = libvmaf(&[(names, with), (options, "{}")]);
    let model = Model::from_json("m", &text).expect("a model");
    model.with_option("cambi", "heatmaps_path", "maps").expect("an option");
}
