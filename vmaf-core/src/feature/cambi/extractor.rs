//! CAMBI planned for a job: each measurement is made once per picture, however many options use it.

use std::sync::Arc;

use super::FEATURE;
use super::kernel::{Group, MeasurementRequest, Memory, Side, Source};
use super::settings::{Measurement, Settings};
use crate::feature::{AnyExtractor, Extractor, FeatureMap, MapSink, Options, Plan, Rows, Window};
use crate::{Error, Format, Frame, Level, Result, Sample};

struct Cambi {
    format: Format,
    level: Level,
    variants: Vec<Variant>,
    groups: Vec<Group>,
    maps: Option<Arc<dyn MapSink>>,
}

/// The position of a measurement: its group, and its index there.
type Place = (usize, usize);

struct Variant {
    encode: Place,
    reference: Option<Place>,
    /// The index of the share it pools, among the shares of the encode's and the reference's
    /// measurement.
    shares: [usize; 2],
    greatest_value: f64,
    /// Its column's name, if its maps are wanted.
    map: Option<String>,
}

pub(super) fn plan(plan: &Plan<'_>) -> Result<Arc<dyn AnyExtractor>> {
    let mut groups = Vec::new();
    let mut variants = Vec::new();
    for (options, named) in plan.variants.iter().zip(plan.named) {
        variants.push(Variant::new(options, named, plan, &mut groups)?);
    }
    if variants.iter().filter(|variant| variant.reference.is_some()).count() > 1 {
        return Err(Error::Unsupported {
            feature: FEATURE.name.to_owned(),
            reason: "full_ref is there for one set of options only: the names of its columns do \
                     not tell sets apart"
                .to_owned(),
        });
    }
    let maps = plan.maps.clone();
    Ok(Arc::new(Cambi { format: plan.format, level: plan.level, variants, groups, maps }))
}

impl Variant {
    /// The variant of `options`, whose columns are named by `named`.
    fn new(
        options: &Options,
        named: &Options,
        plan: &Plan<'_>,
        groups: &mut Vec<Group>,
    ) -> Result<Self> {
        let Settings { encode, reference, share, greatest_value } =
            Settings::new(options, &plan.format)?;
        let column = FEATURE.column(&FEATURE.outputs[0], named);
        let map = plan.maps.as_ref().filter(|maps| maps.wants(&column)).map(|_| column);
        let mut request = |measurement: &Measurement, side: Side| {
            let (place, request) = find(groups, measurement);
            request.sides[side as usize] = true;
            request.with_maps |= side == Side::Encode && map.is_some();
            let known = request.shares.iter().position(|other| *other == share);
            let index = known.unwrap_or_else(|| {
                request.shares.push(share);
                request.shares.len() - 1
            });
            (place, index)
        };
        let (encode, encode_share) = request(&encode, Side::Encode);
        let reference = reference.map(|measurement| request(&measurement, Side::Reference));
        let (reference, reference_share) = reference.unzip();
        let shares = [encode_share, reference_share.unwrap_or_default()];
        Ok(Self { encode, reference, shares, greatest_value, map })
    }
}

/// The place of a measurement in `groups`; adds it if it is missing.
fn find<'a>(
    groups: &'a mut Vec<Group>,
    measurement: &Measurement,
) -> (Place, &'a mut MeasurementRequest) {
    let prepared_like_it =
        |group: &Group| group.requests[0].measurement.preparation == measurement.preparation;
    let group = groups.iter().position(prepared_like_it).unwrap_or_else(|| {
        groups.push(Group { requests: Vec::new() });
        groups.len() - 1
    });
    let requests = &mut groups[group].requests;
    let index =
        requests.iter().position(|it| it.measurement == *measurement).unwrap_or_else(|| {
            requests.push(MeasurementRequest {
                measurement: measurement.clone(),
                shares: Vec::new(),
                sides: [false; 2],
                with_maps: false,
            });
            requests.len() - 1
        });
    ((group, index), &mut requests[index])
}

/// The values of a picture, by group, measurement and share.
type Values = Vec<Vec<Vec<f64>>>;

/// Takes the maps of a picture: the measurement's place, the scale, and each pixel's contrast.
type OnMap<'a> = &'a mut dyn FnMut(Place, usize, &[f32]);

impl Cambi {
    fn measure<T: Sample>(
        &self,
        frame: &Frame,
        side: Side,
        memory: &mut [Memory],
        on_map: OnMap<'_>,
    ) -> Values {
        let depth = self.format.bit_depth;
        let mut values = Vec::with_capacity(self.groups.len());
        for (index, (group, memory)) in self.groups.iter().zip(memory).enumerate() {
            let on_map = &mut |place, scale, map: &[f32]| on_map((index, place), scale, map);
            let source = Source::<T> { plane: frame.plane(0), depth, side };
            values.push(group.measure(self.level, &source, memory, on_map));
        }
        values
    }

    /// Passes a map to the receivers that want maps of the measurement at `place`.
    fn send_map(
        &self,
        (frame, encode): (u64, usize),
        place: Place,
        scale: usize,
        contrasts: &[f32],
    ) -> Result<()> {
        let Some(sink) = &self.maps else { return Ok(()) };
        let wanting = self.variants.iter().filter(|variant| variant.encode == place);
        let columns: Vec<&str> = wanting.filter_map(|variant| variant.map.as_deref()).collect();
        if columns.is_empty() {
            return Ok(());
        }
        let measurement = &self.groups[place.0].requests[place.1].measurement;
        let (width, height) = measurement.size(scale);
        let unit = measurement.map_unit();
        // A value above 16 bits wraps around from 0, as in libvmaf's files.
        let values: Vec<u16> =
            contrasts.iter().map(|contrast| (f64::from(*contrast) * unit) as i32 as u16).collect();
        let preparation = &measurement.preparation;
        let picture = (preparation.width, preparation.height);
        for column in columns {
            let values = &values[..];
            let map = FeatureMap { frame, encode, column, scale, picture, width, height, values };
            sink.take(&map)?;
        }
        Ok(())
    }
}

impl Extractor for Cambi {
    type Workspace = Vec<Memory>;

    fn workspace(&self) -> Vec<Memory> {
        let source = self.format.plane_size(0);
        self.groups.iter().map(|group| group.memory(source)).collect()
    }

    fn extract<T: Sample>(
        &self,
        window: &Window<'_>,
        memory: &mut Vec<Memory>,
        rows: &mut Rows<'_>,
    ) -> Result<()> {
        let no_maps = &mut |_, _, _: &[f32]| ();
        let source = self.measure::<T>(window.reference, Side::Reference, memory, no_maps);
        for (encode, frame) in window.encodes() {
            let mut sent = Ok(());
            let values =
                self.measure::<T>(frame, Side::Encode, memory, &mut |place, scale, map| {
                    if sent.is_ok() {
                        sent = self.send_map((window.index, encode), place, scale, map);
                    }
                });
            sent?;
            let value =
                |values: &Values, (group, index): Place, share: usize| values[group][index][share];
            for (index, variant) in self.variants.iter().enumerate() {
                let own = value(&values, variant.encode, variant.shares[0]);
                let of_source = |place| value(&source, place, variant.shares[1]);
                let source = variant.reference.map_or(f64::NAN, of_source);
                let outputs = [own, source, (own - source).max(0.0)];
                rows.write(encode, index, &outputs.map(|it| it.min(variant.greatest_value)));
            }
        }
        Ok(())
    }
}
