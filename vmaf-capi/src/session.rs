//! A `VmafContext` in Rust: the requested features, the running scorer, and the scores.
//!
//! Pictures are pushed to the [`Scorer`] in the order of their indices. Pictures that arrive out of
//! order wait until the earlier ones have arrived, so that temporal features compare neighbours;
//! libvmaf compares the picture that was read before. An index that is left out is skipped once
//! too many pictures wait, when a score of a waiting picture is requested, or at the flush.
//!
//! Scores of features are read from the scorer while it runs, and from its table after the flush.
//! Imported scores and those of models are kept in [`Scores`], by name and index.

use std::collections::BTreeMap;
use std::time::Instant;

use vmaf_core::feature::{FEATURES, Feature, Options};
use vmaf_core::score::Column;
use vmaf_core::{Format, Frame, Job, Level, Model, ScoreTable, Scorer};

use crate::dictionary::Dictionary;
use crate::scores::Scores;
use crate::{Errno, Result, message};

mod output;

pub(crate) use output::OutputFormat;

/// The greatest number of threads.
const MAX_THREADS: u32 = 1024;

/// The number of pictures that may wait for earlier ones, in addition to two per thread.
const MAX_WAITING: usize = 32;

/// Features that libvmaf measures before all others if it uses threads. Their columns then come
/// first in logs.
const FIRST_WITH_THREADS: &[&str] = &["psnr", "float_motion", "speed_temporal"];

/// The settings of a context: `VmafConfiguration`.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Configuration {
    pub(crate) threads: u32,
    /// Score every nth picture; 0 and 1 mean every picture.
    pub(crate) subsample: u32,
    /// The instruction sets to avoid, as in [`Level::masked`].
    pub(crate) cpu_mask: u64,
}

/// A way to pool the scores of pictures: `VmafPoolingMethod`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pool {
    Min,
    Max,
    Mean,
    HarmonicMean,
}

/// Scores of a bootstrap model: `VmafModelCollectionScore`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct CollectionScore {
    pub(crate) bagging: f64,
    pub(crate) standard_deviation: f64,
    pub(crate) low: f64,
    pub(crate) high: f64,
}

/// The suffixes of the columns with the values of a [`CollectionScore`].
const COLLECTION_SUFFIXES: [&str; 4] = ["bagging", "stddev", "ci_p95_lo", "ci_p95_hi"];

/// The state of the measurement.
enum Engine {
    /// No picture has been read.
    Waiting,
    /// Pictures are measured; `None` if no feature is requested.
    Running(Option<Box<Scorer>>),
    /// The context has been flushed.
    Finished(Option<ScoreTable>),
}

/// A pair of pictures.
type FramePair = (Frame, Frame);

/// A context.
pub(crate) struct Session {
    configuration: Configuration,
    requests: Vec<(&'static Feature, Options)>,
    /// The format of the first pictures.
    format: Option<Format>,
    engine: Engine,
    /// Pictures that wait for earlier ones, by index.
    waiting: BTreeMap<u32, FramePair>,
    /// The indices of the pictures pushed to the scorer, which counts them from 0.
    indices: Vec<u32>,
    scores: Scores,
    /// The number of series written before the first picture was read. They come first in outputs.
    imported_first: usize,
    /// The number of calls that read pictures.
    read: u32,
    started: Option<Instant>,
    seconds: f64,
}

impl Session {
    pub(crate) fn new(configuration: Configuration) -> Self {
        Self {
            configuration,
            requests: Vec::new(),
            format: None,
            engine: Engine::Waiting,
            waiting: BTreeMap::new(),
            indices: Vec::new(),
            scores: Scores::default(),
            imported_first: 0,
            read: 0,
            started: None,
            seconds: 0.0,
        }
    }

    /// Requests the features of `model`.
    pub(crate) fn use_model(&mut self, model: &Model) -> Result<()> {
        for (feature, options) in model.features()? {
            self.request(feature, options)?;
        }
        Ok(())
    }

    /// Requests a feature.
    pub(crate) fn use_feature(
        &mut self,
        feature: &'static Feature,
        dictionary: &Dictionary,
    ) -> Result<()> {
        let mut options = feature.options();
        for (name, value) in dictionary.iter() {
            match options.set(name, value) {
                // libvmaf ignores unknown options without a word.
                Err(error @ vmaf_core::Error::Unknown { .. }) => message::warning(error),
                set => set?,
            }
        }
        options.check()?;
        self.request(feature, options)
    }

    fn request(&mut self, feature: &'static Feature, options: Options) -> Result<()> {
        // A feature whose columns have the same names is measured once, as first requested.
        let is_same = |(other, set): &(&'static Feature, Options)| {
            std::ptr::eq(*other, feature) && set.suffix() == options.suffix()
        };
        if self.requests.iter().any(is_same) {
            return Ok(());
        }
        if !matches!(self.engine, Engine::Waiting) {
            message::error("features must be requested before the first pictures are read");
            return Err(Errno::INVALID);
        }
        self.requests.push((feature, options));
        Ok(())
    }

    /// Writes a score that was measured elsewhere.
    pub(crate) fn import(&mut self, name: &str, index: u32, value: f64) -> Result<()> {
        let name = column_name(name);
        if self.row(index)?.is_some_and(|row| row.get(name).is_some()) {
            message::warning(format_args!("feature \"{name}\" is measured at index {index}"));
            return Err(Errno::INVALID);
        }
        self.scores.write(name, index, value)
    }

    /// Counts a call that reads pictures, and fails if pictures of these formats can't be read at
    /// `index`. The first call starts the measurement.
    pub(crate) fn check(&mut self, formats: [Format; 2], index: u32) -> Result<()> {
        if matches!(self.engine, Engine::Finished(_)) {
            return Err(Errno::INVALID);
        }
        self.read += 1;
        let [reference, distorted] = formats;
        let expected = *self.format.get_or_insert(reference);
        if reference != expected || distorted != expected {
            message::error(format_args!(
                "pictures of {reference} and {distorted} in a context of {expected}"
            ));
            return Err(Errno::INVALID);
        }
        let is_pushed = self.indices.binary_search(&index).is_ok();
        if is_pushed || self.waiting.contains_key(&index) {
            message::warning(format_args!("pictures of index {index} were read before"));
            return Err(Errno::INVALID);
        }
        if self.indices.last().is_some_and(|last| index < *last) {
            message::error(format_args!(
                "pictures of index {index} come too late: later ones were measured"
            ));
            return Err(Errno::INVALID);
        }
        if matches!(self.engine, Engine::Waiting) {
            self.start()?;
        }
        Ok(())
    }

    /// Reads a pair of pictures that were [checked](Self::check).
    pub(crate) fn read(&mut self, pair: FramePair, index: u32) -> Result<()> {
        self.waiting.insert(index, pair);
        let limit = MAX_WAITING + 2 * self.configuration.threads.min(MAX_THREADS) as usize;
        while let Some((&first, _)) = self.waiting.first_key_value() {
            let next = self.indices.last().map_or(0, |last| last.saturating_add(1));
            if first != next && self.waiting.len() <= limit {
                break;
            }
            self.push_first()?;
        }
        Ok(())
    }

    fn start(&mut self) -> Result<()> {
        self.started = Some(Instant::now());
        self.imported_first = self.scores.series().len();
        let Some(format) = self.format.filter(|_| !self.requests.is_empty()) else {
            self.engine = Engine::Running(None);
            return Ok(());
        };
        let Configuration { threads, subsample, cpu_mask } = self.configuration;
        if threads > 0 {
            let is_later = |name: &str| !FIRST_WITH_THREADS.contains(&name);
            self.requests.sort_by_key(|(feature, _)| is_later(feature.name));
        }
        let job = Job::new(format, 1);
        // Without threads, pictures are measured by the caller; otherwise reading them returns.
        let job = if threads == 0 { job } else { job.background() };
        let job = job
            .threads(threads.clamp(1, MAX_THREADS) as usize)
            .level(Level::masked(cpu_mask as u32))
            .every(u64::from(subsample));
        let add = |job: Job, (feature, options): &(&'static Feature, Options)| {
            job.feature(feature, options.clone())
        };
        let scorer = self.requests.iter().fold(job, add).start()?;
        self.engine = Engine::Running(Some(Box::new(scorer)));
        Ok(())
    }

    /// Pushes the first of the waiting pairs to the scorer.
    fn push_first(&mut self) -> Result<()> {
        let Some((index, (reference, distorted))) = self.waiting.pop_first() else {
            return Ok(());
        };
        if index as usize != self.indices.len() && self.configuration.subsample > 1 {
            message::error("n_subsample requires indices that are consecutive from 0");
            return Err(Errno::INVALID);
        }
        if let Engine::Running(Some(scorer)) = &mut self.engine {
            scorer.push_pair(reference, distorted)?;
        }
        self.indices.push(index);
        Ok(())
    }

    /// Ends reading: all scores become available.
    pub(crate) fn flush(&mut self) -> Result<()> {
        if matches!(self.engine, Engine::Finished(_)) {
            return Err(Errno::INVALID);
        }
        if matches!(self.engine, Engine::Waiting) && !self.requests.is_empty() {
            message::error("no pictures were read");
            return Err(Errno::INVALID);
        }
        while !self.waiting.is_empty() {
            self.push_first()?;
        }
        let has_scored = !self.indices.is_empty();
        let engine = std::mem::replace(&mut self.engine, Engine::Finished(None));
        if let Engine::Running(Some(scorer)) = engine
            && has_scored
        {
            let table = scorer.finish()?.pop();
            self.engine = Engine::Finished(table);
        }
        self.seconds = self.started.map_or(0.0, |started| started.elapsed().as_secs_f64());
        Ok(())
    }

    /// The score of a feature at `index`.
    pub(crate) fn feature_score(&mut self, name: &str, index: u32) -> Result<f64> {
        let name = column_name(name);
        if let Some(value) = self.scores.get(name, index) {
            return Ok(value);
        }
        self.measure_waiting(index)?;
        let row = self.row(index)?.ok_or(Errno::INVALID)?;
        row.get(name).map(|values| values[0]).ok_or(Errno::INVALID)
    }

    /// The score of a model at `index`.
    pub(crate) fn model_score(&mut self, model: &Model, index: u32) -> Result<f64> {
        if let Some(score) = self.scores.get(model.label(), index) {
            return Ok(score);
        }
        let columns = self.model_columns(model, index)?;
        let score = columns.first().map_or(f64::NAN, |column| column.values[0]);
        self.scores.write(model.label(), index, score)?;
        Ok(score)
    }

    /// The scores of the resampled models of a bootstrap model at `index`.
    pub(crate) fn collection_score(
        &mut self,
        model: &Model,
        index: u32,
    ) -> Result<CollectionScore> {
        let names = COLLECTION_SUFFIXES.map(|suffix| format!("{}_{suffix}", model.label()));
        if self.scores.get(&names[0], index).is_none() {
            for column in self.model_columns(model, index)?.iter().skip(1) {
                self.scores.write(&column.name, index, column.values[0])?;
            }
        }
        let [bagging, standard_deviation, low, high] =
            names.map(|name| self.scores.get(&name, index).unwrap_or(f64::NAN));
        Ok(CollectionScore { bagging, standard_deviation, low, high })
    }

    /// All columns of a model at `index`.
    fn model_columns(&mut self, model: &Model, index: u32) -> Result<Vec<Column>> {
        self.measure_waiting(index)?;
        let mut inputs: Vec<(String, [f64; 1])> = Vec::new();
        for series in self.scores.series() {
            inputs.extend(series.values.get(&index).map(|value| (series.name.clone(), [*value])));
        }
        if let Some(row) = self.row(index)? {
            let columns = row.columns();
            inputs.extend(columns.map(|(name, values)| (name.to_owned(), [values[0]])));
        }
        let column = |name: &str| {
            inputs.iter().find(|(other, _)| other == name).map(|(_, value)| &value[..])
        };
        model.score(1, column).ok_or_else(|| {
            message::error(format_args!("no score of every feature of the model at index {index}"));
            Errno::INVALID
        })
    }

    /// The pool of a feature's scores from index `low` to `high`, both included.
    pub(crate) fn pooled_feature(
        &mut self,
        name: &str,
        pool: Pool,
        [low, high]: [u32; 2],
    ) -> Result<f64> {
        let mut values = Vec::new();
        for index in self.scored_indices([low, high])? {
            values.push(self.feature_score(name, index)?);
        }
        Ok(pool.of(&values))
    }

    /// The pool of a model's scores from index `low` to `high`, both included.
    pub(crate) fn pooled_model(
        &mut self,
        model: &Model,
        pool: Pool,
        range: [u32; 2],
    ) -> Result<f64> {
        let mut values = Vec::new();
        for index in self.scored_indices(range)? {
            values.push(self.model_score(model, index)?);
        }
        Ok(pool.of(&values))
    }

    /// The pools of a bootstrap model's scores from index `low` to `high`, both included.
    pub(crate) fn pooled_collection(
        &mut self,
        model: &Model,
        pool: Pool,
        range: [u32; 2],
    ) -> Result<CollectionScore> {
        let mut scores = Vec::new();
        for index in self.scored_indices(range)? {
            scores.push(self.collection_score(model, index)?);
        }
        let of = |value: fn(&CollectionScore) -> f64| {
            pool.of(&scores.iter().map(value).collect::<Vec<f64>>())
        };
        Ok(CollectionScore {
            bagging: of(|score| score.bagging),
            standard_deviation: of(|score| score.standard_deviation),
            low: of(|score| score.low),
            high: of(|score| score.high),
        })
    }

    /// The indices from `low` to `high` that are not left out by subsampling.
    fn scored_indices(&self, [low, high]: [u32; 2]) -> Result<impl Iterator<Item = u32> + use<>> {
        if low > high {
            return Err(Errno::INVALID);
        }
        let every = self.configuration.subsample.max(1);
        Ok((low..=high).filter(move |index| index.is_multiple_of(every)))
    }

    /// Measures the pictures up to `index` if those of `index` wait for earlier ones.
    fn measure_waiting(&mut self, index: u32) -> Result<()> {
        if self.waiting.contains_key(&index) {
            while self.waiting.first_key_value().is_some_and(|(first, _)| *first <= index) {
                self.push_first()?;
            }
        }
        Ok(())
    }

    /// The values of all features at `index`, if they are measured.
    fn row(&self, index: u32) -> Result<Option<Row<'_>>> {
        let Ok(frame) = self.indices.binary_search(&index) else { return Ok(None) };
        match &self.engine {
            Engine::Running(Some(scorer)) => {
                let table = scorer.frame_tables(frame as u64)?.and_then(|mut tables| tables.pop());
                Ok(table.map(Row::Own))
            }
            Engine::Finished(Some(table)) => {
                let found = table.frames().binary_search(&(frame as u64)).ok();
                Ok(found.map(|row| Row::Within(table, row)))
            }
            _ => Ok(None),
        }
    }
}

/// The values of the features at one index.
enum Row<'a> {
    /// A table of one row.
    Own(ScoreTable),
    /// A row of a table.
    Within(&'a ScoreTable, usize),
}

impl Row<'_> {
    fn columns(&self) -> impl Iterator<Item = (&str, &[f64])> {
        let (table, row) = match self {
            Self::Own(table) => (table, 0),
            Self::Within(table, row) => (*table, *row),
        };
        table.columns().iter().map(move |column| (&column.name[..], &column.values[row..=row]))
    }

    fn get(&self, name: &str) -> Option<&[f64]> {
        self.columns().find(|(other, _)| *other == name).map(|(_, values)| values)
    }
}

impl Pool {
    /// The pool of `values`; sums are in order, as in libvmaf.
    fn of(self, values: &[f64]) -> f64 {
        let count = values.len() as f64;
        let extreme = |is_beyond: fn(f64, f64) -> bool| {
            let first = values.first().copied().unwrap_or_default();
            let keep = |kept, value| if is_beyond(value, kept) { value } else { kept };
            values.iter().copied().fold(first, keep)
        };
        match self {
            Self::Min => extreme(|value, least| value < least),
            Self::Max => extreme(|value, greatest| value > greatest),
            Self::Mean => values.iter().sum::<f64>() / count,
            Self::HarmonicMean => {
                count / values.iter().map(|value| 1.0 / (value + 1.0)).sum::<f64>() - 1.0
            }
        }
    }
}

/// The name of a score's column. Scores have the names that model files use, such as
/// `VMAF_integer_feature_adm2_score`, or those of logs, such as `integer_adm2`.
fn column_name(name: &str) -> &str {
    let mut outputs = FEATURES.iter().flat_map(|feature| feature.outputs);
    outputs.find(|output| output.name == name).map_or(name, |output| output.column)
}
