//! libvmaf's model files: JSON with an embedded LIBSVM model as text.

use serde_json::Value;

use super::parts::{ModelParts, option_text};
use super::predictor::Scaling;
use super::{Input, Predictor, ScoreMap, Svr, Transform};

/// Parses a model or, if the file holds objects keyed "0", "1", ..., a bootstrap model.
pub(super) fn parse(value: &Value) -> Result<ModelParts, String> {
    if value.get("model_dict").is_some() {
        return parse_model(value);
    }
    let mut parts: Option<ModelParts> = None;
    for key in 0.. {
        let Some(member) = value.get(key.to_string()) else { break };
        let fail = |reason| format!("in its model {key}: {reason}");
        let member = parse_model(member).map_err(fail)?;
        match &mut parts {
            None => parts = Some(member),
            Some(parts) if parts.is_like(&member) => parts.predictors.extend(member.predictors),
            Some(_) => return Err(format!("its model {key} is of another kind than the first")),
        }
    }
    parts.ok_or_else(|| "it is no model: there is neither 'format' nor 'model_dict'".to_owned())
}

fn parse_model(value: &Value) -> Result<ModelParts, String> {
    let dict = value.get("model_dict").ok_or("there is no 'model_dict'")?;
    let model_type = text(dict, "model_type")?;
    let known = ["LIBSVMNUSVR", "BOOTSTRAP_LIBSVMNUSVR", "RESIDUEBOOTSTRAP_LIBSVMNUSVR"];
    if !known.contains(&model_type) {
        return Err(format!("models of type '{model_type}' are not supported"));
    }
    let correction = dict.get("chroma_correction_parameter").filter(|value| !value.is_null());
    let chroma_correction = correction.map(as_number).transpose()?;
    let inputs = parse_inputs(dict)?;
    let scaling = match text(dict, "norm_type")? {
        "none" => None,
        "linear_rescale" => Some(parse_scaling(dict)?),
        other => return Err(format!("'norm_type' {other} is not supported")),
    };
    let svr = parse_svm(text(dict, "model")?, inputs.len())?;
    let clip = dict.get("score_clip").filter(|clip| !clip.is_null());
    let clip = clip.map(|clip| match numbers(clip)?[..] {
        [min, max] => Ok((min, max)),
        _ => Err("'score_clip' is not two numbers".to_owned()),
    });
    let transform = dict.get("score_transform").filter(|transform| !transform.is_null());
    let transform = transform.map(parse_transform).transpose()?;
    let map = ScoreMap { transform, clip: clip.transpose()? };
    Ok(ModelParts { inputs, map, chroma_correction, predictors: vec![Predictor { scaling, svr }] })
}

fn parse_inputs(dict: &Value) -> Result<Vec<Input>, String> {
    let names = dict.get("feature_names").and_then(Value::as_array);
    let names = names.ok_or("there are no 'feature_names'")?;
    let options = dict.get("feature_opts_dicts").and_then(Value::as_array);
    let input = |(index, name): (usize, &Value)| {
        let output = name.as_str().ok_or("a feature's name is not a string")?.to_owned();
        let options = options.and_then(|options| options.get(index)).and_then(Value::as_object);
        let options = options.into_iter().flatten();
        let options = options.map(|(name, value)| Ok((name.clone(), option_text(value)?)));
        Ok(Input { output, options: options.collect::<Result<_, String>>()? })
    };
    names.iter().enumerate().map(input).collect()
}

/// Reads slopes and intercepts; the first of each belongs to the score.
fn parse_scaling(dict: &Value) -> Result<Scaling, String> {
    let list = |name: &str| {
        let list = dict.get(name).ok_or_else(|| format!("there are no '{name}'"))?;
        numbers(list)
    };
    let (slopes, intercepts) = (list("slopes")?, list("intercepts")?);
    if slopes.len() != intercepts.len() || slopes.is_empty() {
        return Err("'slopes' and 'intercepts' are not of one length".to_owned());
    }
    let mut pairs = slopes.into_iter().zip(intercepts);
    let score = pairs.next().ok_or("there are no 'slopes'")?;
    Ok(Scaling { score, features: pairs.collect() })
}

fn parse_transform(value: &Value) -> Result<Transform, String> {
    let number = |name: &str| value.get(name).filter(|v| !v.is_null()).map(as_number).transpose();
    let (p0, p1, p2) = (number("p0")?, number("p1")?, number("p2")?);
    let any = p0.is_some() || p1.is_some() || p2.is_some();
    let knots = match value.get("knots").and_then(Value::as_array) {
        None => Vec::new(),
        Some(knots) => knots
            .iter()
            .map(|knot| match numbers(knot)?[..] {
                [x, y] => Ok((x, y)),
                _ => Err("a knot is not two numbers".to_owned()),
            })
            .collect::<Result<_, _>>()?,
    };
    // Some files store these flags as text, others as booleans.
    let flag = |name: &str| {
        value.get(name).is_some_and(|flag| flag == "true" || flag.as_bool() == Some(true))
    };
    Ok(Transform {
        enabled: value.get("enabled").and_then(Value::as_bool).unwrap_or(false),
        polynomial: any.then(|| [p0, p1, p2].map(|p| p.unwrap_or(0.0))),
        knots,
        at_most_input: flag("out_lte_in"),
        at_least_input: flag("out_gte_in"),
    })
}

/// Parses LIBSVM's text: a header of `name value` lines, then `SV` and one line per support vector
/// with its weight and `index:value` pairs. Indices start at 1; zero components are omitted.
fn parse_svm(text: &str, inputs: usize) -> Result<Svr, String> {
    let (header, vectors) = text.split_once("\nSV\n").ok_or("its LIBSVM text has no 'SV' line")?;
    let field = |name: &str| {
        let mut lines = header.lines();
        lines
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))
            .ok_or_else(|| format!("its LIBSVM text has no '{name}'"))
    };
    for (name, expected) in [("svm_type", "nu_svr"), ("kernel_type", "rbf")] {
        let found = field(name)?;
        if found != expected {
            return Err(format!("a LIBSVM model with {name} '{found}' is not supported"));
        }
    }
    let mut svr = Svr {
        gamma: parse_number(field("gamma")?)?,
        rho: parse_number(field("rho")?)?,
        weights: Vec::new(),
        vectors: Vec::new(),
    };
    for line in vectors.lines().filter(|line| !line.trim().is_empty()) {
        let mut words = line.split_whitespace();
        svr.weights.push(parse_number(words.next().unwrap_or_default())?);
        let mut vector = vec![0.0; inputs];
        for word in words {
            let place = word.split_once(':').and_then(|(index, value)| {
                let index = index.parse::<usize>().ok()?.checked_sub(1)?;
                Some((vector.get_mut(index)?, value))
            });
            let (place, value) = place.ok_or_else(|| format!("a support vector has '{word}'"))?;
            *place = parse_number(value)?;
        }
        svr.vectors.extend(vector);
    }
    let total = field("total_sv")?;
    if total.parse() != Ok(svr.weights.len()) {
        let found = svr.weights.len();
        return Err(format!("it says it has {total} support vectors but has {found}"));
    }
    Ok(svr)
}

fn parse_number(text: &str) -> Result<f64, String> {
    let number = text.parse().map_err(|_| format!("'{text}' is not a number"))?;
    if f64::is_finite(number) { Ok(number) } else { Err(format!("'{text}' is not finite")) }
}

fn as_number(value: &Value) -> Result<f64, String> {
    value.as_f64().ok_or_else(|| format!("'{value}' is not a number"))
}

fn numbers(value: &Value) -> Result<Vec<f64>, String> {
    let list = value.as_array().ok_or_else(|| format!("'{value}' is not a list of numbers"))?;
    list.iter().map(as_number).collect()
}

fn text<'a>(dict: &'a Value, name: &str) -> Result<&'a str, String> {
    dict.get(name).and_then(Value::as_str).ok_or_else(|| format!("there is no '{name}'"))
}
