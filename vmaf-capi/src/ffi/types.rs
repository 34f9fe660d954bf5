//! The structures that C and this library share, with the layout that the headers declare.

use std::ffi::{c_char, c_int, c_uint, c_void};
use std::mem::offset_of;

use crate::session::{CollectionScore, OutputFormat, Pool};

/// `VmafConfiguration`.
#[repr(C)]
#[derive(Clone, Copy)]
pub(super) struct VmafConfiguration {
    pub(super) log_level: c_int,
    pub(super) n_threads: c_uint,
    pub(super) n_subsample: c_uint,
    pub(super) cpumask: u64,
    pub(super) gpumask: u64,
}

/// `VmafPicture`.
#[repr(C)]
#[derive(Clone, Copy)]
pub(super) struct VmafPicture {
    pub(super) pix_fmt: c_int,
    pub(super) bpc: c_uint,
    pub(super) w: [c_uint; 3],
    pub(super) h: [c_uint; 3],
    /// The distance between rows in bytes.
    pub(super) stride: [isize; 3],
    pub(super) data: [*mut c_void; 3],
    /// Not null while the picture has memory.
    pub(super) reference: *mut c_void,
    /// The memory.
    pub(super) private: *mut super::picture::PictureMemory,
}

/// `VmafPictureConfiguration`.
#[repr(C)]
#[derive(Clone, Copy)]
pub(super) struct VmafPictureConfiguration {
    pub(super) pic_params: PictureParameters,
    pub(super) pic_cnt: c_uint,
}

/// The format of preallocated pictures.
#[repr(C)]
#[derive(Clone, Copy)]
pub(super) struct PictureParameters {
    pub(super) w: c_uint,
    pub(super) h: c_uint,
    pub(super) bpc: c_uint,
    pub(super) pix_fmt: c_int,
}

/// `VmafModelConfig`.
#[repr(C)]
#[derive(Clone, Copy)]
pub(super) struct VmafModelConfig {
    /// The name of the score; null for `vmaf`.
    pub(super) name: *const c_char,
    /// Bits of `VmafModelFlags`.
    pub(super) flags: u64,
}

/// `VmafModelCollectionScore`.
#[repr(C)]
#[derive(Clone, Copy)]
pub(super) struct VmafModelCollectionScore {
    pub(super) kind: c_int,
    pub(super) bootstrap: BootstrapScore,
}

/// The values of a bootstrap model.
#[repr(C)]
#[derive(Clone, Copy)]
pub(super) struct BootstrapScore {
    pub(super) bagging_score: f64,
    pub(super) stddev: f64,
    pub(super) p95_lo: f64,
    pub(super) p95_hi: f64,
}

/// `VMAF_MODEL_COLLECTION_SCORE_BOOTSTRAP`.
const BOOTSTRAP: c_int = 1;

impl From<CollectionScore> for VmafModelCollectionScore {
    fn from(score: CollectionScore) -> Self {
        let bootstrap = BootstrapScore {
            bagging_score: score.bagging,
            stddev: score.standard_deviation,
            p95_lo: score.low,
            p95_hi: score.high,
        };
        Self { kind: BOOTSTRAP, bootstrap }
    }
}

/// The pool that `VmafPoolingMethod` names.
pub(super) fn pool(method: c_int) -> Option<Pool> {
    match method {
        1 => Some(Pool::Min),
        2 => Some(Pool::Max),
        3 => Some(Pool::Mean),
        4 => Some(Pool::HarmonicMean),
        _ => None,
    }
}

/// The format that `VmafOutputFormat` names.
pub(super) fn output_format(format: c_int) -> Option<OutputFormat> {
    match format {
        1 => Some(OutputFormat::Xml),
        2 => Some(OutputFormat::Json),
        3 => Some(OutputFormat::Csv),
        4 => Some(OutputFormat::Sub),
        _ => None,
    }
}

pub(super) fn layout() -> Vec<(&'static str, usize)> {
    macro_rules! layout {
        ($($name:literal: $type:ty { $($member:literal: $($field:ident).+),* $(,)? })*) => {
            vec![$(
                (concat!($name, ".size"), size_of::<$type>()),
                $((concat!($name, ".", $member), offset_of!($type, $($field).+)),)*
            )*]
        };
    }
    layout! {
        "VmafConfiguration": VmafConfiguration {
            "log_level": log_level,
            "n_threads": n_threads,
            "n_subsample": n_subsample,
            "cpumask": cpumask,
            "gpumask": gpumask,
        }
        "VmafPicture": VmafPicture {
            "pix_fmt": pix_fmt,
            "bpc": bpc,
            "w": w,
            "h": h,
            "stride": stride,
            "data": data,
            "ref": reference,
            "priv": private,
        }
        "VmafPictureConfiguration": VmafPictureConfiguration {
            "pic_params.w": pic_params.w,
            "pic_params.h": pic_params.h,
            "pic_params.bpc": pic_params.bpc,
            "pic_params.pix_fmt": pic_params.pix_fmt,
            "pic_cnt": pic_cnt,
        }
        "VmafModelConfig": VmafModelConfig { "name": name, "flags": flags }
        "VmafModelCollectionScore": VmafModelCollectionScore {
            "type": kind,
            "bootstrap.bagging_score": bootstrap.bagging_score,
            "bootstrap.stddev": bootstrap.stddev,
            "bootstrap.ci.p95.lo": bootstrap.p95_lo,
            "bootstrap.ci.p95.hi": bootstrap.p95_hi,
        }
    }
}
