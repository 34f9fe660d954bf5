//! Inputs that stall, and programs that are killed.

use std::sync::mpsc::{Receiver, channel};

use vmaf_core::{Chroma, Format, Frame};
use vmaf_media::{Error, Frames, Interrupt, ReadPlan, Result, StreamInfo, read_ahead};

/// Frames that never come, until the sender is dropped.
struct Stalled {
    info: StreamInfo,
    receiver: Receiver<()>,
}

impl Frames for Stalled {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read(&mut self) -> Result<Option<Frame>> {
        let _ = self.receiver.recv();
        Ok(None)
    }
}

#[test]
fn a_wait_for_a_stalled_input_can_be_interrupted() {
    let format = Format::new(4, 4, Chroma::Mono, 8).expect("valid");
    let info = StreamInfo::new("a.yuv", format, "rawvideo");
    let (sender, receiver) = channel();
    let (interrupt, interrupted) = channel();
    let interrupted = std::sync::Mutex::new(interrupted);
    let is_set = move || interrupted.lock().expect("no panic").try_recv().is_ok();
    let stalled = Box::new(Stalled { info, receiver });
    let mut frames = read_ahead(stalled, &ReadPlan::default(), &Interrupt::new(is_set));
    interrupt.send(()).expect("a receiver");
    let error = frames.read().expect_err("interrupted");
    assert!(matches!(&error, Error::Interrupted { path } if path == "a.yuv"), "{error}");
    // The input goes on.
    drop(sender);
    assert!(frames.read().expect("the end").is_none());
}

#[cfg(unix)]
mod killed {
    use std::os::unix::fs::PermissionsExt;
    use std::process::Command;

    use super::super::common::{Folder, ffmpeg, read_with};
    use super::super::ffmpeg::encode;
    use vmaf_media::{Decoder, OpenOptions};

    /// The file that is decoded, in the process of its own.
    const FILE: &str = "VMAF_MEDIA_TEST_FILE";

    /// Runs in a process of its own, whose program is killed: see the tests below.
    #[test]
    fn decode_alone() {
        let Some(file) = std::env::var_os(FILE) else { return };
        let options = OpenOptions { decoder: Decoder::Process, ..OpenOptions::default() };
        let error = read_with(file.to_str().expect("text"), &options).err();
        println!("<{}>", error.map_or_else(String::new, |error| error.to_string()));
    }

    /// Returns the error of decoding with a program that does `line` if its arguments contain
    /// `part`, instead of running `"$@"`, the FFmpeg program.
    fn error_of(part: &str, line: &str) -> Option<String> {
        let program = ffmpeg()?;
        let folder = Folder::new();
        let file = folder.path("a.mp4");
        encode(&program, "testsrc2=size=96x64:rate=25:duration=2", "-c:v libx264 -g 5", &file);
        let script = format!(
            "#!/bin/sh\nset -- '{}' \"$@\"\ncase \"$*\" in *{part}*) {line};; *) exec \"$@\";; esac\n",
            program.display()
        );
        let wrapper = folder.write("ffmpeg", script);
        let executable = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(&wrapper, executable).expect("changed");
        let output = Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", "faults::killed::decode_alone", "--nocapture"])
            .envs([(FILE, &file), ("VMAF_FFMPEG", &wrapper)])
            .output()
            .expect("the test runs");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let error = text.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
        Some(error.expect("a line").0.replace(&folder.path(""), ""))
    }

    #[test]
    fn a_killed_decoder_is_not_a_truncated_file() {
        let size = 96 * 64 * 3 / 2 + "FRAME\n".len();
        // In the middle of a frame, and between two.
        for bytes in [10 * size, 10 * size + 49] {
            // The pipe stays open, so that the program does not notice anything before.
            let kill = format!(
                "mkfifo out; \"$@\" >out & exec 3<out; head -c {bytes} <&3; kill -KILL $! $$"
            );
            let Some(error) = error_of("yuv4mpegpipe", &kill) else { return };
            assert!(error.starts_with("a.mp4: frame "), "{error}");
            assert!(error.contains("ffmpeg stopped there: signal: 9 (SIGKILL)"), "{error}");
        }
    }

    #[test]
    fn a_killed_reader_of_key_frames_is_noticed() {
        let Some(error) = error_of("nokey", "kill -KILL $$") else { return };
        assert_eq!(
            error,
            "a.mp4: the ffmpeg that reads its key frames stopped: signal: 9 (SIGKILL)"
        );
    }

    #[test]
    fn a_program_that_is_not_killed_decodes() {
        let Some(error) = error_of("yuv4mpegpipe", "exec \"$@\"") else { return };
        assert_eq!(error, "");
    }
}
