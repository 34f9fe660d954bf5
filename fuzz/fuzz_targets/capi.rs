//! Sequences of calls of the C interface, with valid pointers and any values: contexts, models,
//! features, pictures of any size and format, queries in any order.

#![no_main]

use std::ffi::{c_char, c_int, c_uint, c_void};
use std::ptr;

use libfuzzer_sys::arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;
// Its functions are linked by their names in C.
use vmaf_capi as _;

/// `VmafConfiguration` of libvmaf.h.
#[repr(C)]
struct Configuration {
    log_level: c_int,
    n_threads: c_uint,
    n_subsample: c_uint,
    cpumask: u64,
    gpumask: u64,
}

/// `VmafPicture` of picture.h.
#[repr(C)]
#[derive(Clone, Copy)]
struct Picture {
    pix_fmt: c_int,
    bpc: c_uint,
    w: [c_uint; 3],
    h: [c_uint; 3],
    stride: [isize; 3],
    data: [*mut c_void; 3],
    reference: *mut c_void,
    private: *mut c_void,
}

/// `VmafModelConfig` of model.h.
#[repr(C)]
struct ModelConfig {
    name: *const c_char,
    flags: u64,
}

unsafe extern "C" {
    fn vmaf_init(context: *mut *mut c_void, configuration: Configuration) -> c_int;
    fn vmaf_close(context: *mut c_void) -> c_int;
    fn vmaf_model_load(
        model: *mut *mut c_void,
        config: *mut ModelConfig,
        version: *const c_char,
    ) -> c_int;
    fn vmaf_model_destroy(model: *mut c_void);
    fn vmaf_use_features_from_model(context: *mut c_void, model: *mut c_void) -> c_int;
    fn vmaf_use_feature(context: *mut c_void, name: *const c_char, options: *mut c_void) -> c_int;
    fn vmaf_feature_dictionary_set(
        options: *mut *mut c_void,
        key: *const c_char,
        value: *const c_char,
    ) -> c_int;
    fn vmaf_feature_dictionary_free(options: *mut *mut c_void) -> c_int;
    fn vmaf_import_feature_score(
        context: *mut c_void,
        name: *const c_char,
        value: f64,
        index: c_uint,
    ) -> c_int;
    fn vmaf_picture_alloc(
        picture: *mut Picture,
        pix_fmt: c_int,
        bpc: c_uint,
        w: c_uint,
        h: c_uint,
    ) -> c_int;
    fn vmaf_picture_unref(picture: *mut Picture) -> c_int;
    fn vmaf_read_pictures(
        context: *mut c_void,
        reference: *mut Picture,
        distorted: *mut Picture,
        index: c_uint,
    ) -> c_int;
    fn vmaf_score_pooled(
        context: *mut c_void,
        model: *mut c_void,
        method: c_int,
        score: *mut f64,
        from: c_uint,
        to: c_uint,
    ) -> c_int;
    fn vmaf_score_at_index(
        context: *mut c_void,
        model: *mut c_void,
        score: *mut f64,
        index: c_uint,
    ) -> c_int;
    fn vmaf_feature_score_at_index(
        context: *mut c_void,
        name: *const c_char,
        score: *mut f64,
        index: c_uint,
    ) -> c_int;
}

fuzz_target!(|data: &[u8]| {
    // SAFETY: every pointer is to memory of the right type that outlives the call, as the headers ask.
    let _ = unsafe { calls(&mut Unstructured::new(data)) };
});

/// Names of features, of which this many exist.
const FEATURES: [&std::ffi::CStr; 8] =
    [c"psnr", c"vif", c"motion", c"cambi", c"float_ssim", c"ciede", c"nothing", c""];
const KNOWN: usize = 6;

/// Makes the calls that the bytes stand for.
unsafe fn calls(bytes: &mut Unstructured<'_>) -> Result<()> {
    unsafe {
        let mut context = ptr::null_mut();
        let configuration = Configuration {
            log_level: 0,
            n_threads: bytes.int_in_range(0..=3)?,
            n_subsample: bytes.int_in_range(0..=3)?,
            cpumask: bytes.arbitrary()?,
            gpumask: 0,
        };
        if vmaf_init(&mut context, configuration) != 0 {
            return Ok(());
        }
        let mut model = ptr::null_mut();
        let mut config = ModelConfig { name: ptr::null(), flags: bytes.int_in_range(0..=7)? };
        let version =
            *bytes.choose(&[c"vmaf_v0.6.1", c"vmaf_v0.6.1neg", c"none"]).unwrap_or(&c"none");
        let has_model = vmaf_model_load(&mut model, &mut config, version.as_ptr()) == 0;
        let result = sequence(bytes, context, has_model.then_some(model));
        vmaf_close(context);
        if has_model {
            vmaf_model_destroy(model);
        }
        result
    }
}

unsafe fn sequence(
    bytes: &mut Unstructured<'_>,
    context: *mut c_void,
    model: Option<*mut c_void>,
) -> Result<()> {
    let mut score = 0.0;
    while !bytes.is_empty() {
        let call = bytes.int_in_range(0..=7)?;
        let index = bytes.int_in_range(0..=5)?;
        let name = bytes.choose(&FEATURES)?.as_ptr();
        unsafe {
            match call {
                0 => {
                    if let Some(model) = model {
                        vmaf_use_features_from_model(context, model);
                    }
                }
                1 => {
                    let mut options = ptr::null_mut();
                    if bytes.arbitrary()? {
                        let key = *bytes.choose(&[c"enable_chroma", c"full_ref", c"none"])?;
                        let value = *bytes.choose(&[c"true", c"7", c""])?;
                        vmaf_feature_dictionary_set(&mut options, key.as_ptr(), value.as_ptr());
                    }
                    // The dictionary is the context's from here on, unless there is no such feature.
                    let is_feature = FEATURES[..KNOWN].iter().any(|known| known.as_ptr() == name);
                    vmaf_use_feature(context, name, options);
                    if !is_feature && !options.is_null() {
                        vmaf_feature_dictionary_free(&mut options);
                    }
                }
                2 => {
                    vmaf_import_feature_score(context, name, bytes.arbitrary()?, index);
                }
                3 | 4 => {
                    let end = bytes.int_in_range(0..=7)?;
                    if end == 0 {
                        vmaf_read_pictures(context, ptr::null_mut(), ptr::null_mut(), 0);
                        continue;
                    }
                    let mut pair = [picture(bytes)?, picture(bytes)?];
                    if let [Some(reference), Some(distorted)] = &mut pair {
                        vmaf_read_pictures(context, reference, distorted, index);
                    }
                    // What was not read is still ours; what was read has no memory any more.
                    for picture in pair.iter_mut().flatten() {
                        vmaf_picture_unref(picture);
                    }
                }
                5 => {
                    if let Some(model) = model {
                        let to = bytes.int_in_range(0..=6)?;
                        let method = bytes.int_in_range(0..=5)?;
                        vmaf_score_pooled(context, model, method, &mut score, index, to);
                    }
                }
                6 => {
                    if let Some(model) = model {
                        vmaf_score_at_index(context, model, &mut score, index);
                    }
                }
                _ => {
                    vmaf_feature_score_at_index(context, name, &mut score, index);
                }
            }
        }
    }
    Ok(())
}

/// Allocates a picture and fills it; `None` if the call fails.
fn picture(bytes: &mut Unstructured<'_>) -> Result<Option<Picture>> {
    // SAFETY: null pointers and zeros are values of all members.
    let mut picture: Picture = unsafe { std::mem::zeroed() };
    let pix_fmt = bytes.int_in_range(0..=5)?;
    let bpc = *bytes.choose(&[8, 8, 10, 12, 16, 7, 0])?;
    let w = *bytes.choose(&[64, 64, 33, 16, 5, 1, 0])?;
    let h = *bytes.choose(&[48, 48, 17, 16, 5, 1, 0])?;
    let value = bytes.arbitrary::<u8>()?;
    // SAFETY: the picture is valid, and has memory for its planes once the call succeeds.
    unsafe {
        if vmaf_picture_alloc(&mut picture, pix_fmt, bpc, w, h) != 0 {
            return Ok(None);
        }
        for plane in 0..3 {
            if !picture.data[plane].is_null() {
                let size = picture.stride[plane] as usize * picture.h[plane] as usize;
                // Samples of more than 8 bits have high bytes that are in range.
                let value = if bpc > 8 { value % 4 } else { value };
                ptr::write_bytes(picture.data[plane].cast::<u8>(), value, size);
            }
        }
    }
    Ok(Some(picture))
}
