//! What is used of FFmpeg, made safe: files, decoders, packets and pictures. With
//! [`loaded`](super::loaded), [`log`](super::log), [`remote`](super::remote) and [`sws`](super::sws) the
//! place of `unsafe` code.

#![allow(unsafe_code, reason = "FFmpeg's C structures are read and its functions called here")]

use std::ffi::{CStr, CString, c_int};
use std::fmt;
use std::ptr;
use std::slice;

use ffmpeg_sys_next as sys;

use super::loaded::Functions;
use super::log::Watch;
use super::tracks::Track;
use crate::{Color, Orientation};

/// A failure, as FFmpeg's functions tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Failure(c_int);

impl Failure {
    /// The decoder wants a packet before it gives a picture.
    pub(super) const AGAIN: Self = Self(sys::AVERROR(libc::EAGAIN));
    /// There is no more.
    pub(super) const END: Self = Self(sys::AVERROR_EOF);
    const NO_DECODER: Self = Self(sys::AVERROR_DECODER_NOT_FOUND);
    pub(super) const NO_MEMORY: Self = Self(sys::AVERROR(libc::ENOMEM));
    pub(super) const NOT_FOUND: Self = Self(sys::AVERROR(libc::ENOENT));

    /// What a function returned that returns at least 0 where all is well.
    pub(super) fn check(code: c_int) -> Result<(), Self> {
        if code < 0 { Err(Self(code)) } else { Ok(()) }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [0; 128];
        if let Ok(av) = Functions::get() {
            // SAFETY: there is room for as many characters as it is told, and an end is written.
            unsafe { (av.av_strerror)(self.0, text.as_mut_ptr(), text.len()) };
        }
        // SAFETY: the last character is 0 at the latest.
        f.write_str(&unsafe { CStr::from_ptr(text.as_ptr()) }.to_string_lossy())
    }
}

/// An open file.
pub(super) struct Demuxer {
    av: &'static Functions,
    /// Never null, and ours alone.
    context: *mut sys::AVFormatContext,
}

// SAFETY: FFmpeg's structures may be used from any thread, by one at a time.
unsafe impl Send for Demuxer {}

impl Demuxer {
    /// Opens a file and looks at its streams.
    pub(super) fn open(av: &'static Functions, url: &str) -> Result<Self, Failure> {
        let url = CString::new(url).map_err(|_| Failure::NOT_FOUND)?;
        let mut context = ptr::null_mut();
        // SAFETY: a null context is to be allocated, and null stands for no format and no options.
        let opened = unsafe {
            (av.avformat_open_input)(&mut context, url.as_ptr(), ptr::null(), ptr::null_mut())
        };
        Failure::check(opened)?;
        let demuxer = Self { av, context };
        // SAFETY: the context was opened; null stands for no options.
        Failure::check(unsafe { (av.avformat_find_stream_info)(context, ptr::null_mut()) })?;
        Ok(demuxer)
    }

    /// What FFmpeg calls the file's format: names with commas between them.
    pub(super) fn format_name(&self) -> String {
        // SAFETY: an open context has a format, whose name is a C string.
        unsafe { text((*(*self.context).iformat).name) }
    }

    /// The file's streams, in order.
    pub(super) fn streams(&self) -> impl Iterator<Item = Stream<'_>> {
        // SAFETY: the context has as many streams as it says, which live as long as it.
        let streams = unsafe {
            let count = (*self.context).nb_streams as usize;
            (0..count).map(|index| &**(*self.context).streams.add(index))
        };
        streams.map(|stream| Stream { av: self.av, stream })
    }

    /// Reads the next packet, of any stream, into `packet`.
    pub(super) fn read(&mut self, packet: &mut Packet) -> Result<(), Failure> {
        // SAFETY: both are there; what the packet held is let go of first.
        Failure::check(unsafe {
            (self.av.av_packet_unref)(packet.packet);
            (self.av.av_read_frame)(self.context, packet.packet)
        })
    }
}

impl Demuxer {
    /// Goes to a key frame of stream `stream` at or before `time`, in units of that stream.
    pub(super) fn seek(&mut self, stream: c_int, time: i64) -> Result<(), Failure> {
        // SAFETY: the context is open, and any number and time may be asked for.
        Failure::check(unsafe {
            (self.av.av_seek_frame)(self.context, stream, time, sys::AVSEEK_FLAG_BACKWARD)
        })
    }

    /// When the last key frame at or before `time` that is listed of stream `stream` is decoded or
    /// shown, whichever the file lists.
    pub(super) fn key_frame_before(&self, stream: c_int, time: i64) -> Option<i64> {
        let place = usize::try_from(stream).ok()?;
        let find = self.av.avformat_index_get_entry_from_timestamp;
        // SAFETY: the context has as many streams as it says, each in the place of its number; what
        // is found lives until the file is read on.
        unsafe {
            if place >= (*self.context).nb_streams as usize {
                return None;
            }
            let stream = *(*self.context).streams.add(place);
            find(stream, time, sys::AVSEEK_FLAG_BACKWARD).as_ref().map(|entry| entry.timestamp)
        }
    }
}

impl Drop for Demuxer {
    fn drop(&mut self) {
        // SAFETY: the context is ours, and is not looked at again.
        unsafe { (self.av.avformat_close_input)(&mut self.context) };
    }
}

/// A stream of a file.
pub(super) struct Stream<'a> {
    av: &'static Functions,
    stream: &'a sys::AVStream,
}

impl Stream<'_> {
    fn parameters(&self) -> &sys::AVCodecParameters {
        // SAFETY: every stream has parameters, which live as long as it.
        unsafe { &*self.stream.codecpar }
    }

    /// What there is to know of it before it is chosen, if it is video.
    pub(super) fn track(&self) -> Option<Track> {
        let parameters = self.parameters();
        let kind = integer(&parameters.codec_type);
        let is = |disposition: c_int| self.stream.disposition & disposition != 0;
        (kind == sys::AVMediaType::AVMEDIA_TYPE_VIDEO as c_int).then(|| Track {
            index: u32::try_from(self.stream.index).unwrap_or_default(),
            codec: self.codec_name(),
            width: u32::try_from(parameters.width).unwrap_or_default(),
            height: u32::try_from(parameters.height).unwrap_or_default(),
            is_default: is(sys::AV_DISPOSITION_DEFAULT),
            // Thumbnails have this disposition beside their own.
            is_cover: is(sys::AV_DISPOSITION_ATTACHED_PIC),
            is_still: is(sys::AV_DISPOSITION_STILL_IMAGE),
        })
    }

    /// Its number among the file's streams.
    pub(super) fn index(&self) -> c_int {
        self.stream.index
    }

    /// The unit of its times, in seconds, as a fraction.
    pub(super) fn time_base(&self) -> [c_int; 2] {
        fraction(self.stream.time_base)
    }

    /// The average frame rate and that of its time stamps, 0 where they are not known.
    pub(super) fn frame_rates(&self) -> [[c_int; 2]; 2] {
        [self.stream.avg_frame_rate, self.stream.r_frame_rate].map(fraction)
    }

    /// How many frames the container says there are, 0 where it doesn't.
    pub(super) fn frames(&self) -> i64 {
        self.stream.nb_frames
    }

    /// Whether the file says that its frames are pairs of fields.
    pub(super) fn is_interlaced(&self) -> bool {
        let order = integer(&self.parameters().field_order);
        order > sys::AVFieldOrder::AV_FIELD_PROGRESSIVE as c_int
    }

    /// How its frames are to be turned and mirrored, where that is said for all of them. Newer versions
    /// of FFmpeg say it of each frame instead.
    pub(super) fn orientation(&self) -> Option<Orientation> {
        orientation(self.side_data(sys::AVPacketSideDataType::AV_PKT_DATA_DISPLAYMATRIX)?)
    }

    /// The profile of Dolby Vision, and what its base layer is compatible with, by the stream's
    /// configuration record.
    pub(super) fn dolby_vision(&self) -> Option<[u8; 2]> {
        // FFmpeg's structure is a byte for each of its fields.
        let record = self.side_data(sys::AVPacketSideDataType::AV_PKT_DATA_DOVI_CONF)?;
        Some([*record.get(2)?, *record.get(7)?])
    }

    /// What is said of all of the stream's packets.
    fn side_data(&self, kind: sys::AVPacketSideDataType) -> Option<&[u8]> {
        #[cfg(ffmpeg_6_1)]
        {
            let parameters = self.parameters();
            let count = usize::try_from(parameters.nb_coded_side_data).unwrap_or(0);
            // SAFETY: there are as many entries as the parameters say, and an entry has as many bytes
            // as it says; all live as long as the stream.
            let found = (0..count).find_map(|index| unsafe {
                let entry = &*parameters.coded_side_data.add(index);
                (integer(&entry.type_) == kind as c_int && !entry.data.is_null())
                    .then(|| slice::from_raw_parts(entry.data, entry.size))
            });
            if found.is_some() {
                return found;
            }
        }
        let find = self.av.av_stream_get_side_data?;
        let mut size = 0;
        // SAFETY: the stream is there; what is found lives as long as it, and has as many bytes as
        // it says.
        unsafe {
            let found = find(self.stream, kind as c_int, &raw mut size);
            (!found.is_null()).then(|| slice::from_raw_parts(found, size))
        }
    }

    /// Its number in the container: of a transport stream, that of its packets.
    pub(super) fn id(&self) -> c_int {
        self.stream.id
    }

    /// What FFmpeg calls its codec.
    pub(super) fn codec_name(&self) -> String {
        // SAFETY: any integer has a name, a C string.
        unsafe { text((self.av.avcodec_get_name)(integer(&self.parameters().codec_id))) }
    }

    /// How many packets the file's index promises. In MP4 the index lists each packet.
    pub(super) fn index_entries(&self) -> u64 {
        // SAFETY: the stream is there for as long as its file is borrowed.
        let entries = unsafe { (self.av.avformat_index_get_entries_count)(self.stream) };
        u64::try_from(entries).unwrap_or(0)
    }
}

/// A piece of a stream, as the file holds it.
pub(super) struct Packet {
    av: &'static Functions,
    packet: *mut sys::AVPacket,
}

// SAFETY: as for [`Demuxer`].
unsafe impl Send for Packet {}

impl Packet {
    pub(super) fn new(av: &'static Functions) -> Result<Self, Failure> {
        // SAFETY: it can be called at any time.
        let packet = unsafe { (av.av_packet_alloc)() };
        if packet.is_null() { Err(Failure::NO_MEMORY) } else { Ok(Self { av, packet }) }
    }

    /// The number of its stream.
    pub(super) fn stream(&self) -> c_int {
        // SAFETY: the packet is there.
        unsafe { (*self.packet).stream_index }
    }

    /// When its picture is shown, in units of its stream, where the file says.
    pub(super) fn timestamp(&self) -> Option<i64> {
        // SAFETY: the packet is there.
        Some(unsafe { (*self.packet).pts }).filter(|time| *time != sys::AV_NOPTS_VALUE)
    }

    /// Whether the file is damaged there.
    pub(super) fn is_corrupt(&self) -> bool {
        // SAFETY: the packet is there.
        unsafe { (*self.packet).flags & sys::AV_PKT_FLAG_CORRUPT != 0 }
    }
}

impl Drop for Packet {
    fn drop(&mut self) {
        // SAFETY: the packet is ours, and is not looked at again.
        unsafe { (self.av.av_packet_free)(&mut self.packet) };
    }
}

/// An open decoder.
pub(super) struct Decoder {
    av: &'static Functions,
    context: *mut sys::AVCodecContext,
    /// What it writes of damage. Dropped after the decoder, which knows it.
    watch: Watch,
}

// SAFETY: as for [`Demuxer`].
unsafe impl Send for Decoder {}

impl Decoder {
    /// Opens the decoder of a stream, which is to use at most `threads` threads, 0 for its own
    /// choice, each on a frame of its own or on slices of one, whichever it can. Film grain that the
    /// stream describes is added to pictures, or described beside them.
    pub(super) fn open(
        stream: &Stream<'_>,
        threads: usize,
        film_grain: bool,
    ) -> Result<Self, Failure> {
        let (av, parameters) = (stream.av, stream.parameters());
        // SAFETY: null stands for no codec yet.
        let context = unsafe { (av.avcodec_alloc_context3)(ptr::null()) };
        if context.is_null() {
            return Err(Failure::NO_MEMORY);
        }
        let decoder = Self { av, context, watch: Watch::new() };
        // SAFETY: the context is ours alone and not open yet, when these fields may be set. FFmpeg
        // never looks at what `opaque` points to, and neither does anyone else.
        Failure::check(unsafe {
            let result = (av.avcodec_parameters_to_context)(context, parameters);
            (*context).pkt_timebase = stream.stream.time_base;
            (*context).thread_count = c_int::try_from(threads).unwrap_or(0);
            (*context).thread_type = sys::FF_THREAD_FRAME | sys::FF_THREAD_SLICE;
            if !film_grain {
                (*context).export_side_data |= sys::AV_CODEC_EXPORT_DATA_FILM_GRAIN;
            }
            (*context).opaque = ptr::without_provenance_mut(decoder.watch.key());
            result
        })?;
        // SAFETY: any integer may be asked for.
        let codec = unsafe { (av.avcodec_find_decoder)(integer(&parameters.codec_id)) };
        if codec.is_null() {
            return Err(Failure::NO_DECODER);
        }
        // SAFETY: the codec is that of the context's parameters; null stands for no options.
        Failure::check(unsafe { (av.avcodec_open2)(context, codec, ptr::null_mut()) })?;
        Ok(decoder)
    }

    /// Hands over a packet, or says that there are no more.
    pub(super) fn send(&mut self, packet: Option<&Packet>) -> Result<(), Failure> {
        let packet = packet.map_or(ptr::null_mut(), |packet| packet.packet);
        // SAFETY: the decoder is open, and takes null for the end.
        Failure::check(unsafe { (self.av.avcodec_send_packet)(self.context, packet) })
    }

    /// Takes the next picture into `picture`.
    pub(super) fn receive(&mut self, picture: &mut Picture) -> Result<(), Failure> {
        // SAFETY: the decoder is open; what the picture held it lets go of.
        Failure::check(unsafe { (self.av.avcodec_receive_frame)(self.context, picture.frame) })
    }

    /// Forgets what it was handed, as another part of the stream is next.
    pub(super) fn flush(&mut self) {
        // SAFETY: the decoder is open.
        unsafe { (self.av.avcodec_flush_buffers)(self.context) };
    }

    /// Whether it leaves out pictures of the packets that come next that no other refers to, where
    /// it can.
    pub(super) fn leave_out_unreferenced(&mut self, is_wished: bool) {
        let discard = if is_wished {
            sys::AVDiscard::AVDISCARD_NONREF
        } else {
            sys::AVDiscard::AVDISCARD_DEFAULT
        };
        // SAFETY: the decoder is open; this field may be set before any packet.
        unsafe { (*self.context).skip_frame = discard };
    }

    /// Whether it wrote of damage.
    pub(super) fn saw_damage(&self) -> bool {
        self.watch.saw_damage()
    }

    /// In how many pictures it wrote that it made up parts.
    pub(super) fn concealed(&self) -> u64 {
        self.watch.concealed()
    }
}

impl Drop for Decoder {
    fn drop(&mut self) {
        // SAFETY: the context is ours, and is not looked at again.
        unsafe { (self.av.avcodec_free_context)(&mut self.context) };
    }
}

/// A decoded picture, or none yet.
pub(super) struct Picture {
    av: &'static Functions,
    frame: *mut sys::AVFrame,
}

// SAFETY: as for [`Demuxer`].
unsafe impl Send for Picture {}

impl Picture {
    pub(super) fn new(av: &'static Functions) -> Result<Self, Failure> {
        // SAFETY: it can be called at any time.
        let frame = unsafe { (av.av_frame_alloc)() };
        if frame.is_null() { Err(Failure::NO_MEMORY) } else { Ok(Self { av, frame }) }
    }

    pub(super) fn fields(&self) -> &sys::AVFrame {
        // SAFETY: the frame is there and ours.
        unsafe { &*self.frame }
    }

    pub(super) fn width(&self) -> u32 {
        u32::try_from(self.fields().width).unwrap_or(0)
    }

    pub(super) fn height(&self) -> u32 {
        u32::try_from(self.fields().height).unwrap_or(0)
    }

    /// What FFmpeg calls its pixel format.
    pub(super) fn pixel_format(&self) -> String {
        // SAFETY: any integer may be asked for; the name is a C string or null.
        unsafe { text((self.av.av_get_pix_fmt_name)(self.fields().format)) }
    }

    /// Whether it uses the full range, where that is said.
    pub(super) fn full_range(&self) -> Option<bool> {
        let range = integer(&self.fields().color_range);
        let is = |other: sys::AVColorRange| range == other as c_int;
        if is(sys::AVColorRange::AVCOL_RANGE_JPEG) {
            Some(true)
        } else {
            is(sys::AVColorRange::AVCOL_RANGE_MPEG).then_some(false)
        }
    }

    /// What its samples mean in colour, as far as it says.
    pub(super) fn color(&self) -> Color {
        /// H.273's code point for what is not specified.
        const UNSPECIFIED: c_int = 2;
        type Name = unsafe extern "C" fn(c_int) -> *const std::ffi::c_char;
        let named = |code: c_int, name: Name| {
            // SAFETY: any integer may be asked for; the name is a C string or null.
            let name = (code != UNSPECIFIED).then(|| unsafe { text(name(code)) });
            name.filter(|name| !name.is_empty() && name != "reserved")
        };
        let (av, fields) = (self.av, self.fields());
        Color {
            primaries: named(integer(&fields.color_primaries), av.av_color_primaries_name),
            transfer: named(integer(&fields.color_trc), av.av_color_transfer_name),
            matrix: named(integer(&fields.colorspace), av.av_color_space_name),
        }
    }

    /// Whether it says that it is a pair of fields.
    pub(super) fn is_interlaced(&self) -> bool {
        #[cfg(ffmpeg_6_1)]
        {
            /// FFmpeg's flag, which older headers lack.
            const INTERLACED: c_int = 1 << 3;
            self.fields().flags & INTERLACED != 0
        }
        #[cfg(not(ffmpeg_6_1))]
        {
            self.fields().interlaced_frame != 0
        }
    }

    /// Codes of all that is said of its samples: as long as these stay the same, so does that.
    pub(super) fn codes(&self) -> [c_int; 7] {
        let fields = self.fields();
        let aspect = fields.sample_aspect_ratio;
        [
            integer(&fields.color_range),
            integer(&fields.color_primaries),
            integer(&fields.color_trc),
            integer(&fields.colorspace),
            c_int::from(self.is_interlaced()),
            aspect.num,
            aspect.den,
        ]
    }

    /// How wide a pixel is in units of its height, 0 where that is not known.
    pub(super) fn sample_aspect(&self) -> Option<[c_int; 2]> {
        Some(fraction(self.fields().sample_aspect_ratio))
    }

    /// How it is to be turned and mirrored, where it says.
    pub(super) fn orientation(&self) -> Option<Orientation> {
        let kind = sys::AVFrameSideDataType::AV_FRAME_DATA_DISPLAYMATRIX as c_int;
        // SAFETY: the frame is there; what is found lives as long as it, and has as many bytes as
        // it says.
        let matrix = unsafe {
            let found = (self.av.av_frame_get_side_data)(self.frame, kind).as_ref()?;
            slice::from_raw_parts(found.data, found.size)
        };
        orientation(matrix)
    }

    /// When it is shown, in units of its stream.
    pub(super) fn timestamp(&self) -> Option<i64> {
        Some(self.fields().best_effort_timestamp).filter(|time| *time != sys::AV_NOPTS_VALUE)
    }

    /// Whether the decoder says that it is damaged.
    pub(super) fn is_damaged(&self) -> bool {
        let fields = self.fields();
        fields.decode_error_flags != 0 || fields.flags & sys::AV_FRAME_FLAG_CORRUPT != 0
    }

    /// Whether film grain is described beside it, which its samples lack.
    pub(super) fn lacks_grain(&self) -> bool {
        let kind = sys::AVFrameSideDataType::AV_FRAME_DATA_FILM_GRAIN_PARAMS as c_int;
        // SAFETY: the frame is there.
        !unsafe { (self.av.av_frame_get_side_data)(self.frame, kind) }.is_null()
    }

    /// The colours of a picture whose samples are indices: alpha, red, green and blue, from the high
    /// byte to the low one.
    pub(super) fn palette(&self) -> Option<[u32; 256]> {
        if self.pixel_format() != "pal8" || self.fields().data[1].is_null() {
            return None;
        }
        // SAFETY: the second plane of this format is a table of 256 colours, whatever its stride is
        // said to be. It need not be aligned.
        Some(unsafe { self.fields().data[1].cast::<[u32; 256]>().read_unaligned() })
    }

    /// The first `bytes` bytes of row `y` of plane `plane`, of which the caller knows by the
    /// pixel format and the size that they are there; `None` where there is no such plane or its
    /// rows are shorter.
    pub(super) fn row(&self, plane: usize, y: usize, bytes: usize) -> Option<&[u8]> {
        if y >= self.height() as usize {
            return None;
        }
        let fields = self.fields();
        let (data, stride) = (*fields.data.get(plane)?, *fields.linesize.get(plane)? as isize);
        if data.is_null() || stride.unsigned_abs() < bytes {
            return None;
        }
        let offset = isize::try_from(y).ok()?.checked_mul(stride)?;
        // SAFETY: FFmpeg's planes have `stride` bytes from row to row, negative where rows go
        // upwards, and as many rows as the pixel format and the height say; `y` is below the
        // height, and a row's first `bytes` are within `stride`. The picture is borrowed for as
        // long as the slice.
        Some(unsafe { slice::from_raw_parts(data.offset(offset), bytes) })
    }
}

impl Drop for Picture {
    fn drop(&mut self) {
        // SAFETY: the frame is ours, and is not looked at again.
        unsafe { (self.av.av_frame_free)(&mut self.frame) };
    }
}

/// The orientation that a display matrix gives, which has a column for depth behind its two.
fn orientation(matrix: &[u8]) -> Option<Orientation> {
    let [a, b, _, c, d, ..] = matrix.as_chunks().0.first_chunk::<9>()?.map(i32::from_ne_bytes);
    Some(Orientation::from_matrix([a, b, c, d]))
}

/// The value of a C enumeration, whether or not the header knows it.
fn integer<T>(enumeration: &T) -> c_int {
    const { assert!(size_of::<T>() == size_of::<c_int>()) };
    // SAFETY: C's enumerations are integers of this size.
    unsafe { ptr::from_ref(enumeration).cast::<c_int>().read() }
}

fn fraction(value: sys::AVRational) -> [c_int; 2] {
    [value.num, value.den]
}

/// What a C string says; nothing where it is null.
///
/// # Safety
/// `text` must be null or a C string.
unsafe fn text(text: *const std::ffi::c_char) -> String {
    if text.is_null() {
        return String::new();
    }
    // SAFETY: by this function's contract.
    unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
}

#[cfg(test)]
mod borrowed;
