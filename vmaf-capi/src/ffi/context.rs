//! `VmafContext`: requesting features, reading pictures, writing logs.

use std::ffi::{CStr, c_char, c_int, c_uint};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::collection::VmafModelCollection;
use super::model::VmafModel;
use super::types::{
    PictureParameters, VmafConfiguration, VmafPicture, VmafPictureConfiguration, output_format,
};
use super::{exclusive, from_raw, guard, into_raw, shared, text};
use crate::dictionary::Dictionary;
use crate::session::{Configuration, Session};
use crate::{Errno, message};

/// The version of libvmaf whose interface this is, and this library's own.
const VERSION: &CStr = match CStr::from_bytes_with_nul(
    concat!("3.2.0 (vmaf-rs ", env!("CARGO_PKG_VERSION"), ")\0").as_bytes(),
) {
    Ok(version) => version,
    Err(_) => panic!("the version has no other 0"),
};

/// A context. Any thread may use it; one at a time does.
pub struct VmafContext {
    session: Mutex<Session>,
    /// The format of preallocated pictures, once it is known.
    pictures: Mutex<Option<PictureParameters>>,
}

impl VmafContext {
    pub(super) fn session(&self) -> MutexGuard<'_, Session> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pictures(&self) -> MutexGuard<'_, Option<PictureParameters>> {
        self.pictures.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Creates a context.
///
/// # Safety
/// `vmaf` is null or points to a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vmaf_init(vmaf: *mut *mut VmafContext, cfg: VmafConfiguration) -> c_int {
    guard(|| {
        // SAFETY: as this function requires.
        let context = unsafe { exclusive(vmaf)? };
        message::set_level(cfg.log_level);
        let session = Session::new(Configuration {
            threads: cfg.n_threads,
            subsample: cfg.n_subsample,
            cpu_mask: cfg.cpumask,
        });
        let (session, pictures) = (Mutex::new(session), Mutex::default());
        *context = into_raw(VmafContext { session, pictures });
        Ok(())
    })
}

/// Frees a context.
///
/// # Safety
/// `vmaf` is null or a context of this library that is not used any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vmaf_close(vmaf: *mut VmafContext) -> c_int {
    guard(|| {
        // SAFETY: as this function requires.
        let context = unsafe { from_raw(vmaf) }.ok_or(Errno::INVALID)?;
        drop(context);
        Ok(())
    })
}

/// Requests the features of a model.
///
/// # Safety
/// `vmaf` is null or a context, `model` null or a model, both of this library.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vmaf_use_features_from_model(
    vmaf: *mut VmafContext,
    model: *mut VmafModel,
) -> c_int {
    guard(|| {
        // SAFETY: as this function requires.
        let (context, model) = unsafe { (shared(vmaf)?, shared(model)?) };
        context.session().use_model(model.checked()?)
    })
}

/// Requests the features of a collection.
///
/// # Safety
/// `vmaf` is null or a context, `model_collection` null or a collection, both of this library.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vmaf_use_features_from_model_collection(
    vmaf: *mut VmafContext,
    model_collection: *mut VmafModelCollection,
) -> c_int {
    guard(|| {
        // SAFETY: as this function requires.
        let (context, collection) = unsafe { (shared(vmaf)?, shared(model_collection)?) };
        context.session().use_model(collection.model.checked()?)
    })
}

/// Requests a feature. Frees the dictionary, except if there is no such feature.
///
/// # Safety
/// `vmaf` is null or a context, `feature_name` null or a string, `opts_dict` null or a dictionary,
/// all of this library.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vmaf_use_feature(
    vmaf: *mut VmafContext,
    feature_name: *const c_char,
    opts_dict: *mut Dictionary,
) -> c_int {
    guard(|| {
        // SAFETY: as this function requires.
        let (context, name) = unsafe { (shared(vmaf)?, text(feature_name)?) };
        // Programs try several names, so that an unknown one is not reported.
        let feature = vmaf_core::feature::find(name).map_err(|_| Errno::INVALID)?;
        // SAFETY: the dictionary comes from `into_raw`, and C gives it up.
        let options = unsafe { from_raw(opts_dict) }.unwrap_or_default();
        context.session().use_feature(feature, &options)
    })
}

/// Writes a score that was measured elsewhere.
///
/// # Safety
/// `vmaf` is null or a context of this library, `feature_name` null or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vmaf_import_feature_score(
    vmaf: *mut VmafContext,
    feature_name: *const c_char,
    value: f64,
    index: c_uint,
) -> c_int {
    guard(|| {
        // SAFETY: as this function requires.
        let (context, name) = unsafe { (shared(vmaf)?, text(feature_name)?) };
        context.session().import(name, index, value)
    })
}

/// Reads a pair of pictures and leaves them without memory, or flushes if both are null. If it
/// fails, the pictures still belong to the caller.
///
/// # Safety
/// `vmaf` is null or a context, `ref` and `dist` are null or pictures, all of this library.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vmaf_read_pictures(
    vmaf: *mut VmafContext,
    r#ref: *mut VmafPicture,
    dist: *mut VmafPicture,
    index: c_uint,
) -> c_int {
    guard(|| {
        // SAFETY: as this function requires.
        let context = unsafe { shared(vmaf)? };
        let mut session = context.session();
        if r#ref.is_null() && dist.is_null() {
            return session.flush();
        }
        if std::ptr::eq(r#ref, dist) {
            return Err(Errno::INVALID);
        }
        // SAFETY: as this function requires; they are two pictures.
        let (reference, distorted) = unsafe { (exclusive(r#ref)?, exclusive(dist)?) };
        // SAFETY: as this function requires.
        let formats = unsafe { [reference.format(), distorted.format()] };
        let [Some(of_reference), Some(of_distorted)] = formats else {
            return Err(Errno::INVALID);
        };
        if std::ptr::eq(reference.private, distorted.private) {
            return Err(Errno::INVALID);
        }
        session.check([of_reference, of_distorted], index)?;
        let mut pictures = context.pictures();
        if pictures.is_none() {
            *pictures = Some(PictureParameters {
                w: reference.w[0],
                h: reference.h[0],
                bpc: reference.bpc,
                pix_fmt: reference.pix_fmt,
            });
        }
        drop(pictures);
        // SAFETY: as this function requires.
        let pair = unsafe { (reference.take()?, distorted.take()?) };
        session.read(pair, index)
    })
}

/// States the format of the pictures to fetch.
///
/// # Safety
/// `vmaf` is null or a context of this library.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vmaf_preallocate_pictures(
    vmaf: *mut VmafContext,
    cfg: VmafPictureConfiguration,
) -> c_int {
    guard(|| {
        // SAFETY: as this function requires.
        let context = unsafe { shared(vmaf)? };
        let PictureParameters { w, h, bpc, pix_fmt } = cfg.pic_params;
        if cfg.pic_cnt == 0 {
            return Err(Errno::INVALID);
        }
        super::picture::format(pix_fmt, bpc, w, h)?;
        // Pictures are allocated when they are fetched: this library bounds the number of pictures
        // that are in use by itself.
        *context.pictures() = Some(cfg.pic_params);
        Ok(())
    })
}

/// Fetches a picture of the preallocated format, or of that of the pictures read before.
///
/// # Safety
/// `vmaf` is null or a context of this library, `pic` is null or points to memory for a picture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vmaf_fetch_preallocated_picture(
    vmaf: *mut VmafContext,
    pic: *mut VmafPicture,
) -> c_int {
    guard(|| {
        // SAFETY: as this function requires.
        let context = unsafe { shared(vmaf)? };
        let parameters = *context.pictures();
        let (Some(PictureParameters { w, h, bpc, pix_fmt }), false) = (parameters, pic.is_null())
        else {
            return Err(Errno::INVALID);
        };
        let picture = VmafPicture::allocate(pix_fmt, bpc, w, h)?;
        // SAFETY: it points to memory for a picture, which may be uninitialised.
        unsafe { pic.write(picture) };
        Ok(())
    })
}

/// Writes the scores as a log.
///
/// # Safety
/// `vmaf` is null or a context of this library, `output_path` null or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vmaf_write_output(
    vmaf: *mut VmafContext,
    output_path: *const c_char,
    fmt: c_int,
) -> c_int {
    guard(|| {
        // SAFETY: as this function requires.
        let (context, path) = unsafe { (shared(vmaf)?, text(output_path)?) };
        let fail = |error: std::io::Error| {
            message::error(format_args!("could not write file: {path}: {error}"));
            Errno::INVALID
        };
        let mut out = BufWriter::new(File::create(path).map_err(fail)?);
        let format = output_format(fmt).ok_or(Errno::INVALID)?;
        let version = VERSION.to_str().unwrap_or_default();
        let written = context.session().write_log(version, format, &mut out)?;
        written.and_then(|()| out.flush()).map_err(fail)
    })
}

/// The version of libvmaf whose interface this is, and this library's own.
#[unsafe(no_mangle)]
pub extern "C" fn vmaf_version() -> *const c_char {
    VERSION.as_ptr()
}
