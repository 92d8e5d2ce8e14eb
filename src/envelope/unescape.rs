//! Undoes escapes: JSON strings, Go's quoted strings, rsyslog's `#` and three octal digits, journald's arrays of bytes. What is no valid
//! escape stays as it is written.

use std::borrow::Cow;

use memchr::memchr;

use super::json;

/// Decodes what stands between the quotes of a JSON string.
pub(super) fn json(raw: &[u8]) -> Cow<'_, [u8]> {
    backslashes(raw, json_escape)
}

/// Decodes what stands between the quotes of a Go string.
pub(super) fn go(raw: &[u8]) -> Cow<'_, [u8]> {
    backslashes(raw, go_escape)
}

/// Reads one escape behind the backslash: writes what it stands for, returns how many bytes it took.
type Escape = fn(&[u8], &mut Vec<u8>) -> Option<usize>;

/// Replaces each escape.
fn backslashes(raw: &[u8], escape: Escape) -> Cow<'_, [u8]> {
    let Some(first) = memchr(b'\\', raw) else {
        return Cow::Borrowed(raw);
    };
    let mut text = Vec::with_capacity(raw.len());
    text.extend_from_slice(&raw[..first]);
    let mut rest = &raw[first..];
    while let Some(at) = memchr(b'\\', rest) {
        text.extend_from_slice(&rest[..at]);
        let taken = escape(&rest[at + 1..], &mut text).unwrap_or_else(|| {
            text.push(b'\\');
            0
        });
        rest = &rest[at + 1 + taken..];
    }
    text.extend_from_slice(rest);
    Cow::Owned(text)
}

/// Escapes that JSON and Go share.
fn common_escape(letter: u8) -> Option<u8> {
    Some(match letter {
        b'n' => b'\n',
        b't' => b'\t',
        b'r' => b'\r',
        b'b' => 8,
        b'f' => 12,
        b'"' | b'\\' | b'/' => letter,
        _ => return None,
    })
}

fn json_escape(rest: &[u8], text: &mut Vec<u8>) -> Option<usize> {
    let letter = *rest.first()?;
    if let Some(byte) = common_escape(letter) {
        text.push(byte);
        return Some(1);
    }
    if letter != b'u' {
        return None;
    }
    let first = hex(rest.get(1..5)?)?;
    if (0xd800..0xdc00).contains(&first) {
        // The first half of a pair; without its second half it stands for no character.
        let low = rest.get(5..11).and_then(|pair| pair.strip_prefix(b"\\u")).and_then(hex);
        let low = low.filter(|low| (0xdc00..0xe000).contains(low));
        let code = low.map_or(0xfffd, |low| 0x10000 + ((first - 0xd800) << 10) + (low - 0xdc00));
        push_char(code, text);
        return Some(if low.is_some() { 11 } else { 5 });
    }
    push_char(first, text);
    Some(5)
}

fn go_escape(rest: &[u8], text: &mut Vec<u8>) -> Option<usize> {
    let letter = *rest.first()?;
    if let Some(byte) = common_escape(letter).filter(|_| letter != b'/') {
        text.push(byte);
        return Some(1);
    }
    match letter {
        b'a' => text.push(7),
        b'v' => text.push(11),
        b'\'' => text.push(b'\''),
        b'x' => {
            text.push(u8::try_from(hex(rest.get(1..3)?)?).ok()?);
            return Some(3);
        }
        b'u' => {
            push_char(hex(rest.get(1..5)?)?, text);
            return Some(5);
        }
        b'U' => {
            push_char(hex(rest.get(1..9)?)?, text);
            return Some(9);
        }
        b'0'..=b'3' => {
            text.push(octal(rest.get(..3)?)?);
            return Some(3);
        }
        _ => return None,
    }
    Some(1)
}

/// Undoes rsyslog's `#011`: only control characters are written so, any other number is text.
pub(super) fn hashes(raw: &[u8]) -> Cow<'_, [u8]> {
    let mut text = Vec::new();
    let mut copied = 0;
    for at in memchr::memchr_iter(b'#', raw) {
        let Some(byte) = raw.get(at + 1..at + 4).and_then(octal).filter(|&byte| byte < 32 || byte == 127) else {
            continue;
        };
        if at >= copied {
            text.extend_from_slice(&raw[copied..at]);
            text.push(byte);
            copied = at + 4;
        }
    }
    if copied == 0 {
        return Cow::Borrowed(raw);
    }
    text.extend_from_slice(&raw[copied..]);
    Cow::Owned(text)
}

/// Decodes a JSON array of numbers under 256; `None` where it is something else.
pub(super) fn bytes(array: &[u8]) -> Option<Vec<u8>> {
    let number = |element: &[u8]| std::str::from_utf8(element).ok()?.parse::<u8>().ok();
    json::elements(array).map(number).collect()
}

/// Value of hexadecimal digits.
fn hex(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |value, &b| Some((value << 4) | char::from(b).to_digit(16)?))
}

/// Value of three octal digits, if it is a byte.
fn octal(digits: &[u8]) -> Option<u8> {
    let value = digits.iter().try_fold(0, |value, &b| Some((value << 3) | char::from(b).to_digit(8)?))?;
    u8::try_from(value).ok()
}

/// Writes a character; what is none becomes the replacement character.
fn push_char(code: u32, text: &mut Vec<u8>) {
    let mut room = [0; 4];
    let character = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
    text.extend_from_slice(character.encode_utf8(&mut room).as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_strings() {
        assert_eq!(&*json(br#"a\"b\\c\/d\n\t\u003c\ud83d\ude80\ud83d"#), "a\"b\\c/d\n\t<\u{1f680}\u{fffd}".as_bytes());
        assert_eq!(&*json(br"cut \u00"), br"cut \u00");
        assert!(matches!(json(b"plain"), Cow::Borrowed(_)));
    }

    #[test]
    fn go_strings() {
        assert_eq!(
            &*go(br#"a\"b\\\n\x1b\xff\u00e9\U0001f680\a\101"#),
            b"a\"b\\\n\x1b\xff\xc3\xa9\xf0\x9f\x9a\x80\x07A"
        );
        assert_eq!(&*go(br"\q \x1"), br"\q \x1");
    }

    #[test]
    fn hashes_of_rsyslog() {
        assert_eq!(&*hashes(b"tab#011here#015 #180-Ubuntu ##012"), b"tab\there\r #180-Ubuntu #\n");
        assert!(matches!(hashes(b"#1 SMP"), Cow::Borrowed(_)));
    }

    #[test]
    fn arrays_of_bytes() {
        assert_eq!(bytes(b"[27,91 , 255]"), Some(vec![27, 91, 255]));
        assert_eq!(bytes(b"[256]"), None);
        assert_eq!(bytes(b"[\"one\"]"), None);
    }
}
