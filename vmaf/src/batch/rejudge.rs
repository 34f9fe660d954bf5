//! Gates judged by a result line: a changed bound needs no measuring.
//!
//! A line has the usual pools of each score and metric, the worst scene of each score, and the
//! values of the gates that it was judged by. Other values, such as the worst stretch of a column
//! or a pool that was not requested, need the values of all frames.

use serde_json::{Value, json};
use vmaf_core::Gate;
use vmaf_core::pool::{Pool, Presentation};

/// The members that hold values by name.
const MEMBERS: [&str; 3] = ["scores", "metrics", "aggregates"];

/// Returns the member `gates` of the line `text` under `gates`, or `None` if that needs measuring.
pub(super) fn rejudge(text: &str, gates: &[Gate]) -> Option<Vec<Value>> {
    let line: Value = serde_json::from_str(text).ok()?;
    let mut judged = Vec::new();
    for gate in gates {
        for column in columns(&line, gate)? {
            judged.push(judge_column(&line, &Gate { column: Some(column), ..gate.clone() })?);
        }
    }
    // What a sample leaves undecided is reported only when it is measured.
    let is_sample = line["options"].get("sample").is_some();
    let known = line["gates"].as_array().into_iter().flatten().map(|gate| &gate["gate"]);
    if is_sample && !known.eq(judged.iter().map(|gate| &gate["gate"])) {
        return None;
    }
    Some(judged)
}

/// Returns the columns that `gate` applies to.
fn columns(line: &Value, gate: &Gate) -> Option<Vec<String>> {
    let models = line["models"].as_array()?;
    let label = |model: &Value| model["label"].as_str().map(str::to_owned);
    let Some(name) = &gate.column else { return models.iter().map(label).collect() };
    if MEMBERS.iter().any(|member| line[*member].get(name).is_some()) {
        return Some(vec![name.clone()]);
    }
    let called = models.iter().find(|model| model["name"] == name[..]);
    Some(vec![label(called?)?])
}

/// Judges a gate on a column.
fn judge_column(line: &Value, gate: &Gate) -> Option<Value> {
    let column = gate.column.as_deref()?;
    let earlier = line["gates"].as_array().into_iter().flatten();
    let mut earlier = earlier.filter_map(|value| {
        let earlier: Gate = value["gate"].as_str()?.parse().ok()?;
        let is_same = earlier.column.as_deref() == Some(column) && earlier.pool == gate.pool;
        // The place of the worst value depends on the side of the bound.
        let is_side = earlier.comparison.wants_more() == gate.comparison.wants_more();
        is_same.then_some((value, is_side))
    });
    let judged = earlier.find(|(_, is_side)| *is_side);
    let pools = || line["scores"].get(column).or_else(|| line["metrics"].get(column));
    let value = match &judged {
        Some((judged, _)) => judged.get("value")?,
        None => match line["aggregates"].get(column) {
            Some(value) if gate.pool == Pool::Mean => value,
            Some(_) => return None,
            None if gate.pool == Pool::SceneMin => pools()?.get("worst_scene")?.get("mean")?,
            None => pools()?.get(gate.pool.to_string())?,
        },
    };
    // The mean of one value is that value.
    let single = Gate { pool: Pool::Mean, ..gate.clone() };
    let verdict =
        value.as_f64().and_then(|value| single.verdict(&[value], Presentation::default()));
    let held = match (&verdict, judged.and_then(|(judged, _)| judged["held"].as_bool())) {
        (Some(verdict), _) => Some(verdict.held),
        // A judged value that is not a number in JSON is infinite: no bound changes that.
        (None, Some(held)) => Some(held),
        // Without an earlier verdict it may also be undefined.
        (None, None) if judged.is_none() => return None,
        (None, None) => None,
    };
    let worst = judged.map_or(&Value::Null, |(judged, _)| &judged["worst"]);
    Some(json!({
        "gate": gate.to_string(),
        "held": held,
        "value": verdict.map(|verdict| verdict.value),
        "margin": verdict.map(|verdict| verdict.margin),
        "worst": worst,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"models": [{"label": "v", "name": "vmaf"}],
        "scores": {"v": {"mean": 90.5, "p5": 80.0, "worst_scene": {"mean": 85.0}}}, "metrics": {"psnr_y": {"mean": 38.5, "max": null}},
        "aggregates": {"axpsnr_y": 36.0},
        "gates": [{"gate": "v:window(2s)>=70", "held": true, "value": 75.0, "margin": 5.0,
                   "worst": {"frame": 3}},
                  {"gate": "psnr_y:max>=50", "held": true, "value": null, "margin": null,
                   "worst": null}]}"#;

    #[test]
    fn a_changed_bound_of_a_sample_needs_measuring() {
        let line = LINE.replace(r#""aggregates""#, r#""options": {"sample": {}}, "aggregates""#);
        let judged = |gates: &[&str]| {
            let gates: Vec<Gate> = gates.iter().map(|gate| gate.parse().expect("a gate")).collect();
            rejudge(&line, &gates).is_some()
        };
        assert!(judged(&["v:window(2s)>=70", "psnr_y:max>=50"]));
        assert!(!judged(&["v:window(2s)>=71", "psnr_y:max>=50"]));
    }

    fn held(gates: &[&str]) -> Option<Vec<(String, Option<bool>)>> {
        let gates: Vec<Gate> = gates.iter().map(|gate| gate.parse().expect("a gate")).collect();
        let judged = rejudge(LINE, &gates)?;
        let of = |value: &Value| {
            (value["gate"].as_str().expect("a gate").to_owned(), value["held"].as_bool())
        };
        Some(judged.iter().map(of).collect())
    }

    #[test]
    fn changed_bounds_are_judged_again() {
        let both = held(&["mean>=90.5", "mean>90.5"]).expect("judged");
        assert_eq!(
            both,
            [("v:mean>=90.5".to_owned(), Some(true)), ("v:mean>90.5".to_owned(), Some(false))]
        );
        assert_eq!(held(&["vmaf:p5<=80"]).expect("judged")[0].0, "v:p5<=80");
        assert_eq!(held(&["psnr_y:mean>=39"]).expect("judged")[0].1, Some(false));
        assert_eq!(held(&["scene(min)>=84.5"]).expect("judged")[0].1, Some(true));
        let window: Gate = "window(2s)>=76".parse().expect("a gate");
        let judged = rejudge(LINE, &[window]).expect("judged");
        assert_eq!((&judged[0]["margin"], &judged[0]["worst"]["frame"]), (&json!(-1.0), &json!(3)));
        assert_eq!(held(&[]), Some(Vec::new()));
        assert_eq!(held(&["axpsnr_y:mean>=36.5"]).expect("judged")[0].1, Some(false));
        // An infinite value is above any other bound too; on the other side it was never judged.
        assert_eq!(held(&["psnr_y:max>=90"]).expect("judged")[0].1, Some(true));
        for unknown in
            ["window(1s)>=70", "p10>=70", "other:mean>=1", "psnr_y:scene(min)>=1", "psnr_y:max<=90"]
        {
            assert_eq!(held(&[unknown]), None, "{unknown}");
        }
    }
}
