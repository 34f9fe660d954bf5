//! The streams to read of files that have several with video.

use clap::Args;

use crate::failure::{Failure, Result};

/// The streams to read.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Files with several video streams")]
pub(crate) struct StreamArgs {
    /// The number of the stream to read of each file, as ffprobe numbers them [default: the default
    /// or the largest, which is reported]. Two numbers, as 0,2, are the reference's and the
    /// encodes'; more are one for each file in order. auto leaves the choice
    #[arg(long, value_name = "N[,N...]", value_parser = wanted, value_delimiter = ',')]
    #[arg(allow_hyphen_values = true)]
    stream: Vec<Wanted>,
}

/// The number of a stream; `None` leaves the choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Wanted(Option<u32>);

impl StreamArgs {
    /// The streams of the reference and of each encode.
    pub(crate) fn exactly(streams: impl Iterator<Item = Option<u32>>) -> Self {
        Self { stream: streams.map(Wanted).collect() }
    }

    /// Fails where they are not those of a reference and so many encodes.
    pub(crate) fn check(&self, encodes: usize) -> Result<()> {
        let (given, files) = (self.stream.len(), encodes + 1);
        if given <= 2 || given == files {
            return Ok(());
        }
        Err(Failure::input(format!(
            "--stream has {given} numbers for {files} files: give one for all, two for the \
             reference and all encodes, or one for each"
        )))
    }

    /// Fails where they are more than the reference's and the encodes', of a list of many.
    pub(crate) fn check_list(&self) -> Result<()> {
        if self.stream.len() <= 2 {
            return Ok(());
        }
        let reason = "--stream takes one number for all files of a list, or two: the references' \
                      and the encodes'";
        Err(Failure::input(reason))
    }

    /// The stream of the reference.
    pub(crate) fn of_reference(&self) -> Option<u32> {
        self.stream.first().and_then(|wanted| wanted.0)
    }

    /// The stream of the encode at this place among the encodes.
    pub(crate) fn of_encode(&self, place: usize) -> Option<u32> {
        let found = match &self.stream[..] {
            [all] => Some(all),
            [_, encodes] => Some(encodes),
            each => each.get(place + 1),
        };
        found.and_then(|wanted| wanted.0)
    }
}

fn wanted(text: &str) -> Result<Wanted, String> {
    if text == "auto" {
        return Ok(Wanted(None));
    }
    let number = text.parse().map(|number| Wanted(Some(number)));
    number.map_err(|_| "a stream is a whole number from 0, or auto".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_of_all_files_or_of_each() {
        let all = |text: &str| {
            let streams = text.split(',').map(|text| wanted(text).expect("a stream").0);
            let streams = StreamArgs::exactly(streams);
            (streams.of_reference(), streams.of_encode(0), streams.of_encode(1))
        };
        assert_eq!(all("3"), (Some(3), Some(3), Some(3)));
        assert_eq!(all("auto,2"), (None, Some(2), Some(2)));
        assert_eq!(all("0,auto,2"), (Some(0), None, Some(2)));
        assert_eq!(StreamArgs::default().of_encode(0), None);
        let three = StreamArgs::exactly([Some(0), Some(1), Some(2)].into_iter());
        three.check(2).expect("one for each");
        three.check(3).expect_err("one is missing");
        three.check_list().expect_err("too many");
        for bad in ["", "-1", "x", "v:1"] {
            wanted(bad).expect_err(bad);
        }
    }
}
