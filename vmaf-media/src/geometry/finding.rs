//! Reports a picture that is displaced, cropped or zoomed.

use std::fmt;

use serde::{Deserialize, Serialize};
use vmaf_core::Format;

use super::areas::can_cut;
use super::{Line, SharedAreas, Verdict};
use crate::conform::Plan;
use crate::message::Message;
use crate::rect::Rect;
use crate::setting::{Remedy, Setting};

/// The reason why an encode's pictures can't be compared with the reference's sample by sample.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// The parts that show the same.
    pub areas: SharedAreas,
    /// The formats of both videos' frames, as coded.
    formats: [Format; 2],
    telling: u32,
    agreeing: u32,
}

impl Finding {
    /// Creates the finding from the `verdict` on frames that `plans` of the reference and the
    /// encode made comparable; `None` if there is nothing to report.
    #[must_use]
    pub fn new(verdict: Verdict, plans: [&Plan; 2]) -> Option<Self> {
        let Verdict::Different { lines, telling, agreeing } = verdict else { return None };
        let [reference, encode] = plans.map(Plan::area);
        let format = plans[0].format();
        let coded = |line: Line, reference: u32, encode: u32, length: u32| {
            let [reference, encode, length] = [reference, encode, length].map(f64::from);
            Line { scale: line.scale * encode / reference, offset: line.offset * encode / length }
        };
        let lines = [
            coded(lines[0], reference.width, encode.width, format.width()),
            coded(lines[1], reference.height, encode.height, format.height()),
        ];
        Self::of_areas(lines, [reference, encode], plans.map(Plan::stream), [telling, agreeing])
    }

    /// Creates the finding from the `verdict` on areas of frames as coded; `None` if there is
    /// nothing to report.
    #[must_use]
    pub fn of_survey(verdict: Verdict, areas: [Rect; 2], formats: [Format; 2]) -> Option<Self> {
        let Verdict::Different { lines, telling, agreeing } = verdict else { return None };
        Self::of_areas(lines, areas, formats, [telling, agreeing])
    }

    fn of_areas(
        lines: [Line; 2],
        bounds: [Rect; 2],
        formats: [Format; 2],
        [telling, agreeing]: [u32; 2],
    ) -> Option<Self> {
        let areas = SharedAreas::new(lines, bounds, formats.map(|format| format.chroma()));
        // If it is off by less than half a sample, there is nothing to crop.
        let is_off = [areas.reference, areas.encode] != bounds;
        is_off.then_some(Self { areas, formats, telling, agreeing })
    }

    /// Returns the parts of both, if planes can be cut there.
    #[must_use]
    pub fn crops(&self) -> Option<SharedAreas> {
        let SharedAreas { reference, encode } = self.areas;
        let can_crop = can_cut(reference, self.formats[0].chroma())
            && can_cut(encode, self.formats[1].chroma());
        can_crop.then_some(self.areas)
    }

    /// Returns the settings that crop both to the shared part.
    fn cropping(&self) -> Remedy {
        let SharedAreas { reference, encode } = self.areas;
        let [whole, whole_encode] = self.formats.map(|format| Rect::whole(&format));
        let is_cropped = reference != whole;
        // A crop of the reference also crops encodes of its size.
        let follows = is_cropped && whole == whole_encode;
        let is_encode_cropped = if follows { encode != reference } else { encode != whole_encode };
        let mut settings = Vec::new();
        if is_cropped {
            settings.push(Setting::Crop(Some(reference)));
        }
        if is_encode_cropped {
            settings.push(Setting::CropEncode(Some(encode)));
        }
        if encode.width > reference.width || encode.height > reference.height {
            settings.push(Setting::ScoreAt { width: encode.width, height: encode.height });
        }
        settings.into()
    }

    /// Returns the finding in words that follow the encode's name, with remedies.
    #[must_use]
    pub fn message(&self) -> Message {
        let SharedAreas { reference, encode } = self.areas;
        let [is_whole, is_encode_whole] =
            [reference == Rect::whole(&self.formats[0]), encode == Rect::whole(&self.formats[1])];
        let shows = match (is_whole, is_encode_whole) {
            (true, _) => format!("shows the reference's picture in {encode} of its own"),
            (false, true) => format!("shows only {reference} of the reference's picture"),
            (false, false) => {
                format!("shows {reference} of the reference's picture in {encode} of its own")
            }
        };
        let Self { telling, agreeing, .. } = self;
        let message = Message::from(format!(
            "{shows} (W:H:X:Y; {agreeing} of {telling} conclusive frames agree): "
        ));
        if self.crops().is_some() {
            message
                .text("pass ")
                .remedy(self.cropping())
                .text(" or ")
                .remedy(Setting::CropAuto)
                .text(" to score what both show, or ")
                .remedy(Setting::GeometryUnchecked)
                .text(" to score the pictures as they are")
        } else {
            let chroma = self.formats[0].chroma();
            message
                .text(format!(
                    "X and Y of a crop must be even for {chroma}; shift one video first, or pass "
                ))
                .remedy(Setting::GeometryUnchecked)
                .text(" to score the pictures as they are")
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.message().fmt(f)
    }
}
