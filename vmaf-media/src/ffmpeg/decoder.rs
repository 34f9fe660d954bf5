//! Open decoders.

use ffmpeg_next::codec::{Context, decoder};
use ffmpeg_next::{Dictionary, Discard, Packet, Stream};

use super::decoded::Picture;
use super::failure::Failure;
use super::ffi;
use super::ffi::log::DamageWatch;

/// An open decoder.
pub(super) struct Decoder {
    decoder: decoder::Opened,
    /// Watches for damage that it reports. Dropped after the decoder, which carries its key.
    watch: DamageWatch,
}

impl Decoder {
    /// Opens the decoder of a stream, with at most `threads` threads (0 for its own choice), by
    /// frames or by slices, whichever it supports. The stream's film grain is added to pictures, or
    /// only described beside them if `film_grain` is false.
    pub(super) fn open(
        stream: &Stream<'_>,
        threads: usize,
        film_grain: bool,
    ) -> Result<Self, Failure> {
        let mut context = Context::from_parameters(stream.parameters())?;
        let watch = DamageWatch::new();
        ffi::set_key(&mut context, watch.key());
        let mut decoder = context.decoder();
        decoder.set_packet_time_base(stream.time_base());
        let codec = ffi::find_decoder(stream).ok_or(Failure::NO_DECODER)?;
        let mut options = Dictionary::new();
        options.set("threads", &i32::try_from(threads).unwrap_or(0).to_string());
        options.set("thread_type", "frame+slice");
        if !film_grain {
            options.set("export_side_data", "film_grain");
        }
        Ok(Self { decoder: decoder.open_as_with(codec, options)?, watch })
    }

    /// Sends a packet, or the end of the stream.
    pub(super) fn send(&mut self, packet: Option<&Packet>) -> Result<(), Failure> {
        let sent = match packet {
            Some(packet) => self.decoder.send_packet(packet),
            None => self.decoder.send_eof(),
        };
        Ok(sent?)
    }

    /// Takes the next picture into `picture`.
    pub(super) fn receive(&mut self, picture: &mut Picture) -> Result<(), Failure> {
        Ok(self.decoder.receive_frame(&mut picture.frame)?)
    }

    /// Discards the packets it was sent, before a seek to another part of the stream.
    pub(super) fn flush(&mut self) {
        self.decoder.flush();
    }

    /// Leaves out pictures of later packets that no other picture refers to, as far as it can, if
    /// `is_wanted`; otherwise decodes them all.
    pub(super) fn skip_unreferenced(&mut self, is_wanted: bool) {
        let discard = if is_wanted { Discard::NonReference } else { Discard::Default };
        self.decoder.skip_frame(discard);
    }

    /// Returns true if it logged damage.
    pub(super) fn saw_damage(&self) -> bool {
        self.watch.saw_damage()
    }

    /// Returns the number of pictures of which it logged that it concealed parts.
    pub(super) fn concealed(&self) -> u64 {
        self.watch.concealed()
    }
}
