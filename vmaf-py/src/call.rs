//! A request as a Python call, for the report.

use std::fmt::Write;

use vmaf::values::Sample;
use vmaf::{Accepted, ColorRange, Crop, Options, Pairing, Rect, Request, Scaler};

/// Returns the call of `vmaf_py.score` that gives the same results.
pub(crate) fn text(request: &Request) -> String {
    let mut call = Call(String::from("vq.score("));
    call.0.push_str(&quoted(&request.reference));
    match &request.encodes[..] {
        [encode] => call.value(&quoted(encode)),
        encodes => call.value(&list(encodes.iter().map(|encode| quoted(encode)))),
    }
    call.options(&request.options);
    call.0.push(')');
    call.0
}

struct Call(String);

impl Call {
    fn value(&mut self, value: &str) {
        let _ = write!(self.0, ", {value}");
    }

    fn argument(&mut self, name: &str, value: &str) {
        self.value(&format!("{name}={value}"));
    }

    /// Adds the arguments that differ from their defaults.
    fn options(&mut self, options: &Options) {
        let models = options.models();
        match &models[..] {
            [] => self.argument("model", "None"),
            [model] => self.argument("model", &quoted(&model.to_string())),
            models => {
                self.argument("model", &list(models.iter().map(|m| quoted(&m.to_string()))));
            }
        }
        if !options.metrics.is_empty() {
            let metrics = options.metrics.iter().map(|metric| quoted(&metric.to_string()));
            self.argument("metrics", &list(metrics));
        }
        if let Some(frames) = &options.frames {
            let end = if frames.end == u64::MAX { "None".into() } else { frames.end.to_string() };
            self.argument("frames", &format!("({}, {end})", frames.start));
        }
        if options.every.get() > 1 {
            self.argument("every", &options.every.to_string());
        }
        match options.sample {
            Some(Sample::Frames(frames)) => self.argument("sample", &frames.to_string()),
            Some(Sample::Share(count, of)) => {
                self.argument("sample", &(count as f64 / of as f64).to_string());
            }
            None => {}
        }
        if options.shortest {
            self.argument("shortest", "True");
        }
        if options.align != Pairing::Time {
            self.argument("align", &quoted(options.align.name()));
        }
        if options.offset != 0 {
            self.argument("offset", &options.offset.to_string());
        }
        self.conform(options);
        if let Some(raw) = options.raw {
            self.argument("size", &format!("({}, {})", raw.width, raw.height));
            let chroma = raw.chroma.to_string().replace(':', "");
            self.argument("pix_fmt", &quoted(&chroma));
            self.argument("bit_depth", &raw.bit_depth.to_string());
        }
        if let Some(rate) = options.frame_rate {
            self.argument("fps", &quoted(&format!("{}/{}", rate.num, rate.den)));
        }
        if !options.streams.0.is_empty() {
            let number = |stream: &Option<u32>| stream.map_or("None".into(), |n| n.to_string());
            self.argument("stream", &list(options.streams.0.iter().map(number)));
        }
    }

    /// Adds the arguments for making videos comparable.
    fn conform(&mut self, options: &Options) {
        let conform = &options.conform;
        match conform.scaler {
            Scaler::Bicubic => {}
            scaler => self.argument("scaler", &quoted(&scaler.to_string())),
        }
        if let Some((width, height)) = conform.score_at {
            self.argument("score_at", &format!("({width}, {height})"));
        }
        if conform.no_scale {
            self.argument("scale", "False");
        }
        let part =
            |part: Rect| format!("({}, {}, {}, {})", part.width, part.height, part.x, part.y);
        match conform.crop {
            Some(Crop::Auto) => self.argument("crop", "\"auto\""),
            Some(Crop::At(rect)) => self.argument("crop", &part(rect)),
            None => {}
        }
        if let Some(rect) = conform.crop_encode {
            self.argument("crop_encode", &part(rect));
        }
        if !conform.check_geometry {
            self.argument("geometry", "\"unchecked\"");
        }
        if let Some(range) = conform.assume_range {
            let range = if range == ColorRange::Full { "full" } else { "limited" };
            self.argument("assume_range", &quoted(range));
        }
        if !conform.accept.is_empty() {
            let name = |what: &Accepted| match what {
                Accepted::Color => "\"color\"",
                Accepted::Hdr => "\"hdr\"",
                Accepted::Interlaced => "\"interlaced\"",
                Accepted::Changes => "\"changes\"",
                Accepted::Damage => "\"damage\"",
            };
            self.argument("accept", &list(conform.accept.iter().map(|w| name(w).to_owned())));
        }
        if !conform.film_grain {
            self.argument("film_grain", "\"off\"");
        }
    }
}

fn list(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(", "))
}

/// Quotes text as a Python string literal.
pub(crate) fn quoted(text: &str) -> String {
    let mut literal = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => literal.extend(['\\', letter]),
            letter if letter.is_control() => {
                let _ = write!(literal, "\\x{:02x}", u32::from(letter));
            }
            letter => literal.push(letter),
        }
    }
    literal.push('"');
    literal
}
