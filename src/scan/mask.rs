//! The part of an unknown message that stays the same from one occurrence to the next: numbers, ids and quoted names replaced.

/// Bytes of a masked text at most.
const LONGEST: usize = 240;

/// Writes the masked text of a message (without its klog header) to `out`.
pub(super) fn mask(message: &[u8], out: &mut Vec<u8>) {
    out.clear();
    let mut at = 0;
    while at < message.len() && out.len() < LONGEST {
        let byte = message[at];
        let start = at;
        match byte {
            b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => {
                while at < message.len()
                    && (message[at].is_ascii_alphanumeric() || matches!(message[at], b'-' | b'_' | b'.'))
                {
                    at += 1;
                }
                let word = &message[start..at];
                if word.iter().any(u8::is_ascii_digit) {
                    out.push(b'#');
                } else {
                    out.extend_from_slice(word);
                }
            }
            b'\n' => {
                // The first line of a message names it.
                break;
            }
            _ => {
                out.push(byte);
                at += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_is_replaced() {
        let mut out = Vec::new();
        mask(b"\"Failed\" pod=\"shop/web-5d8f-x2\" took 1.5s at 10.0.0.1:6443\nmore", &mut out);
        assert_eq!(String::from_utf8_lossy(&out), "\"Failed\" pod=\"shop/#\" took # at #:#");
    }
}
