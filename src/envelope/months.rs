//! Words for months. `journalctl -o short` follows the locale of whoever ran it, nothing else does.

/// Month of an English abbreviation, 1 to 12.
pub(super) fn english(word: [u8; 3]) -> Option<u8> {
    Some(match &word {
        b"Jan" => 1,
        b"Feb" => 2,
        b"Mar" => 3,
        b"Apr" => 4,
        b"May" => 5,
        b"Jun" => 6,
        b"Jul" => 7,
        b"Aug" => 8,
        b"Sep" => 9,
        b"Oct" => 10,
        b"Nov" => 11,
        b"Dec" => 12,
        _ => return None,
    })
}
