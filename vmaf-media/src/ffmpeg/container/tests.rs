use super::*;

fn boxed(kind: &[u8; 4], inside: &[&[u8]]) -> Vec<u8> {
    let inside = inside.concat();
    let size = u32::try_from(inside.len() + 8).expect("small");
    [&size.to_be_bytes()[..], kind, &inside].concat()
}

fn words(words: &[i32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_be_bytes()).collect()
}

const ONE: i32 = 65536;
const UPRIGHT: [i32; 9] = [ONE, 0, 0, 0, ONE, 0, 0, 0, 1 << 30];

/// A movie with a sound track and, as number 7, a video track of 640x368 with these boxes.
fn movie(movie: [i32; 9], track: [i32; 9], boxes: &[&[u8]]) -> Vec<u8> {
    let mvhd = boxed(b"mvhd", &[&[0; 36], &words(&movie)]);
    let header = |id: i32, matrix: [i32; 9]| {
        boxed(b"tkhd", &[&[0; 12], &words(&[id]), &[0; 24], &words(&matrix)])
    };
    let handler = |kind: &[u8; 4]| boxed(b"hdlr", &[&[0; 8], kind]);
    let sound = boxed(b"trak", &[&header(1, UPRIGHT), &boxed(b"mdia", &[&handler(b"soun")])]);
    let size = [640_u16, 368].map(u16::to_be_bytes).concat();
    let entry = boxed(b"avc1", &[&[0; 24], &size, &[0; 50], &boxes.concat()]);
    let stsd = boxed(b"stsd", &[&[0; 8], &entry]);
    let minf = boxed(b"minf", &[&boxed(b"stbl", &[&stsd])]);
    let media = boxed(b"mdia", &[&handler(b"vide"), &minf]);
    let video = boxed(b"trak", &[&header(7, track), &media]);
    let moov = boxed(b"moov", &[&mvhd, &sound, &video]);
    [boxed(b"ftyp", &[b"isom"]), boxed(b"mdat", &[&[1; 99]]), moov].concat()
}

fn read_mp4(bytes: &[u8]) -> Option<Presentation> {
    let tracks = mp4::tracks(&mut Reader(Cursor::new(bytes)), bytes.len() as u64)?;
    choose(tracks, Some(7), 3)
}

#[test]
fn crop_and_orientation_are_read_from_mp4() {
    let aperture = boxed(b"clap", &[&words(&[632, 1, 360, 1, -4, 1, 0, 1])]);
    let spacing = boxed(b"pasp", &[&words(&[4, 3])]);
    // Rotated by the track and again by the movie.
    let turned = [0, ONE, 0, -ONE, 0, 0, 0, 0, 1 << 30];
    let bytes = movie(turned, turned, &[&spacing, &aperture]);
    let found = read_mp4(&bytes).expect("a track");
    assert_eq!(found.orientation.to_string(), "rotated by 180 degrees");
    let crop = found.crop.expect("a crop");
    assert_eq!((crop.frame_size, crop.part.to_string()), ((640, 368), "632:360:0:4".to_owned()));
    assert_eq!(crop.sample_aspect, Rational::rate(4, 3));
    let plain = read_mp4(&movie(UPRIGHT, UPRIGHT, &[&spacing])).expect("a track");
    assert_eq!((plain.orientation, plain.crop), (Orientation::UPRIGHT, None));
    // Truncated or invalid data never panic.
    for length in 0..bytes.len() {
        read_mp4(&bytes[..length]);
        let mut wrong = bytes.clone();
        wrong[length] ^= 0xff;
        read_mp4(&wrong);
    }
}

fn element(id: u32, inside: &[u8]) -> Vec<u8> {
    let id = id.to_be_bytes();
    let id = &id[id.iter().take_while(|byte| **byte == 0).count()..];
    let size = (inside.len() as u32 | 1 << 28).to_be_bytes();
    [id, &size[..], inside].concat()
}

/// A file with a video track of 640x368 with these elements.
fn matroska(elements: &[Vec<u8>]) -> Vec<u8> {
    let size = [element(0xb0, &640_u16.to_be_bytes()), element(0xba, &368_u16.to_be_bytes())];
    let video = element(0xe0, &[size.concat(), elements.concat()].concat());
    let track =
        |kind: u8, video: &[u8]| element(0xae, &[element(0x83, &[kind]), video.to_vec()].concat());
    let tracks = element(0x1654_ae6b, &[track(2, &[]), track(1, &video)].concat());
    // A segment of unknown size, as live streams have.
    let segment =
        [&0x1853_8067_u32.to_be_bytes()[..], &[0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]];
    [element(0x1a45_dfa3, &[0; 5]), segment.concat(), element(0xec, &[0; 40]), tracks].concat()
}

fn read_matroska(bytes: &[u8]) -> Option<Presentation> {
    choose(matroska::tracks(&mut Reader(Cursor::new(bytes)), bytes.len() as u64)?, Some(1), 0)
}

#[test]
fn crop_and_orientation_are_read_from_matroska() {
    let cropped = [
        element(0x54bb, &[2]),
        element(0x54aa, &[0, 6]),
        element(0x54cc, &[8]),
        element(0x54b0, &960_u16.to_be_bytes()),
        element(0x54ba, &480_u16.to_be_bytes()),
    ];
    let pose = [element(0x7673, &180_f32.to_be_bytes()), element(0x7675, &(-90_f64).to_be_bytes())];
    let bytes = matroska(&[cropped.concat(), element(0x7670, &pose.concat())]);
    let found = read_matroska(&bytes).expect("a track");
    let expected = "mirrored left to right and rotated by 90 degrees";
    assert_eq!(found.orientation.to_string(), expected);
    let crop = found.crop.expect("a crop");
    assert_eq!((crop.frame_size, crop.part.to_string()), ((640, 368), "632:360:8:2".to_owned()));
    // 632x360 shown as 2:1.
    assert_eq!(crop.sample_aspect, Rational::rate(90, 79));
    // A sphere is not a rotated picture.
    let sphere = [element(0x7671, &[1]), element(0x7675, &90_f32.to_be_bytes())];
    let sphere = read_matroska(&matroska(&[element(0x7670, &sphere.concat())])).expect("a track");
    assert_eq!(sphere.orientation, Orientation::UPRIGHT);
    // A crop of everything.
    assert_eq!(
        read_matroska(&matroska(&[element(0x54bb, &[1, 112])])).expect("a track").crop,
        None
    );
    for length in 0..bytes.len() {
        read_matroska(&bytes[..length]);
        let mut wrong = bytes.clone();
        wrong[length] ^= 0xff;
        read_matroska(&wrong);
    }
}
