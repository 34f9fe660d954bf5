//! The streams to read from files with several video streams.

use clap::Args;

use vmaf::StreamChoice;

/// The streams to read.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Files with several video streams")]
pub(crate) struct StreamArgs {
    /// The stream to read of each file, by ffprobe's number [default: the default stream or the
    /// largest; the choice is reported]. Two numbers, such as 0,2, select the reference's and the
    /// encodes' stream; more select one for each file in order. auto leaves the choice
    #[arg(long, value_name = "N[,N...]", value_parser = stream_number, value_delimiter = ',')]
    #[arg(allow_hyphen_values = true)]
    stream: Vec<StreamNumber>,
}

/// The number of a stream; `None` selects it automatically.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct StreamNumber(Option<u32>);

impl StreamArgs {
    /// Returns the choice.
    pub(crate) fn choice(&self) -> StreamChoice {
        StreamChoice(self.stream.iter().map(|stream_number| stream_number.0).collect())
    }
}

fn stream_number(text: &str) -> Result<StreamNumber, String> {
    if text == "auto" {
        return Ok(StreamNumber(None));
    }
    let number = text.parse().map(|number| StreamNumber(Some(number)));
    number.map_err(|_| "a stream is a whole number from 0, or auto".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stream_numbers_are_parsed() {
        assert_eq!(stream_number("3"), Ok(StreamNumber(Some(3))));
        assert_eq!(stream_number("auto"), Ok(StreamNumber(None)));
        for bad in ["", "-1", "x", "v:1"] {
            stream_number(bad).expect_err(bad);
        }
    }
}
