//! What holds of any bytes taken for a journal, shared by the tests and the fuzzer: reading ends, in bounded time, and does not
//! depend on how much is read at once.

use std::io::Read;

use nodecause::envelope::journal::{Framed, Journal, Merged, Part, Troubles, WINDOW};
use nodecause::input::ReadAt;

/// Reads the bytes in every way there is; gives how many entries there were.
pub fn hold(bytes: &[u8]) -> u64 {
    let numbers = [0, WINDOW].map(|window| {
        let Ok(Ok(mut journal)) = Journal::open(Box::new(bytes.to_vec()), window) else { return (0, String::new()) };
        let mut sizes = 0_u64;
        while matches!(journal.advance(), Ok(true)) {
            let entry = journal.entry();
            assert!(entry.number <= bytes.len() as u64 / 64, "more entries than the file has room for");
            sizes = sizes.wrapping_mul(31).wrapping_add(entry.message.map_or(0, <[u8]>::len) as u64 ^ entry.seqnum);
        }
        (sizes, journal.loss().text())
    });
    assert_eq!(numbers[0], numbers[1], "the size of the window shows");
    let copy = bytes.to_vec();
    let opener = Box::new(move || Ok(Box::new(copy.clone()) as Box<dyn ReadAt>));
    let Ok(part) = Part::new("a".into(), opener) else { return 0 };
    let mut framed = Framed::new(Merged::new(vec![part]), Troubles::default());
    let mut frames = Vec::new();
    assert!(framed.read_to_end(&mut frames).is_ok());
    frames.len() as u64
}
