//! Timestamps and signatures through the alignment of whole videos: every frame of the reference has
//! a counterpart or none, in order.

#![no_main]

use libfuzzer_sys::arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use vmaf_core::scene::{self, Signature};
use vmaf_core::{Chroma, Format, Rational};
use vmaf_media::StreamInfo;
use vmaf_media::align::{Aligner, FrameFingerprint};

fuzz_target!(|data: &[u8]| {
    let _ = align(&mut Unstructured::new(data));
});

fn video(bytes: &mut Unstructured<'_>) -> Result<(StreamInfo, Vec<FrameFingerprint>)> {
    let format = Format::new(64, 36, Chroma::Mono, 8).expect("a format");
    let mut info = StreamInfo::new("video", format, "rawvideo");
    let (num, den) = (bytes.arbitrary::<u16>()?, bytes.arbitrary::<u16>()?);
    info.frame_rate = Rational::rate(num.into(), den.into());
    info.has_times = bytes.arbitrary()?;
    let count = bytes.int_in_range(0..=120)?;
    let mut time = 0.0;
    let fingerprint = |bytes: &mut Unstructured<'_>| {
        time += f64::from(bytes.arbitrary::<i8>()?) / 250.0;
        let [base, step] = bytes.arbitrary::<[u8; 2]>()?;
        let cell = |cell: usize| ((cell * usize::from(step) + usize::from(base)) % 256 * 64) as u16;
        Ok(FrameFingerprint {
            signature: Signature(std::array::from_fn(cell)),
            time: bytes.arbitrary::<bool>()?.then_some(time),
            black_edges: bytes.arbitrary::<bool>()?.then_some([usize::from(step) % 18; 4]),
        })
    };
    let fingerprints = std::iter::repeat_with(|| ()).take(count);
    let mut fingerprint = fingerprint;
    let fingerprints = fingerprints.map(|()| fingerprint(bytes)).collect::<Result<_>>()?;
    Ok((info, fingerprints))
}

fn align(bytes: &mut Unstructured<'_>) -> Result<()> {
    let ((reference, ours), (encode, theirs)) = (video(bytes)?, video(bytes)?);
    let mut aligner = Aligner::new(&reference, &encode);
    let mut rest = theirs.iter();
    for fingerprint in ours.iter().map(Some).chain([None]) {
        aligner.push_reference(fingerprint);
        while aligner.wants_encode() {
            aligner.push_encode(rest.next());
        }
    }
    let _ = aligner.finish();
    let signatures = ours.iter().map(|fingerprint| fingerprint.signature);
    let changes =
        signatures.clone().zip(signatures.skip(1)).map(|(one, other)| one.distance(&other));
    let changes: Vec<f32> = changes.collect();
    let scenes = scene::scenes(&changes);
    let mut end = 0;
    for scene in scenes {
        assert!(scene.start == end && scene.end > end);
        end = scene.end;
    }
    assert_eq!(end, changes.len() as u64);
    Ok(())
}
