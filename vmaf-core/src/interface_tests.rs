//! The public interface, as used by other crates.

use std::error::Error as StdError;

use crate::error::{FormatError, JobError, MapError};
use crate::feature::{FEATURES, Feature, FeatureMap, MapSink, Options};
use crate::frame::{Pixels, Recycler};
use crate::maps::{Map, MapPlane, Maps, Weights};
use crate::score::{Column, Part, Sampling};
use crate::*;

fn is_shared<T: Send + Sync + ?Sized>() {}

fn is_error<T: StdError + Send + Sync + 'static>() {}

#[test]
fn types_are_send_and_sync() {
    is_shared::<Format>();
    is_shared::<Frame>();
    is_shared::<FrameGroup>();
    is_shared::<Pixels>();
    is_shared::<Plane<u8>>();
    is_shared::<Plane<u16>>();
    is_shared::<Recycler>();
    is_shared::<Feature>();
    is_shared::<Options>();
    is_shared::<FeatureMap<'static>>();
    is_shared::<dyn MapSink>();
    is_shared::<Model>();
    is_shared::<model::Builtin>();
    is_shared::<Job>();
    is_shared::<Scorer>();
    is_shared::<ScoreTable>();
    is_shared::<Column>();
    is_shared::<Part>();
    is_shared::<Sampling>();
    is_shared::<Map>();
    is_shared::<MapPlane>();
    is_shared::<Maps>();
    is_shared::<Weights>();
    is_shared::<Gate>();
    is_shared::<gate::Verdict>();
    is_shared::<pool::Pool>();
    is_shared::<pool::Interval>();
    is_shared::<Level>();
    is_error::<Error>();
    is_error::<FormatError>();
    is_error::<JobError>();
    is_error::<MapError>();
}

/// A frame whose samples all have one value.
fn flat(format: Format, value: u8) -> Frame {
    let planes = (0..format.chroma().planes()).map(|index| {
        let (width, height) = format.plane_size(index);
        ndarray::Array2::from_elem((height, width), value)
    });
    let planes: Vec<_> = planes.collect();
    Frame::from_views(format, planes.iter().map(|plane| plane.view())).expect("a frame")
}

#[test]
fn pairs_of_arrays_become_a_table() {
    let format = Format::new(64, 48, Chroma::Yuv420, 8).expect("valid");
    let psnr = feature::find("psnr").expect("a feature");
    let mut scorer = Job::new(format, 1).feature(psnr, psnr.options()).start().expect("a job");
    for value in [10, 20] {
        scorer.push_pair(flat(format, value), flat(format, value + 4)).expect("pushed");
    }
    let scored = scorer.finish().expect("scored").remove(0);
    let table = scored.to_array();
    assert_eq!(table.dim(), (2, 3));
    let psnr = 10.0 * (255.0_f64 * 255.0 / 16.0).log10();
    assert!(table.iter().all(|value| (value - psnr).abs() < 1e-6), "{table}");
    let column = scored.column("psnr_y").expect("luma's");
    assert_eq!(table.column(0), ndarray::ArrayView1::from(column));
}

#[test]
fn format_setters_validate_their_arguments() {
    let format = Format::new(64, 48, Chroma::Yuv420, 8).expect("valid");
    assert_eq!(format.with_bit_depth(7), Err(FormatError::BitDepth { bit_depth: 7 }));
    assert_eq!(format.with_size(0, 48), Err(FormatError::Empty { width: 0, height: 48 }));
    let large = FormatError::TooLarge { width: 64, height: 32_769 };
    assert_eq!(format.with_size(64, 32_769), Err(large));
    let ten = format.with_bit_depth(10).expect("valid").transposed();
    assert_eq!((ten.size(), ten.bit_depth(), ten.chroma()), ((48, 64), 10, Chroma::Yuv420));
    assert_eq!(format.with_size_of(&ten).with_bit_depth_of(&ten), ten);
    assert_eq!(format.with_chroma(Chroma::Mono).plane_size(0), (64, 48));
}

#[test]
fn errors_have_kinds_and_messages() {
    let format = Format::new(64, 48, Chroma::Yuv420, 8).expect("valid");
    let planes = Frame::from_planes(format, vec![Plane::<u8>::new(64, 48)]);
    let error = planes.expect_err("luma alone");
    assert_eq!(error, FormatError::PlaneCount { count: 1, format });
    assert_eq!(error.to_string(), "a frame of 64x48 4:2:0 8-bit has 3 planes, not 1");
    let planes =
        [(64, 48), (32, 24), (32, 20)].map(|(width, height)| Plane::<u8>::new(width, height));
    let error = Frame::from_planes(format, planes.to_vec()).expect_err("a low plane");
    assert_eq!(error, FormatError::PlaneSize { plane: 2, width: 32, height: 20, format });
    let message = "plane 2 is 32x20; a frame of 64x48 4:2:0 8-bit needs 32x24";
    assert_eq!(error.to_string(), message);
    assert_eq!(Error::from(error).to_string(), message);
    let words = Frame::from_luma(format.with_chroma(Chroma::Mono), &[0_u16; 64 * 48]);
    assert!(matches!(words, Err(FormatError::SampleType { bytes: 2, .. })));

    let psnr = feature::find("psnr").expect("a feature");
    let mut scorer = Job::new(format, 1).feature(psnr, psnr.options()).start().expect("a job");
    let small = format.with_size(32, 48).expect("valid");
    let error = scorer.push_pair(flat(format, 1), flat(small, 1)).expect_err("another size");
    let expected =
        JobError::FrameFormat { frame: 0, encode: Some(0), found: small, expected: format };
    assert_eq!(error, Error::Job(expected));
    assert!(matches!(scorer.finish(), Err(Error::Job(JobError::NoFrame))));
    let nothing = Job::new(format, 1).start().expect_err("nothing asked for");
    assert_eq!(nothing, Error::Job(JobError::NothingRequested));
    let gate = "mean=>90".parse::<Gate>().expect_err("no sign");
    assert!(matches!(gate, Error::Gate { gate, .. } if gate == "mean=>90"));
    let weights = Map::new(2, 1, vec![0.5, 1.5]).and_then(Weights::new).expect_err("too heavy");
    assert_eq!(weights, Error::Map(MapError::Weight { weight: 1.5 }));
}

#[test]
fn features_with_maps_are_in_the_registry() {
    for feature in maps::features() {
        assert!(FEATURES.iter().any(|other| std::ptr::eq(*other, feature)), "{}", feature.name);
    }
}

#[cfg(feature = "serde")]
#[test]
fn deserialized_formats_are_validated() {
    let format = Format::new(64, 48, Chroma::Yuv422, 10).expect("valid");
    let text = serde_json::to_string(&format).expect("written");
    assert_eq!(text, r#"{"width":64,"height":48,"chroma":"Yuv422","bit_depth":10}"#);
    assert_eq!(serde_json::from_str::<Format>(&text).expect("read"), format);
    let error = serde_json::from_str::<Format>(&text.replace("64", "0")).expect_err("no pixels");
    assert!(error.to_string().contains("a frame of 0x48 has no pixels"), "{error}");
}
