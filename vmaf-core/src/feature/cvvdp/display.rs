//! The displays that ColorVideoVDP publishes.

use crate::color::{Screen, Transfer};

/// The displays, and the automatic choice.
pub(super) const NAMES: &[&str] = &[
    "auto",
    "standard_4k",
    "standard_fhd",
    "standard_hdr_pq",
    "standard_hdr_hlg",
    "standard_phone",
    "standard_hmd",
    "sdr_4k_30",
    "sdr_fhd_24",
    "htc_vive_pro",
    "iphone_12_pro",
    "iphone_14_pro",
    "iphone_14_pro_vert",
    "iphone_14_pro_hdr",
    "iphone_14_pro_hdr_vert",
    "ipad_pro_12_9",
    "macbook_pro_16",
    "lg_oled_2017_sdr",
    "lg_oled_2017_hdr",
    "lg_oled_2026_hdr_pq",
    "eizo_CG3146",
    "65inch_hdr_pq_4knit",
    "65inch_hdr_pq_2Knit",
    "65inch_hdr_pq_1Knit",
];

/// The greatest height that is shown on `standard_fhd` unless another display is chosen.
const FULL_HD: u32 = 1440;

/// A display at a viewing distance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Display {
    pub(super) screen: Screen,
    /// Pixels per degree of the visual field.
    pub(super) pixels_per_degree: f64,
}

impl Display {
    /// The name of the display that `name` stands for, for video of this height and transfer
    /// function.
    pub(super) fn resolve(name: &str, height: u32, transfer: Transfer) -> &str {
        match (name, transfer) {
            ("auto", Transfer::Pq) => "standard_hdr_pq",
            ("auto", Transfer::Hlg) => "standard_hdr_hlg",
            ("auto", _) if height <= FULL_HD => "standard_fhd",
            ("auto", _) => "standard_4k",
            (name, _) => name,
        }
    }

    /// The display called `name`, for video of this height and transfer function, seen from
    /// `distance` heights of the display unless that is 0.
    pub(super) fn find(name: &str, height: u32, transfer: Transfer, distance: f64) -> Option<Self> {
        let name = Self::resolve(name, height, transfer);
        let text = include_str!("../../../models/cvvdp_displays.txt");
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))?;
        let numbers: Vec<f64> = line.split(' ').filter_map(|word| word.parse().ok()).collect();
        let [lines, own, peak, black, ambient, share] = numbers[..] else { return None };
        let degrees = |tangent: f64| libm::atan(tangent).to_degrees();
        let at_distance = || 1.0 / (2.0 * degrees(0.5 / (lines * distance)));
        let reflected = ambient / std::f64::consts::PI * share;
        let least = 0.005;
        let screen = Screen { peak, black, reflected, ambient, least, unit: 1.0, is_ideal: false };
        let pixels_per_degree = if distance == 0.0 { own } else { at_distance() };
        Some(Self { screen, pixels_per_degree })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_a_display() {
        for name in NAMES {
            let display = Display::find(name, 1080, Transfer::Bt1886, 0.0).expect("a display");
            assert!(display.screen.peak > display.screen.black, "{name}");
            assert!((8.0..200.0).contains(&display.pixels_per_degree), "{name}");
        }
    }

    #[test]
    fn the_standard_displays_are_seen_from_two_heights() {
        for (name, height) in [("standard_4k", 2160), ("standard_fhd", 1080)] {
            let own = Display::find(name, height, Transfer::Bt1886, 0.0).expect("a display");
            let at_two = Display::find("auto", height, Transfer::Bt1886, 2.0).expect("a display");
            assert_eq!(own.screen, at_two.screen);
            let ratio = own.pixels_per_degree / at_two.pixels_per_degree;
            assert!((ratio - 1.0).abs() < 0.01, "{ratio}");
        }
    }
}
