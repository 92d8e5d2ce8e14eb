//! Bytes that can be read at any place: a file that lies on disk, or what was held of a stream. Binary journals need it, since
//! their entries point back at what they share with earlier ones.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// A source of known length whose bytes can be read in any order.
pub trait ReadAt: Send {
    /// Bytes in it, as they were when it was opened.
    fn length(&self) -> u64;

    /// Reads what stands at an offset; fewer bytes than asked for, even none, where the source ends or the system gives no more.
    ///
    /// # Errors
    /// What the file system says.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;
}

/// A file on disk.
#[derive(Debug)]
pub struct Places {
    file: File,
    length: u64,
}

/// Opens a file for reading at any place. `None` where it has no places: a pipe or a device.
///
/// # Errors
/// What the file system says.
pub fn places(path: &Path) -> io::Result<Option<Places>> {
    let file = File::open(path)?;
    let about = file.metadata()?;
    Ok(about.is_file().then(|| Places { length: about.len(), file }))
}

impl ReadAt for Places {
    fn length(&self) -> u64 {
        self.length
    }

    #[cfg(unix)]
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(&self.file, buffer, offset)
    }

    #[cfg(not(unix))]
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        use std::io::{Read, Seek, SeekFrom};
        // One reader uses a file at a time, so its place is nobody else's.
        let mut file = &self.file;
        file.seek(SeekFrom::Start(offset))?;
        file.read(buffer)
    }
}

impl ReadAt for Vec<u8> {
    fn length(&self) -> u64 {
        self.len() as u64
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let rest = usize::try_from(offset).ok().and_then(|offset| self.get(offset..)).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }
}

impl<S: ReadAt + Sync + ?Sized> ReadAt for Arc<S> {
    fn length(&self) -> u64 {
        (**self).length()
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        (**self).read_at(buffer, offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_in_memory_end_where_they_end() {
        let held = b"abcdef".to_vec();
        let mut buffer = [0; 4];
        for (offset, expected) in [(0, &b"abcd"[..]), (4, b"ef"), (6, b""), (u64::MAX, b"")] {
            let count = held.read_at(&mut buffer, offset).expect("memory can be read");
            assert_eq!(&buffer[..count], expected, "at {offset}");
        }
    }
}
