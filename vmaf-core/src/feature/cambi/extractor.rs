//! CAMBI planned for a job: each measurement once a picture, whatever the options make of it.

use std::any::Any;

use super::picture::{Picture, halve};
use super::pooling::MeanOfTop;
use super::prepare::{Prepare, Preparer, STRIP};
use super::scale::{Measurer, TakeRows};
use super::settings::{Measurement, Settings, combined};
use super::{FEATURE, SCALES};
use crate::feature::{Extractor, Options, Plan, Rows, Window};
use crate::{Error, Format, Frame, Level, Result, Sample};

struct Cambi {
    format: Format,
    level: Level,
    variants: Vec<Variant>,
    /// The measurements that there are, each once, by how pictures are prepared for them.
    groups: Vec<Group>,
}

/// The measurements for which pictures are prepared in one way.
struct Group {
    measurements: Vec<Measurement>,
    /// The shares of pixels that are pooled of each.
    shares: Vec<Vec<f64>>,
    /// Which of them are taken of encodes, and of the reference.
    of: [Vec<bool>; 2],
}

/// Where a value is: group, measurement, share.
#[derive(Debug, Clone, Copy)]
struct Place(usize, usize, usize);

struct Variant {
    encode: Place,
    reference: Option<Place>,
    greatest_value: f64,
}

/// The pictures that are measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Encode,
    Reference,
}

pub(super) fn plan(plan: &Plan<'_>) -> Result<Box<dyn Extractor>> {
    let mut groups = Vec::new();
    let mut variants = Vec::new();
    for options in plan.variants {
        variants.push(Variant::new(options, &plan.format, &mut groups)?);
    }
    if variants.iter().filter(|variant| variant.reference.is_some()).count() > 1 {
        return Err(Error::Unsupported {
            feature: FEATURE.name.to_owned(),
            reason: "full_ref is there for one set of options only: the names of its columns do \
                     not tell sets apart"
                .to_owned(),
        });
    }
    Ok(Box::new(Cambi { format: plan.format, level: plan.level, variants, groups }))
}

impl Variant {
    fn new(options: &Options, format: &Format, groups: &mut Vec<Group>) -> Result<Self> {
        let settings = Settings::new(options, format)?;
        let mut place =
            |measurement: &Measurement, side| place(groups, measurement, settings.share, side);
        Ok(Self {
            encode: place(&settings.encode, Side::Encode),
            reference: settings.reference.as_ref().map(|it| place(it, Side::Reference)),
            greatest_value: settings.greatest_value,
        })
    }
}

/// The index of the item of `items` that is like `item`, which is added if there is none.
fn index_of<T>(items: &mut Vec<T>, is_same: impl Fn(&T) -> bool, new: impl FnOnce() -> T) -> usize {
    items.iter().position(is_same).unwrap_or_else(|| {
        items.push(new());
        items.len() - 1
    })
}

/// Where the value of a measurement is, which is added to `groups` if it is not there.
fn place(groups: &mut Vec<Group>, measurement: &Measurement, share: f64, side: Side) -> Place {
    let same = |group: &Group| group.measurements[0].preparation == measurement.preparation;
    let new = || Group { measurements: Vec::new(), shares: Vec::new(), of: Default::default() };
    let known = groups.iter().position(same);
    let group_index = known.unwrap_or_else(|| {
        groups.push(new());
        groups.len() - 1
    });
    let group = &mut groups[group_index];
    let index =
        index_of(&mut group.measurements, |other| other == measurement, || measurement.clone());
    group.shares.resize(group.measurements.len(), Vec::new());
    for of in &mut group.of {
        of.resize(group.measurements.len(), false);
    }
    group.of[side as usize][index] = true;
    let share_index = index_of(&mut group.shares[index], |other| *other == share, || share);
    Place(group_index, index, share_index)
}

/// What a thread needs.
struct Memory {
    groups: Vec<GroupMemory>,
    bin: Vec<f32>,
}

struct GroupMemory {
    preparer: Preparer,
    /// The strip at half the size.
    half: Picture,
    measurers: Vec<Measurer>,
}

/// The values of a picture: by group, measurement and share. Empty for measurements not taken.
type Values = Vec<Vec<Vec<f64>>>;

fn value(values: &Values, Place(group, measurement, share): Place) -> f64 {
    values[group][measurement][share]
}

impl Cambi {
    fn values(&self, frame: &Frame, side: Side, memory: &mut Memory) -> Values {
        let Memory { groups, bin } = memory;
        let groups = self.groups.iter().zip(groups);
        let mut values = Vec::with_capacity(self.groups.len());
        for (group, memory) in groups {
            values.push(if self.format.bit_depth == 8 {
                self.group_values::<u8>(frame, side, group, memory, bin)
            } else {
                self.group_values::<u16>(frame, side, group, memory, bin)
            });
        }
        values
    }

    fn group_values<T: Sample>(
        &self,
        frame: &Frame,
        side: Side,
        group: &Group,
        memory: &mut GroupMemory,
        bin: &mut Vec<f32>,
    ) -> Vec<Vec<f64>> {
        let taken = &group.of[side as usize];
        let mut values = vec![Vec::new(); taken.len()];
        if !taken.contains(&true) {
            return values;
        }
        for (measurer, _) in memory.measurers.iter_mut().zip(taken).filter(|(_, taken)| **taken) {
            measurer.start(0);
        }
        self.first_scale::<T>(frame, taken, memory);
        for (index, measurer) in memory.measurers.iter_mut().enumerate() {
            if !taken[index] {
                continue;
            }
            let shares = &group.shares[index];
            let mut scales = vec![[0.0; SCALES]; shares.len()];
            for scale in 0..SCALES {
                if scale > 0 {
                    let picture = measurer.start(scale);
                    let rows = picture.rows;
                    self.level.run(TakeRows { measurer, picture: &picture, first: 0, rows });
                    measurer.give_back(picture);
                }
                let (width, height) = measurer.measurement().size(scale);
                for (scales, &share) in scales.iter_mut().zip(shares) {
                    let (values, pixels) = (measurer.values(), width * height);
                    scales[scale] =
                        self.level.run(MeanOfTop { values, pixels, share, bin: &mut *bin });
                }
            }
            let window = measurer.measurement().window;
            values[index] = scales.iter().map(|scales| combined(scales, window)).collect();
        }
        values
    }

    /// Prepares the frame strip by strip and measures each strip at the first scale.
    fn first_scale<T: Sample>(&self, frame: &Frame, taken: &[bool], memory: &mut GroupMemory) {
        let GroupMemory { preparer, half, measurers } = memory;
        let plane = frame.plane::<T>(0);
        let depth = self.format.bit_depth;
        let halves = |measurer: &Measurer| measurer.measurement().halve;
        let any = |is_so: &dyn Fn(&Measurer) -> bool| {
            measurers.iter().zip(taken).any(|(measurer, taken)| *taken && is_so(measurer))
        };
        let even_rows = !any(&|measurer| !halves(measurer));
        let halved = any(&halves);
        let height = measurers[0].measurement().preparation.height;
        for first in (0..height).step_by(STRIP) {
            self.level.run(Prepare { plane, depth, first, even_rows, preparer: &mut *preparer });
            let rows = preparer.rows();
            if halved {
                let strip = &preparer.strip;
                half.resize(strip.width.div_ceil(2), rows.div_ceil(2));
                for row in 0..half.rows {
                    let (width, stride) = (half.width, half.stride);
                    let samples = &strip.samples(2 * row)[..strip.width];
                    halve(samples, &mut half.samples[row * stride..][..width]);
                    let mask = &strip.mask(2 * row)[..strip.width];
                    halve(mask, &mut half.mask[row * stride..][..width]);
                }
            }
            for (measurer, _) in measurers.iter_mut().zip(taken).filter(|(_, taken)| **taken) {
                let rows = if halves(measurer) {
                    TakeRows { picture: half, first: first / 2, rows: half.rows, measurer }
                } else {
                    TakeRows { picture: &preparer.strip, first, rows, measurer }
                };
                self.level.run(rows);
            }
        }
    }
}

impl Extractor for Cambi {
    fn workspace(&self) -> Box<dyn Any + Send> {
        let source = self.format.plane_size(0);
        let group = |group: &Group| GroupMemory {
            preparer: Preparer::new(&group.measurements[0].preparation, source),
            half: Picture::default(),
            measurers: group.measurements.iter().map(Measurer::new).collect(),
        };
        Box::new(Memory { groups: self.groups.iter().map(group).collect(), bin: Vec::new() })
    }

    fn extract(
        &self,
        window: &Window<'_>,
        workspace: &mut (dyn Any + Send),
        rows: &mut Rows<'_>,
    ) -> Result<()> {
        let memory = workspace.downcast_mut().expect("the workspace this extractor made");
        let reference = self.values(window.reference, Side::Reference, memory);
        for (encode, frame) in window.distorted.iter().enumerate() {
            let Some(frame) = frame else { continue };
            let values = self.values(frame, Side::Encode, memory);
            for (index, variant) in self.variants.iter().enumerate() {
                let own = value(&values, variant.encode);
                let source = variant.reference.map_or(f64::NAN, |it| value(&reference, it));
                let bound = |value: f64| value.min(variant.greatest_value);
                rows.write(
                    encode,
                    index,
                    &[bound(own), bound(source), bound((own - source).max(0.0))],
                );
            }
        }
        Ok(())
    }
}
