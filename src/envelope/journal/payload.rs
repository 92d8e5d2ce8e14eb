//! Unpacks the values that journald compressed: each by itself, as a stream of xz, a block of lz4 behind its length, or a frame of
//! zstd. What a value claims of its own length is believed only up to a limit.

use std::io::Read;

use super::header::u64_at;

/// The longest value that is unpacked; a larger claim is taken for damage. journald's own limit of a field is 768 MiB, for core
/// dumps; of a log message nothing near that is of use.
pub const LARGEST_VALUE: u64 = 64 << 20;

/// Memory that unpacking xz may take: its dictionary. journald's is 8 MiB.
const XZ_MEMORY: u64 = 80 << 20;

/// The window of a zstd frame, as a power of two, that fits [`LARGEST_VALUE`].
const ZSTD_WINDOW: u32 = 26;

/// How many bytes lz4 can make of one.
const LZ4_RATIO: u64 = 255;

/// How a value is compressed: the flags of its object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    Xz,
    Lz4,
    Zstd,
}

impl Packing {
    /// `Ok(None)`: as it is. `Err`: flags that no object has.
    pub(super) fn of(flags: u8) -> Result<Option<Packing>, ()> {
        match flags {
            0 => Ok(None),
            1 => Ok(Some(Packing::Xz)),
            2 => Ok(Some(Packing::Lz4)),
            4 => Ok(Some(Packing::Zstd)),
            _ => Err(()),
        }
    }

    /// About how many bytes must be made to have the first `most` of a value. A block of lz4 can only be unpacked as a whole.
    pub(super) fn cost(self, packed: &[u8], most: usize) -> u64 {
        match self {
            Packing::Lz4 => u64_at(packed, 0).min(LARGEST_VALUE),
            Packing::Zstd => match zstd::zstd_safe::get_frame_content_size(packed) {
                Ok(Some(claimed)) => claimed.min(most as u64),
                _ => most as u64,
            },
            // What it will be is told only at its end; journald packs what is longer than 512 bytes.
            Packing::Xz => (packed.len() as u64).saturating_mul(XZ_RATIO).min(most as u64),
        }
    }
}

/// Bytes that xz makes of one, by far more than in any log.
const XZ_RATIO: u64 = 64;

/// Unpacks values; what it needs for that is made once.
#[derive(Default)]
pub(super) struct Unpacker {
    zstd: Option<zstd::bulk::Decompressor<'static>>,
    bytes: Vec<u8>,
}

/// Room that is kept for the next value.
const ROOM: usize = 1 << 20;

impl Unpacker {
    /// The first `most` bytes of a value, or all of a shorter one. `None` where the bytes are damaged or claim too much.
    pub(super) fn unpack(&mut self, packing: Packing, packed: &[u8], most: usize) -> Option<&[u8]> {
        if self.bytes.capacity() > ROOM {
            self.bytes = Vec::new();
        }
        self.bytes.clear();
        match packing {
            Packing::Xz => {
                let stream = liblzma::stream::Stream::new_stream_decoder(XZ_MEMORY, 0).ok()?;
                self.first(liblzma::read::XzDecoder::new_stream(packed, stream), most)?;
            }
            Packing::Lz4 => self.lz4(packed)?,
            Packing::Zstd => self.zstd(packed, most)?,
        }
        Some(&self.bytes[..self.bytes.len().min(most)])
    }

    fn lz4(&mut self, packed: &[u8]) -> Option<()> {
        let block = packed.get(8..)?;
        let claimed = u64_at(packed, 0);
        if claimed > LARGEST_VALUE || claimed > (block.len() as u64 + 16) * LZ4_RATIO {
            return None;
        }
        self.bytes.resize(claimed as usize, 0);
        let length = lz4_flex::block::decompress_into(block, &mut self.bytes).ok()?;
        self.bytes.truncate(length);
        Some(())
    }

    fn zstd(&mut self, packed: &[u8], most: usize) -> Option<()> {
        let claimed = zstd::zstd_safe::get_frame_content_size(packed).ok()?;
        match claimed {
            Some(claimed) if claimed > LARGEST_VALUE => None,
            Some(claimed) if claimed <= most as u64 => {
                if self.zstd.is_none() {
                    self.zstd = zstd::bulk::Decompressor::new().ok();
                }
                self.bytes.reserve(claimed as usize);
                self.zstd.as_mut()?.decompress_to_buffer(packed, &mut self.bytes).ok().map(|_| ())
            }
            _ => {
                let mut stream = zstd::stream::read::Decoder::with_buffer(packed).ok()?;
                stream.window_log_max(ZSTD_WINDOW).ok()?;
                self.first(stream, most)
            }
        }
    }

    /// The first bytes of a stream.
    fn first(&mut self, stream: impl Read, most: usize) -> Option<()> {
        stream.take(most as u64).read_to_end(&mut self.bytes).ok().map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silly_sizes_are_refused() {
        let mut unpacker = Unpacker::default();
        let lz4 = |size: u64, block: &[u8]| [&size.to_le_bytes()[..], block].concat();
        for packed in
            [lz4(1 << 45, b"\x10a"), lz4(LARGEST_VALUE, b"\x10a"), lz4(5, b""), lz4(2, b"\xf0\xff\xff\xff"), vec![0; 7]]
        {
            assert_eq!(unpacker.unpack(Packing::Lz4, &packed, 100), None, "{packed:?}");
        }
        // A zstd frame of one segment that claims 2^60 bytes, and one whose window alone would be 2 TiB.
        let claim = [&[0x28, 0xb5, 0x2f, 0xfd, 0xe0][..], &(1_u64 << 60).to_le_bytes(), &[1, 0, 0]].concat();
        let window = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xf8, 0x01, 0x00, 0x00];
        for packed in [&claim[..], &window, b"no frame"] {
            assert_eq!(unpacker.unpack(Packing::Zstd, packed, 100), None, "{packed:?}");
        }
        assert_eq!(unpacker.unpack(Packing::Xz, b"\xfd7zXZ\0\0\0", 100), None);
    }

    #[test]
    fn only_what_is_asked_for_is_unpacked() {
        let mut unpacker = Unpacker::default();
        let long = vec![b'x'; 3 << 20];
        let packed = zstd::bulk::compress(&long, 1).expect("bytes can be packed");
        assert_eq!(unpacker.unpack(Packing::Zstd, &packed, 50), Some(&long[..50]));
        assert_eq!(unpacker.unpack(Packing::Zstd, &packed, 4 << 20), Some(&long[..]));
        assert_eq!(unpacker.unpack(Packing::Zstd, &packed[..packed.len() - 1], 4 << 20), None);
    }
}
