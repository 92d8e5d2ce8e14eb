//! Values that a message names: `key="value"` of klog and logfmt in all their forms, fields of a JSON message.
//!
//! Nothing is parsed that is not asked for: a search for the key comes first, and only where it is found a walk tells whether it stands as a key or
//! inside another value.

use std::borrow::Cow;

use memchr::{memchr, memchr2, memmem};

use super::{json, unescape};

/// The value of `key`, decoded; of a key that occurs more than once the last, as loggers that add to a context mean it. In JSON an object's name
/// and namespace become `namespace/name`, other objects and arrays stay as written.
pub fn pair<'m>(message: &'m [u8], key: &str) -> Option<Cow<'m, [u8]>> {
    value_of(message, &memmem::Finder::new(key))
}

/// The same with a search for the key that was prepared once: preparing takes longer than searching a line.
pub fn value_of<'m>(message: &'m [u8], finder: &memmem::Finder<'_>) -> Option<Cow<'m, [u8]>> {
    let key = finder.needle();
    finder.find(message)?;
    if message.starts_with(b"{") {
        return json::fields(message).filter(|(name, _)| *name == key).last().map(|(_, value)| json_value(value));
    }
    let found = text_pairs(message).filter(|(name, _)| *name == key).last();
    match found {
        Some((_, value)) => Some(value.decoded()),
        None => console_field(message, key).or_else(|| unbalanced(message, key)),
    }
}

/// All pairs of a message, in order, for people and tests. Bytes that are no UTF-8 are shown as `\xNN`.
pub fn pairs(message: &[u8]) -> Vec<(String, String)> {
    let pair = |name: &[u8], value: &[u8]| (shown(name), shown(value));
    if message.starts_with(b"{") {
        return json::fields(message).map(|(name, value)| pair(name, &json_value(value))).collect();
    }
    text_pairs(message).map(|(name, value)| pair(name, &value.decoded())).collect()
}

/// Bytes as text, what is no UTF-8 escaped.
fn shown(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        chunk.invalid().iter().for_each(|byte| text.push_str(&format!("\\x{byte:02x}")));
    }
    text
}

/// A value of a JSON message, decoded.
fn json_value(value: &[u8]) -> Cow<'_, [u8]> {
    if let Some(text) = json::string(value) {
        return unescape::json(text);
    }
    object_name(value).unwrap_or(Cow::Borrowed(value))
}

/// `namespace/name` of an object that holds nothing else.
fn object_name(value: &[u8]) -> Option<Cow<'_, [u8]>> {
    let (mut name, mut namespace) = (None, None);
    for (key, value) in json::fields(value) {
        match key {
            b"name" => name = json::string(value),
            b"namespace" => namespace = json::string(value),
            _ => return None,
        }
    }
    match namespace {
        Some(namespace) => Some(Cow::Owned([namespace, b"/", name?].concat())),
        None => name.map(Cow::Borrowed),
    }
}

/// A value as it stands in a text.
#[derive(Debug, Clone, Copy)]
enum Value<'m> {
    /// What stands between quotes, escaped as Go does.
    Quoted(&'m [u8]),
    /// Without quotes.
    Plain(&'m [u8]),
    /// The lines between `=<` and ` >`.
    Lines(&'m [u8]),
}

impl<'m> Value<'m> {
    fn decoded(self) -> Cow<'m, [u8]> {
        match self {
            Value::Quoted(raw) => unescape::go(raw),
            Value::Plain(raw) => Cow::Borrowed(raw),
            Value::Lines(lines) if memchr(b'\n', lines).is_none() => Cow::Borrowed(without_margin(lines)),
            Value::Lines(lines) => {
                let lines: Vec<&[u8]> = lines.split(|&b| b == b'\n').map(without_margin).collect();
                Cow::Owned(lines.join(&b'\n'))
            }
        }
    }
}

/// A line of a value without the TAB before it, which journalctl prints as eight blanks.
fn without_margin(line: &[u8]) -> &[u8] {
    line.strip_prefix(b"\t").or_else(|| line.strip_prefix(b"        ")).unwrap_or(line)
}

/// Walks over the pairs of a text.
fn text_pairs(message: &[u8]) -> TextPairs<'_> {
    TextPairs { message, at: 0, closes: true }
}

/// Iterator over the keys and values of a text.
#[derive(Debug, Clone)]
struct TextPairs<'m> {
    message: &'m [u8],
    /// Where the search goes on; never within a quoted string.
    at: usize,
    /// No quote or bracket was found yet that nothing closes. After one, brackets are taken as letters and strings are short: else each would cost a
    /// search through the whole rest.
    closes: bool,
}

/// The longest string that is looked for once quotes or brackets do not balance.
const SHORT_STRING: usize = 1024;

impl<'m> Iterator for TextPairs<'m> {
    type Item = (&'m [u8], Value<'m>);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let message = self.message;
            let sign = self.at + memchr2(b'"', b'=', message.get(self.at..)?)?;
            self.at = sign + 1;
            if message[sign] == b'"' {
                if !self.closes {
                    continue;
                }
                if let Some(length) = self.string(sign) {
                    self.at = sign + length;
                }
            } else if let Some(key) = key_before(message, sign) {
                return Some((key, self.value()));
            }
        }
    }
}

impl<'m> TextPairs<'m> {
    /// Length of the quoted string at `at`.
    fn string(&mut self, at: usize) -> Option<usize> {
        let rest = self.message.get(at..).filter(|rest| rest.starts_with(b"\""))?;
        if !self.closes {
            return json::string_end(&rest[..rest.len().min(SHORT_STRING)]);
        }
        let length = json::string_end(rest);
        self.closes = length.is_some();
        length
    }

    /// Takes the value that begins here.
    fn value(&mut self) -> Value<'m> {
        let start = self.at;
        if let Some(length) = self.string(start) {
            self.at += length;
            return Value::Quoted(&self.message[start + 1..start + length - 1]);
        }
        if let Some(lines) = self.message[start..].strip_prefix(b"<\n") {
            let (end, next) = lines_end(lines);
            self.at += 2 + next;
            return Value::Lines(&lines[..end]);
        }
        self.at = self.plain_end();
        let value = &self.message[start..self.at];
        Value::Plain(value.strip_suffix(b",").unwrap_or(value))
    }

    /// Where a value without quotes ends: at the first blank outside brackets and strings. Where the brackets do not balance, before the next pair.
    fn plain_end(&mut self) -> usize {
        let start = self.at;
        let mut depth = 0_usize;
        let mut at = start;
        while let Some(&b) = self.message.get(at) {
            match b {
                b'"' if self.closes => {
                    at += self.string(at).unwrap_or(1);
                    continue;
                }
                b'[' | b'{' | b'(' if self.closes => depth += 1,
                b']' | b'}' | b')' if self.closes => match depth.checked_sub(1) {
                    Some(less) => depth = less,
                    None => return at,
                },
                b' ' | b'\n' if depth == 0 || !self.closes => return at,
                _ => {}
            }
            at += 1;
        }
        if depth == 0 {
            return at;
        }
        self.closes = false;
        start + next_pair(&self.message[start..])
    }
}

/// The key that ends before `sign`: letters, digits and `_./-`, at the start or behind a blank.
fn key_before(message: &[u8], sign: usize) -> Option<&[u8]> {
    let letters = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'/' | b'-');
    let len = message[..sign].iter().rev().take_while(letters).count();
    let start = sign - len;
    let at_margin = start == 0 || matches!(message[start - 1], b' ' | b'\t' | b'\n');
    let begins_well = message.get(start).is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_');
    (len > 0 && at_margin && begins_well).then(|| &message[start..sign])
}

/// Length of the lines before the one that ends a value, without their last line end, and where what follows the end begins. A collector may have
/// taken the blank before the sign.
fn lines_end(lines: &[u8]) -> (usize, usize) {
    if lines.starts_with(b" >") {
        return (0, 2);
    }
    let sign = |sign: &'static [u8]| memmem::find(lines, sign).map(|at| (at, at + sign.len()));
    sign(b"\n >").or_else(|| sign(b"\n> ")).unwrap_or((lines.len(), lines.len()))
}

/// Length of what stands before the next ` key=`.
fn next_pair(text: &[u8]) -> usize {
    let signs = memchr::memchr_iter(b'=', text);
    let keys = signs.filter_map(|sign| Some(sign - key_before(text, sign)?.len()));
    keys.filter(|&start| start > 0).map(|start| start - 1).next().unwrap_or(text.len())
}

/// A field of the JSON object that ends a line of zap's console form.
fn console_field<'m>(message: &'m [u8], key: &[u8]) -> Option<Cow<'m, [u8]>> {
    let object = &message[memmem::find(message, b"\t{")? + 1..];
    json::fields(object).filter(|(name, _)| *name == key).last().map(|(_, value)| json_value(value))
}

/// The last ` key="` of a text in which quotes do not balance: the walk then takes text for strings and strings for text. Within a string
/// the quote would be escaped, so the sign is sure; not so among the lines of a longer value.
fn unbalanced<'m>(message: &'m [u8], key: &[u8]) -> Option<Cow<'m, [u8]>> {
    if memmem::find(message, b"=<\n").is_some() {
        return None;
    }
    let sign = [b" ", key, b"=\""].concat();
    let at = memmem::rfind(message, &sign)? + sign.len() - 1;
    let end = json::string_end(&message[at..])?;
    Some(unescape::go(&message[at + 1..at + end - 1]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(message: &str, key: &str) -> Option<String> {
        pair(message.as_bytes(), key).map(|value| shown(&value))
    }

    #[test]
    fn values_in_all_their_forms() {
        let klog = "E0101 00:03:13.100000    1032 x.go:72] \"No pod=inside here\" err=\"failed for \\\"app\\\" pod=other\" \
                    pod=\"default/app-0\" event=&{ID:8f6f Type:Died} pods=[a/b c/d] nil=<nil> json={\"a\":\"x y\"} v=1 v=2";
        let cases = [
            ("err", "failed for \"app\" pod=other"),
            ("pod", "default/app-0"),
            ("event", "&{ID:8f6f Type:Died}"),
            ("pods", "[a/b c/d]"),
            ("nil", "<nil>"),
            ("json", "{\"a\":\"x y\"}"),
            ("v", "2"),
        ];
        for (key, wanted) in cases {
            assert_eq!(value(klog, key).as_deref(), Some(wanted), "{key}");
        }
        assert_eq!(value(klog, "ID"), None);
        assert_eq!(value(klog, "here"), None);
        assert_eq!(
            value("kubelet.service: Main process exited, code=exited, status=255/EXCEPTION", "code").as_deref(),
            Some("exited")
        );
        assert_eq!(value("event=[a b pod=\"x\"", "event").as_deref(), Some("[a b"));
        assert_eq!(value("event=[a b pod=\"x\" c=\"d e\"", "c").as_deref(), Some("d e"));
        assert_eq!(value("a stray \" quote pod=\"default/app-0\" x=\"", "pod").as_deref(), Some("default/app-0"));
    }

    #[test]
    fn values_of_several_lines() {
        let block = "E0101 00:03:13.100000    1032 x.go:72] \"Failed\" err=<\n\tone: pod=\"no\"\n        two\n\t >\n > pod=\"a/b\" e2=<\n\tlast\n >";
        assert_eq!(value(block, "err").as_deref(), Some("one: pod=\"no\"\ntwo\n >"));
        assert_eq!(value(block, "pod").as_deref(), Some("a/b"));
        assert_eq!(value(block, "e2").as_deref(), Some("last"));
        assert_eq!(value("x err=<\n\tnever closed", "err").as_deref(), Some("never closed"));
        assert_eq!(value("x err=<\n >", "err").as_deref(), Some(""));
        assert_eq!(value("x err=<\n\ta\n> pod=1", "pod").as_deref(), Some("1"));
        assert_eq!(value("x err=<", "err").as_deref(), Some("<"));
    }

    #[test]
    fn values_of_json_messages() {
        let json = r#"{"ts":1.5,"msg":"a \"b\" pod=x","pod":{"name":"app-0","namespace":"default"},"node":{"name":"n"},"l":[{"name":"a"}],"o":{"name":"a","x":1}}"#;
        let cases = [
            ("msg", "a \"b\" pod=x"),
            ("pod", "default/app-0"),
            ("node", "n"),
            ("l", r#"[{"name":"a"}]"#),
            ("o", r#"{"name":"a","x":1}"#),
            ("ts", "1.5"),
        ];
        for (key, wanted) in cases {
            assert_eq!(value(json, key).as_deref(), Some(wanted), "{key}");
        }
        assert_eq!(value(json, "name"), None);
        let console =
            "2026-11-25T03:39:19.160Z\tERROR\tcontroller\tz/main.go:25\tfailed\t{\"error\": \"no such host\"}";
        assert_eq!(value(console, "error").as_deref(), Some("no such host"));
    }
}
