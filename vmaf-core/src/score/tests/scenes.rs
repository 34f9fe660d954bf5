//! Scenes of jobs: the same for every cut into parts, and rows of the scored frames.

use super::*;
use crate::scene;

/// Three scenes of 12, 20 and 10 frames, in each of which little moves.
const CUTS: [u64; 4] = [0, 12, 32, 42];

fn scene_frame(index: u64) -> Frame {
    let scene = CUTS.iter().filter(|cut| **cut <= index).count() as u64;
    let format = Format::new(64, 36, Chroma::Mono, 8).expect("a valid format");
    let samples = (0..64 * 36).map(|at| {
        let (x, y) = (at % 64, at / 64);
        let texture = noise(scene, (x + index as usize) / 4, y / 4) % 60;
        (40 * scene as u32 + texture) as u8
    });
    Frame::from_luma(format, &samples.collect::<Vec<_>>()).expect("a frame")
}

/// A job that needs no earlier frames by itself.
fn psnr() -> Job {
    let format = Format::new(64, 36, Chroma::Mono, 8).expect("a valid format");
    with(Job::new(format, 1), "psnr", "").detect_scenes()
}

fn push_scenes(scorer: &mut Scorer, frames: std::ops::Range<u64>) {
    for index in frames {
        scorer.push_pair(scene_frame(index), scene_frame(index + 1)).expect("scored");
    }
}

fn scenes_of(job: Job) -> ScoreTable {
    let mut scorer = job.start().expect("a valid job");
    let wanted = scorer.frames_to_push();
    push_scenes(&mut scorer, wanted.start..wanted.end.min(CUTS[3]));
    scorer.finish().expect("scored").remove(0)
}

#[test]
fn tables_list_the_scenes_of_a_job_that_detects_them() {
    let table = scenes_of(psnr());
    assert_eq!(table.scenes(), [0..12, 12..32, 32..42]);
    assert_eq!(table.scene_rows(), [0..12, 12..32, 32..42]);
    let changes = (0..CUTS[3]).map(|index| {
        let before = scene::Signature::from_frame(&scene_frame(index.saturating_sub(1)));
        scene::Signature::from_frame(&scene_frame(index)).distance(&before)
    });
    assert_eq!(scene::scenes(&changes.collect::<Vec<_>>()), table.scenes());
}

#[test]
fn scenes_do_not_depend_on_the_cuts_between_parts() {
    let whole = scenes_of(psnr());
    for cuts in [vec![12], vec![11, 13], vec![5, 12, 31, 32, 33], vec![50]] {
        let ends = cuts.iter().copied().chain([u64::MAX]);
        let parts = std::iter::once(0).chain(cuts.iter().copied()).zip(ends);
        let mut joined = psnr().start().expect("a valid job");
        for (start, end) in parts {
            let mut scorer = psnr().part(start..end).start().expect("a valid job");
            let wanted = scorer.frames_to_push();
            push_scenes(&mut scorer, wanted.start..wanted.end.min(CUTS[3]).max(wanted.start));
            let part = scorer.part().expect("measured").to_bytes();
            let part = Part::from_bytes(&part).expect("a part");
            if !part.frames().is_empty() {
                joined.add(part).expect("the next part");
            }
        }
        assert_eq!(joined.finish().expect("scored").remove(0), whole, "{cuts:?}");
    }
    // A run that resumes after a part reads the frame before the rest.
    let mut scorer = psnr().part(0..32).start().expect("a valid job");
    push_scenes(&mut scorer, 0..32);
    let part = scorer.part().expect("measured");
    let mut scorer = psnr().start().expect("a valid job");
    scorer.add(part).expect("the first part");
    assert_eq!(scorer.frames_to_push().start, 31);
    push_scenes(&mut scorer, 31..CUTS[3]);
    assert_eq!(scorer.finish().expect("scored"), [whole]);
}

#[test]
fn scenes_cover_frames_that_are_not_scored() {
    let table = scenes_of(psnr().every(5));
    assert_eq!(table.scenes(), [0..12, 12..32, 32..42]);
    // Frames 0, 5, 10; 15 to 30; 35, 40.
    assert_eq!(table.scene_rows(), [0..3, 3..7, 7..9]);
    let excerpt = scenes_of(psnr().frames(10..30));
    // Two frames are too short for a scene.
    assert!(excerpt.scenes().iter().eq([&(10..30)]) && excerpt.scene_rows().iter().eq([&(0..20)]));
    assert!(scenes_of(psnr().frames(4..30)).scenes().iter().eq(&[4..12, 12..30]));
}

#[test]
fn jobs_that_detect_no_scenes_list_none() {
    let format = Format::new(64, 36, Chroma::Mono, 8).expect("a valid format");
    let table = scenes_of(with(Job::new(format, 1), "psnr", ""));
    assert!(table.scenes().is_empty() && table.scene_rows().is_empty());
}
