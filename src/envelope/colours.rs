//! Terminal sequences: colours of journalctl, dmesg, kubectl and of programs themselves.

use std::borrow::Cow;

use memchr::memchr;

/// Escape, with which each sequence begins.
pub(super) const ESC: u8 = 0x1b;

/// Length of the sequence that `text` begins with: `ESC [ … letter`, or `ESC ] … BEL` or `ESC \`. Zero where it begins with none.
fn sequence(text: &[u8]) -> usize {
    match text {
        [ESC, b'[', rest @ ..] => {
            let middle = rest.iter().take_while(|b| matches!(b, b'0'..=b'?' | b' '..=b'/')).count();
            if rest.get(middle).is_some_and(|b| (b'@'..=b'~').contains(b)) {
                middle + 3
            } else {
                0
            }
        }
        [ESC, b']', rest @ ..] => {
            let end = rest.iter().position(|&b| b == 7 || b == ESC);
            match end.map(|end| (end, rest[end], rest.get(end + 1))) {
                Some((end, 7, _)) => end + 3,
                Some((end, ESC, Some(b'\\'))) => end + 4,
                _ => 0,
            }
        }
        _ => 0,
    }
}

/// Without the sequences at the start.
pub(super) fn skip(mut text: &[u8]) -> &[u8] {
    loop {
        match sequence(text) {
            0 => return text,
            len => text = &text[len..],
        }
    }
}

/// Without any sequence. An ESC that begins none stays.
pub(super) fn strip(text: &[u8]) -> Cow<'_, [u8]> {
    let mut kept = Vec::new();
    let (mut copied, mut at) = (0, 0);
    while let Some(found) = text.get(at..).and_then(|rest| memchr(ESC, rest)) {
        at += found;
        let len = sequence(&text[at..]);
        if len > 0 {
            kept.extend_from_slice(&text[copied..at]);
            copied = at + len;
        }
        at += len.max(1);
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    kept.extend_from_slice(&text[copied..]);
    Cow::Owned(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_are_taken_out() {
        assert_eq!(&*strip(b"a\x1b[0;1;38:5:185mb\x1b[0mc\x1b]8;;http://x\x07d\x1b]0;t\x1b\\e"), b"abcde");
        assert_eq!(&*strip(b"bare \x1b and cut \x1b[31"), b"bare \x1b and cut \x1b[31");
        assert_eq!(skip(b"\x1b[32m\x1b[0m[ 1.0]"), b"[ 1.0]");
    }
}
