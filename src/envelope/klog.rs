//! klog's text header: `L MMDD HH:MM:SS.uuuuuu PID FILE:LINE] `.

use memchr::memchr;

use super::{digits, stamps, Header, Severity};

/// Bytes of the fixed part: letter, date, time.
const FIXED: usize = 21;

/// The longest that is looked for the header's end in; source files have short names.
const LONGEST_HEADER: usize = 200;

/// Severity of klog's letter.
fn severity(letter: u8) -> Option<Severity> {
    Some(match letter {
        b'I' => Severity::Info,
        b'W' => Severity::Warning,
        b'E' => Severity::Error,
        b'F' => Severity::Fatal,
        _ => return None,
    })
}

/// Whether a line has the shape of a klog header, at a few fixed places only. [`header`] is the full reading.
pub(super) fn shape(line: &[u8]) -> bool {
    line.len() > 30
        && severity(line[0]).is_some()
        && line[5] == b' '
        && line[8] == b':'
        && line[11] == b':'
        && line[14] == b'.'
        && line[1].is_ascii_digit()
        && line[4].is_ascii_digit()
}

/// Reads the header that `message` begins with. The length includes the blank behind the bracket.
pub(super) fn header(message: &[u8]) -> Option<Header<'_>> {
    let severity = severity(*message.first()?)?;
    let stamp = stamps::klog(&message[1..])?;
    let rest = &message[FIXED..message.len().min(LONGEST_HEADER)];
    let (pid, place_at) = padded_pid(rest)?;
    let place = &rest[place_at..];
    let place = &place[..memchr(b']', place)?];
    let file = &place[..place.iter().rposition(|&b| b == b':')?];
    let end = FIXED + place_at + place.len() + 1;
    let len = end + usize::from(message.get(end) == Some(&b' '));
    Some(Header { severity, stamp: Some(stamp), pid, file, len })
}

/// The process id behind the time, right aligned in seven places or longer, and the bytes it takes with the blanks
/// around it.
fn padded_pid(rest: &[u8]) -> Option<(u32, usize)> {
    let usual = rest.first_chunk().filter(|_| rest.get(8) == Some(&b' '));
    if let Some(pid) = usual.and_then(|places: &[u8; 8]| digits::padded(*places)) {
        return Some((pid, 9));
    }
    let blanks = rest.iter().take_while(|&&b| b == b' ').count();
    let digits = rest[blanks..].iter().take_while(|b| b.is_ascii_digit()).count();
    let end = blanks + digits;
    if blanks == 0 || digits == 0 || rest.get(end) != Some(&b' ') {
        return None;
    }
    Some((pid(&rest[blanks..end]), end + 1))
}

/// Reads what people left of a header: `W0216 eviction_manager.go:329] text`, `I 7082 container_gc.go:85] text`.
/// Letter and place are enough.
pub(super) fn remains(message: &[u8]) -> Option<Header<'_>> {
    let severity = severity(*message.first()?)?;
    let near = &message[1..message.len().min(LONGEST_HEADER)];
    let figures = near.iter().take_while(|b| matches!(b, b'0'..=b'9' | b' ' | b':' | b'.')).count();
    let place = &near[figures..];
    let place = &place[..memchr(b']', place)?];
    let file = &place[..place.iter().rposition(|&b| b == b':')?];
    if figures == 0 || !file.ends_with(b".go") || file.contains(&b' ') {
        return None;
    }
    let end = 1 + figures + place.len() + 1;
    let len = end + usize::from(message.get(end) == Some(&b' '));
    Some(Header { severity, stamp: None, pid: 0, file, len })
}

/// What glog says before each line until the program has read its flags, which some programs never do.
const BEFORE_FLAGS: &[u8] = b"ERROR: logging before flag.Parse: ";

/// Reads a header behind glog's own complaint.
pub(super) fn before_flags(message: &[u8]) -> Option<Header<'_>> {
    let read = header(message.strip_prefix(BEFORE_FLAGS)?)?;
    Some(Header { len: BEFORE_FLAGS.len() + read.len, ..read })
}

/// Reads the last that may be left of a header: `kubelet.go:2267] text`.
pub(super) fn place(message: &[u8]) -> Option<Header<'_>> {
    let near = &message[..message.len().min(LONGEST_HEADER)];
    let letters = |byte: &&u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || **byte == b'_';
    let name = near.iter().take_while(letters).count();
    let rest = near[name..].strip_prefix(b".go:")?;
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let closed = digits > 0 && rest[digits..].starts_with(b"] ");
    let len = name + b".go:".len() + digits + b"] ".len();
    let file = &message[..name + b".go".len()];
    closed.then_some(Header { severity: Severity::Unknown, stamp: None, pid: 0, file, len })
}

/// A decimal pid; a number that is too large for one is none.
pub(super) fn pid(digits: &[u8]) -> u32 {
    let mut value: u32 = 0;
    for b in digits {
        match value.checked_mul(10).and_then(|v| v.checked_add(u32::from(b.wrapping_sub(b'0')))) {
            Some(next) => value = next,
            None => return 0,
        }
    }
    value
}
