//! What an input may cost: the limits on what is unpacked from it, and the account that is kept of it. Archives and
//! compressed files are hostile: a few bytes may stand for a terabyte, or for boxes in boxes without end.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Compressions and archives inside each other. A support bundle with one archive a node (`bundle.zip!/node.tar.xz!/x.log.gz`)
/// has four.
pub const DEEPEST: usize = 6;

/// Members of the archives of one input, at all depths; more are not read.
pub const MOST_MEMBERS: u64 = 1_000_000;

/// Bytes that may be unpacked from one input, at all depths.
pub const MOST_UNPACKED: u64 = 1 << 40;

/// Bytes that one packed byte may become, of a member and of the whole input, once [`RATIO_FROM`] came out. Logs shrink to a
/// tenth, floods to a hundredth.
pub const HIGHEST_RATIO: u64 = 1000;

/// Bytes that may come out of an input at any ratio.
pub const RATIO_FROM: u64 = 64 << 20;

/// Bytes of archives that are held in memory at a time, because they can only be read by their end (zip inside another
/// archive). One that does not fit is read from the front.
pub const MOST_HELD: u64 = 64 << 20;

/// Bytes of names that the list of a zip archive may hold.
pub const LONGEST_LIST: usize = 64 << 20;

/// Bytes of a member's name that are kept; the rest is cut off.
pub const LONGEST_NAME: usize = 4096;

/// Bytes that a decoder of the outermost layer may keep for looking back, as a power of two: what `zstd --ultra -22` and
/// `--long` need. Each layer inside may keep half as much, so that all of them together stay below twice the first.
pub const WINDOW_LOG: u32 = 27;

/// Windows never get smaller than this, as a power of two: what the tools use by default (8 MiB).
const SMALLEST_WINDOW_LOG: u32 = 23;

/// The window of a decoder that stands in so many others, as a power of two.
pub fn window_log(depth: usize) -> u32 {
    WINDOW_LOG.saturating_sub(depth as u32).max(SMALLEST_WINDOW_LOG)
}

/// What one input has cost so far.
#[derive(Debug)]
pub struct Account {
    /// Bytes that the input has; no more can come in, however often parts of it are read.
    size: u64,
    came_in: AtomicU64,
    unpacked: AtomicU64,
    members: AtomicU64,
    spent: AtomicBool,
}

impl Account {
    /// Of an input of this size; `None` where it is not known.
    pub fn new(size: Option<u64>) -> Account {
        Account {
            size: size.filter(|&size| size > 0).unwrap_or(u64::MAX),
            came_in: AtomicU64::new(0),
            unpacked: AtomicU64::new(0),
            members: AtomicU64::new(0),
            spent: AtomicBool::new(false),
        }
    }

    /// So many bytes of the input itself were read.
    pub fn read(&self, bytes: u64) {
        self.came_in.fetch_add(bytes, Ordering::Relaxed);
    }

    /// So many more bytes were unpacked, `made` in all out of `used` by this decoder.
    ///
    /// # Errors
    /// Which limit is reached.
    pub fn unpack(&self, bytes: u64, made: u64, used: u64) -> io::Result<()> {
        let all = self.unpacked.fetch_add(bytes, Ordering::Relaxed) + bytes;
        let came_in = self.came_in.load(Ordering::Relaxed).min(self.size);
        let too_much = |out: u64, of: u64| out > RATIO_FROM && out / HIGHEST_RATIO > of;
        if all > MOST_UNPACKED {
            self.spent.store(true, Ordering::Relaxed);
            return Err(beyond(format!("more than {} GiB are unpacked from one input", MOST_UNPACKED >> 30)));
        }
        if too_much(all, came_in) {
            self.spent.store(true, Ordering::Relaxed);
            return Err(beyond(format!("all of it unpacks to more than {HIGHEST_RATIO} times its size")));
        }
        if too_much(made, used) {
            return Err(beyond(format!("it unpacks to more than {HIGHEST_RATIO} times its size")));
        }
        Ok(())
    }

    /// Counts a member. False where there are too many.
    pub fn member(&self) -> bool {
        self.members.fetch_add(1, Ordering::Relaxed) < MOST_MEMBERS
    }

    /// Nothing more may be unpacked from this input.
    pub fn is_spent(&self) -> bool {
        self.spent.load(Ordering::Relaxed)
    }
}

/// A limit is reached.
pub fn beyond(what: String) -> io::Error {
    io::Error::new(io::ErrorKind::QuotaExceeded, what)
}

/// What to do about an error of a stream.
pub fn advice(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::QuotaExceeded => {
            "what was read before counts; unpack it yourself and give the log or its directory"
        }
        io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData => {
            "what was read before counts; fetch the file again for the rest"
        }
        _ => "what was read before counts; copy the file and try again for the rest",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bomb_is_refused_and_a_flood_is_not() {
        let account = Account::new(None);
        account.read(1 << 20);
        assert!(account.unpack(RATIO_FROM, RATIO_FROM, 10).is_ok(), "little may come out at any ratio");
        assert!(account.unpack(1, RATIO_FROM + 1, 10).is_err());
        let account = Account::new(None);
        account.read(1 << 20);
        assert!(account.unpack(900 << 20, 900 << 20, 1 << 20).is_ok());
        assert!(account.unpack(200 << 20, 200 << 20, 1 << 20).is_err(), "all members together");
    }

    #[test]
    fn what_is_read_again_does_not_count_again() {
        let account = Account::new(Some(1 << 10));
        account.read(1 << 30);
        assert!(account.unpack(RATIO_FROM + 1, 1, 1).is_err() && account.is_spent());
    }

    #[test]
    fn the_whole_has_a_bound() {
        let account = Account::new(None);
        account.read(1 << 40);
        assert!(account.unpack(MOST_UNPACKED, MOST_UNPACKED, 1 << 40).is_ok() && !account.is_spent());
        assert!(account.unpack(1, 1, 1).is_err() && account.is_spent());
    }

    #[test]
    fn windows_halve() {
        assert_eq!([0, 1, 4, 9].map(window_log), [27, 26, 23, 23]);
    }
}
