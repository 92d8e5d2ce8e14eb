//! What people and collectors put before a line: numbers and signs of a paste, the file's name of a search, the
//! prefix of `kubectl logs --prefix`, of docker compose and of talosctl.

use memchr::memchr;

use super::{kernel, klog, stamps, talos};

/// A line without what stood before it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stripped<'a> {
    pub(super) rest: &'a [u8],
    /// What stood before it.
    pub(super) prefix: &'a [u8],
    /// The node that the prefix names.
    pub(super) host: &'a [u8],
    /// The container that the prefix names. Then the rest is its log, whatever it looks like.
    pub(super) container: &'a [u8],
}

/// The longest name of a file or address before a line.
const LONGEST_NAME: usize = 128;

/// Takes one such thing off the start of a line.
pub(super) fn strip(line: &[u8]) -> Option<Stripped<'_>> {
    if let Some(stripped) = composed(line) {
        return Some(stripped);
    }
    if let Some(taken) = talos::node(line) {
        return Some(Stripped {
            rest: &line[taken..],
            prefix: &line[..taken],
            host: &line[..taken - 2],
            container: &[],
        });
    }
    let taken = match line.first()? {
        b'[' => return container(line),
        b'*' => dropped(line)?,
        b' ' => numbered(line).or_else(|| margin(line))?,
        b'0'..=b'9' => addressed(line).or_else(|| dropped(line)).or_else(|| numbered(line)).or_else(|| named(line))?,
        // An event stream of JSON entries.
        b'd' if line.starts_with(b"data: {") => 6,
        b'a'..=b'f' | b'A'..=b'F' | b':' => addressed(line).or_else(|| named(line))?,
        b'>' | b'|' | b'-' | b'+' => sign(line)?,
        // The record separator of a JSON sequence.
        0x1e => 1,
        // A blank that pages put where they must not break.
        0xc2 => line.starts_with(b"\xc2\xa0").then_some(2)?,
        0xef => line.starts_with(b"\xef\xbb\xbf").then_some(3)?,
        b'L' => searched(line).or_else(|| named(line))?,
        _ => named(line)?,
    };
    let prefix = &line[..taken];
    let name = prefix.strip_suffix(b": ").unwrap_or(&[]);
    let host = if address(name) { name } else { &[] };
    Some(Stripped { rest: &line[taken..], prefix, host, container: &[] })
}

/// `[pod/NAME/CONTAINER] `.
fn container(line: &[u8]) -> Option<Stripped<'_>> {
    let inner = line.strip_prefix(b"[pod/")?;
    let end = memchr(b']', &inner[..inner.len().min(4 * LONGEST_NAME)])?;
    let name = &inner[..end];
    let container = &name[memchr(b'/', name)? + 1..];
    let taken = line.len() - inner.len() + end + 1;
    let rest = &line[taken..];
    Some(Stripped { rest: rest.strip_prefix(b" ").unwrap_or(rest), prefix: &line[..taken], host: &[], container })
}

/// `NAME  | `, which docker compose pads to the longest name.
fn composed(line: &[u8]) -> Option<Stripped<'_>> {
    let letters = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let name = line.iter().take(LONGEST_NAME).take_while(letters).count();
    let blanks = line[name..].iter().take(LONGEST_NAME).take_while(|byte| **byte == b' ').count();
    let rest = line[name + blanks..].strip_prefix(b"| ").filter(|_| name > 0 && blanks > 1)?;
    let prefix = &line[..line.len() - rest.len()];
    Some(Stripped { rest, prefix, host: &[], container: &line[..name] })
}

/// Length of `  12. `, `12: `, `12:` or a number and blanks or a TAB, as `cat -n` writes it.
fn numbered(line: &[u8]) -> Option<usize> {
    let blanks = line.iter().take(8).take_while(|b| matches!(b, b' ' | b'\t')).count();
    let digits = line[blanks..].iter().take(8).take_while(|b| b.is_ascii_digit()).count();
    let at = blanks + digits;
    if digits == 0 {
        return None;
    }
    match line.get(at..)? {
        [b'.' | b':' | b')' | b'|' | b'-', b' ', ..] => Some(at + 2),
        [b':' | b'|' | b'-' | b'\t', ..] => Some(at + 1),
        [b' ', b' ', ..] => Some(at + 2),
        [b' ', rest @ ..] if sure(rest) => Some(at + 1),
        _ => None,
    }
}

/// The widest margin that a text puts before a pasted line.
const WIDEST_MARGIN: usize = 4;

/// Length of the blanks before a line whose shape is sure.
pub(super) fn margin(line: &[u8]) -> Option<usize> {
    let blanks = line.iter().take_while(|b| **b == b' ').count();
    let rest = &line[blanks..];
    (blanks <= WIDEST_MARGIN && sure(rest)).then_some(blanks)
}

/// Whether a line has a shape that no other text has.
fn sure(line: &[u8]) -> bool {
    stamps::syslog_shape(line) || klog::shape(line) || kernel::shape(line)
}

/// Length of `** 12 printk messages dropped ** `, which the kernel's console puts before the message that follows the loss. The
/// stars may be missing before it.
fn dropped(line: &[u8]) -> Option<usize> {
    let text = line.strip_prefix(b"** ").unwrap_or(line);
    let digits = text.iter().take(10).take_while(|byte| byte.is_ascii_digit()).count();
    let rest = text[digits..].strip_prefix(b" printk messages dropped **").filter(|_| digits > 0)?;
    Some(line.len() - rest.strip_prefix(b" ").unwrap_or(rest).len())
}

/// Length of `Line 123: `, which editors put before what they found.
fn searched(line: &[u8]) -> Option<usize> {
    let rest = line.strip_prefix(b"Line ")?;
    let digits = rest.iter().take(10).take_while(|b| b.is_ascii_digit()).count();
    (digits > 0 && rest[digits..].starts_with(b": ")).then_some(5 + digits + 2)
}

/// Length of `> `, `| `, `- `, `+ `, also without the blank.
fn sign(line: &[u8]) -> Option<usize> {
    Some(1 + usize::from(line.get(1) == Some(&b' ')))
}

/// Length of a file's name with its colon, `kubelet.log:`, or with the number of a line beside the one searched for,
/// `kubelet.log-12-`.
fn named(line: &[u8]) -> Option<usize> {
    if let Some(taken) = beside(line) {
        return Some(taken);
    }
    let end = memchr(b':', &line[..line.len().min(LONGEST_NAME)])?;
    let name = &line[..end];
    let file = name.iter().all(|b| b.is_ascii_graphic()) && name.iter().any(|b| matches!(b, b'.' | b'/'));
    file.then_some(end + 1)
}

/// Length of `kubelet.log-12-`.
fn beside(line: &[u8]) -> Option<usize> {
    let near = &line[..line.len().min(LONGEST_NAME)];
    let word = &near[..near.iter().take_while(|byte| byte.is_ascii_graphic() && **byte != b':').count()];
    let mut dashes = memchr::memchr_iter(b'-', word).peekable();
    while let (Some(first), Some(&second)) = (dashes.next(), dashes.peek()) {
        let number = &word[first + 1..second];
        if !number.is_empty() && number.iter().all(u8::is_ascii_digit) && word[..first].contains(&b'.') {
            return Some(second + 1);
        }
    }
    None
}

/// Length of an address with its colon and blank: `192.0.2.20: `.
fn addressed(line: &[u8]) -> Option<usize> {
    let name = line.iter().take(LONGEST_NAME).take_while(|b| b.is_ascii_hexdigit() || matches!(b, b'.' | b':')).count();
    let end = name.checked_sub(1).filter(|&end| line[end] == b':' && line.get(name) == Some(&b' '))?;
    address(&line[..end]).then_some(name + 1)
}

/// Whether a name is an IP address.
fn address(name: &[u8]) -> bool {
    std::str::from_utf8(name).is_ok_and(|name| name.parse::<std::net::IpAddr>().is_ok())
}
