//! Properties that frames state beside their format, and the consequences of a change.
//!
//! A stream is judged by its first frame. If streams were joined, or a broadcast changes from a
//! film to an advertisement, the samples of later frames can mean something else: a score that
//! ignores it is silently wrong.

use crate::conform::{ASPECT_TOLERANCE, Accepted};
use crate::message::Message;
use crate::setting::Setting;
use crate::{Color, ColorRange, Rational};

/// Properties of a frame's samples.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Properties {
    pub(super) range: Option<ColorRange>,
    pub(super) color: Color,
    pub(super) interlaced: bool,
    pub(super) sample_aspect: Option<Rational>,
}

impl Properties {
    /// Compares a frame of properties `now`, and returns the change in words with the value that
    /// accepts it, unless it is `accepted`. Properties unknown so far are taken from `now`.
    pub(super) fn change(
        &mut self,
        now: Self,
        accepted: &[Accepted],
    ) -> Option<(String, Accepted)> {
        let accepts = |what| accepted.contains(&what) || accepted.contains(&Accepted::Changes);
        let changes = [
            (self.range_change(&now), Accepted::Changes),
            (self.color_change(&now), Accepted::Color),
            (self.field_change(&now), Accepted::Interlaced),
            (self.aspect_change(&now), Accepted::Changes),
        ];
        let refused = changes.into_iter().find_map(|(change, what)| {
            let change = change.filter(|_| !accepts(what))?;
            Some((change, what))
        });
        let Self { range, color, sample_aspect, .. } = self;
        *range = range.or(now.range);
        *sample_aspect = sample_aspect.or(now.sample_aspect);
        for (known, now) in [
            (&mut color.primaries, now.color.primaries),
            (&mut color.transfer, now.color.transfer),
            (&mut color.matrix, now.color.matrix),
        ] {
            *known = known.take().or(now);
        }
        refused
    }

    /// Formats a change, with the remedy that accepts it.
    pub(super) fn refused((change, what): (String, Accepted)) -> Message {
        Message::from(format!("{change}, or pass "))
            .remedy(Setting::Accept(what))
            .text(" to score its frames as they are")
    }

    fn range_change(&self, now: &Self) -> Option<String> {
        // An unstated range is limited, as in nearly all video.
        let before = self.range.unwrap_or(ColorRange::Limited);
        let range = now.range.filter(|range| *range != before)?;
        Some(format!(
            "has {range} range, the frames before it {before} range: convert the video to one range \
             first (ffmpeg -vf scale=out_range=limited)"
        ))
    }

    fn color_change(&self, now: &Self) -> Option<String> {
        if now.color.is_hdr() != self.color.is_hdr() && now.color.transfer.is_some() {
            let named = |color: &Color| color.transfer.clone().unwrap_or("none stated".to_owned());
            let (before, now) = (named(&self.color), named(&now.color));
            return Some(format!(
                "has transfer {now}, the frames before it {before}: convert the video to one dynamic \
                 range first"
            ));
        }
        let traits = [
            ("primaries", &self.color.primaries, &now.color.primaries),
            ("transfer", &self.color.transfer, &now.color.transfer),
            ("matrix", &self.color.matrix, &now.color.matrix),
        ];
        traits.into_iter().find_map(|(what, before, now)| {
            let (before, now) = (before.as_deref()?, now.as_deref()?);
            let canonical = |name| crate::conform::canonical_name(what, name);
            (canonical(before) != canonical(now)).then(|| {
                format!(
                    "has {what} {now}, the frames before it {before}: convert the video to one \
                     first"
                )
            })
        })
    }

    fn field_change(&self, now: &Self) -> Option<String> {
        (now.interlaced && !self.interlaced).then(|| {
            "is interlaced, the frames before it are not: deinterlace the video first \
             (ffmpeg -vf bwdif)"
                .to_owned()
        })
    }

    fn aspect_change(&self, now: &Self) -> Option<String> {
        let (before, now) = (self.sample_aspect?, now.sample_aspect?);
        ((now.as_f64() / before.as_f64() - 1.0).abs() > ASPECT_TOLERANCE).then(|| {
            format!(
                "has sample aspect ratio {}:{}, the frames before it {}:{}: scale the video to one \
                 aspect ratio first",
                now.num, now.den, before.num, before.den
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn properties(change: impl FnOnce(&mut Properties)) -> Properties {
        let named = |name: &str| Some(name.to_owned());
        let mut properties = Properties {
            range: Some(ColorRange::Limited),
            color: Color {
                primaries: named("bt709"),
                transfer: named("bt709"),
                matrix: named("bt709"),
            },
            interlaced: false,
            sample_aspect: Rational::rate(1, 1),
        };
        change(&mut properties);
        properties
    }

    #[test]
    fn each_property_that_changes_is_named_and_can_be_accepted() {
        let of = |name: &str| Some(name.to_owned());
        let cases: [(Properties, &str, Accepted); 6] = [
            (properties(|it| it.range = Some(ColorRange::Full)), "full range", Accepted::Changes),
            (properties(|it| it.color.transfer = of("smpte2084")), "smpte2084", Accepted::Color),
            (properties(|it| it.color.matrix = of("bt470bg")), "bt470bg", Accepted::Color),
            (properties(|it| it.color.primaries = of("bt2020")), "bt2020", Accepted::Color),
            (properties(|it| it.interlaced = true), "interlaced", Accepted::Interlaced),
            (properties(|it| it.sample_aspect = Rational::rate(4, 3)), "4:3", Accepted::Changes),
        ];
        for (now, words, accepted) in cases {
            let first = || properties(|_| ());
            let (told, _) = first().change(now.clone(), &[]).expect("a change");
            assert!(told.contains(words), "{told}");
            assert_eq!(first().change(now.clone(), &[accepted]), None);
            assert_eq!(first().change(now, &[Accepted::Changes]), None);
        }
    }

    #[test]
    fn properties_stated_late_or_by_an_alias_have_not_changed() {
        let mut unknown = Properties::default();
        assert_eq!(unknown.change(properties(|_| ()), &[]), None);
        // From there on it is known.
        let other = properties(|it| it.color.matrix = Some("smpte170m".to_owned()));
        assert!(unknown.change(other, &[]).is_some());
        let full = properties(|it| it.range = Some(ColorRange::Full));
        assert!(Properties::default().change(full, &[]).is_some());
        let named = properties(|it| it.color.transfer = Some("smpte170m".to_owned()));
        assert_eq!(properties(|_| ()).change(named, &[]), None);
        assert_eq!(properties(|_| ()).change(Properties::default(), &[]), None);
    }
}
