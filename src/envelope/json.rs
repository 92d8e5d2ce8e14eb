//! Walks over the fields of one JSON object on a line, without building it: keys and values are slices as written. Made for log
//! lines, so it is lenient: what does not parse ends the walk. Nesting costs no stack.

use memchr::memchr2;

/// The fields of the object that `text` begins with; none where it begins with something else.
pub(super) fn fields(text: &[u8]) -> Fields<'_> {
    let rest = trim(text);
    Fields { rest: rest.strip_prefix(b"{").unwrap_or(&[]) }
}

/// Iterator over key and value, both as written; the key without its quotes.
#[derive(Debug, Clone)]
pub(super) struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Fields<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let rest = trim(self.rest);
        let key_end = string_end(rest)?;
        let key = &rest[1..key_end - 1];
        let rest = trim(trim(&rest[key_end..]).strip_prefix(b":")?);
        let end = value_end(rest)?;
        let value = &rest[..end];
        let after = trim(&rest[end..]);
        self.rest = after.strip_prefix(b",").unwrap_or(&[]);
        Some((key, value))
    }
}

/// The elements of the array that `value` is, as written.
pub(super) fn elements(value: &[u8]) -> Elements<'_> {
    Elements { rest: value.strip_prefix(b"[").unwrap_or(&[]) }
}

/// Iterator over the elements of an array.
#[derive(Debug, Clone)]
pub(super) struct Elements<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Elements<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let rest = trim(self.rest);
        let end = value_end(rest).filter(|&end| end > 0)?;
        let (value, after) = rest.split_at(end);
        self.rest = trim(after).strip_prefix(b",").unwrap_or(&[]);
        Some(value)
    }
}

/// What stands between the quotes of a string value, still escaped.
pub(super) fn string(value: &[u8]) -> Option<&[u8]> {
    value.strip_prefix(b"\"")?.strip_suffix(b"\"")
}

/// Without blanks at the start.
fn trim(text: &[u8]) -> &[u8] {
    let blanks = text.iter().take_while(|b| matches!(b, b' ' | b'\t' | b'\n' | b'\r')).count();
    &text[blanks..]
}

/// Length of the string that `text` begins with, quotes included.
pub(super) fn string_end(text: &[u8]) -> Option<usize> {
    if text.first() != Some(&b'"') {
        return None;
    }
    let mut at = 1;
    loop {
        at += memchr2(b'"', b'\\', text.get(at..)?)?;
        if text[at] == b'"' {
            return Some(at + 1);
        }
        at += 2;
    }
}

/// Length of the value that `text` begins with.
fn value_end(text: &[u8]) -> Option<usize> {
    match text.first()? {
        b'"' => string_end(text),
        b'{' | b'[' => nested_end(text),
        _ => Some(
            text.iter()
                .position(|b| matches!(b, b',' | b'}' | b']' | b' ' | b'\t' | b'\r' | b'\n'))
                .unwrap_or(text.len()),
        ),
    }
}

/// Length of an object or array, counting brackets outside strings.
fn nested_end(text: &[u8]) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(&b) = text.get(at) {
        match b {
            b'"' => {
                at += string_end(&text[at..])?;
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, String)> {
        let text_of = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        fields(text.as_bytes()).map(|(key, value)| (text_of(key), text_of(value))).collect()
    }

    #[test]
    fn fields_are_slices_as_written() {
        let object = r#" {"a":"x\"y\\","b" : [1,{"c":"]"}], "d":null,"e":-1.5}"#;
        let wanted = [("a", r#""x\"y\\""#), ("b", r#"[1,{"c":"]"}]"#), ("d", "null"), ("e", "-1.5")];
        assert_eq!(read(object), wanted.map(|(k, v)| (k.to_string(), v.to_string())));
        assert_eq!(elements(br#"["one", [1,2] ,null]"#).collect::<Vec<_>>(), [&b"\"one\""[..], b"[1,2]", b"null"]);
    }

    #[test]
    fn strings_of_any_length_end_where_they_end() {
        for length in 0..80 {
            let text = format!("\"{}\" x", "a".repeat(length));
            assert_eq!(string_end(text.as_bytes()), Some(length + 2));
            let escaped = format!("\"{}\\\"\\\\\"", "a".repeat(length));
            assert_eq!(string_end(escaped.as_bytes()), Some(escaped.len()));
            assert_eq!(string_end(&text.as_bytes()[..length + 1]), None);
        }
    }

    #[test]
    fn what_does_not_parse_ends_the_walk() {
        assert_eq!(read(r#"{"a":1,"b":"cut of"#).len(), 1);
        assert_eq!(read(r#"{"a":1,"b":[[["#).len(), 1);
        assert!(read("[1]").is_empty() && read("").is_empty() && read("{").is_empty());
        assert_eq!(elements(b"[").count(), 0);
    }
}
