//! Open decoders.

use ffmpeg_next::codec::{Context, decoder};
use ffmpeg_next::{Dictionary, Discard, Packet, Stream};

use super::decoded::Picture;
use super::failure::Failure;
use super::ffi;
use super::ffi::log::Watch;

/// An open decoder.
pub(super) struct Decoder {
    decoder: decoder::Opened,
    /// The damage that it reports. Dropped after the decoder, which carries its key.
    watch: Watch,
}

impl Decoder {
    /// Opens the decoder of a stream, which is to use at most `threads` threads, 0 for its own
    /// choice, each on a frame of its own or on slices of one, whichever it can. Film grain that the
    /// stream describes is added to pictures, or described beside them.
    pub(super) fn open(
        stream: &Stream<'_>,
        threads: usize,
        film_grain: bool,
    ) -> Result<Self, Failure> {
        let mut context = Context::from_parameters(stream.parameters())?;
        let watch = Watch::new();
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

    /// Hands over a packet, or says that there are no more.
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

    /// Forgets the packets that it was handed, as another part of the stream is next.
    pub(super) fn flush(&mut self) {
        self.decoder.flush();
    }

    /// Has it leave out pictures of the packets that come next that no other refers to, where it can,
    /// or not.
    pub(super) fn leave_out_unreferenced(&mut self, is_wished: bool) {
        let discard = if is_wished { Discard::NonReference } else { Discard::Default };
        self.decoder.skip_frame(discard);
    }

    /// Whether it wrote of damage.
    pub(super) fn saw_damage(&self) -> bool {
        self.watch.saw_damage()
    }

    /// The number of pictures of which it wrote that it made up parts.
    pub(super) fn concealed(&self) -> u64 {
        self.watch.concealed()
    }
}
