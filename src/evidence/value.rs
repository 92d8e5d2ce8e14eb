//! A value inside an API object, JSON or YAML alike, asked field by field. What is absent and what has the wrong type read the
//! same: as nothing. So a reader of objects says which fields it needs, and nothing else of an object is ever built.

use super::json;
use super::yaml::{Content, Node};
use super::LONGEST_TEXT;

/// A value.
#[derive(Clone, Copy)]
pub(super) enum Value<'a> {
    /// Its text.
    Json(&'a str),
    /// Its tree.
    Yaml(&'a Node),
}

impl<'a> Value<'a> {
    /// The fields of an object under these names, in one pass; of a name that is given twice the last counts, as in Go.
    pub(super) fn fields<const N: usize>(self, names: [&str; N]) -> [Option<Value<'a>>; N] {
        let mut values = [None; N];
        self.entries(&mut |key, value| {
            for (slot, name) in values.iter_mut().zip(names) {
                if name == key {
                    *slot = Some(value);
                }
            }
        });
        values
    }

    /// One field of an object.
    pub(super) fn field(self, name: &str) -> Option<Value<'a>> {
        let [value] = self.fields([name]);
        value
    }

    /// Calls `found` with each key and value of an object.
    pub(super) fn entries(self, found: &mut dyn FnMut(&str, Value<'a>)) {
        match self {
            Value::Json(text) => json::entries(text, &mut |key, value| found(key, Value::Json(value))),
            Value::Yaml(Node { content: Content::Map(entries), .. }) => {
                for (key, value) in entries {
                    found(key, Value::Yaml(value));
                }
            }
            Value::Yaml(_) => {}
        }
    }

    /// Calls `found` with each element of a list.
    pub(super) fn each(self, found: &mut dyn FnMut(Value<'a>)) {
        match self {
            Value::Json(text) => json::each(text, &mut |value| found(Value::Json(value))),
            Value::Yaml(Node { content: Content::List(elements), .. }) => {
                for element in elements {
                    found(Value::Yaml(element));
                }
            }
            Value::Yaml(_) => {}
        }
    }

    /// A text, or a number as it is written; at most [`LONGEST_TEXT`] bytes of it.
    pub(super) fn text(self) -> Option<String> {
        let mut text = match self {
            Value::Json(text) => json::text(text)?.into_owned(),
            Value::Yaml(Node { content: Content::Scalar(text), .. }) => text.clone(),
            Value::Yaml(_) => return None,
        };
        if text.len() > LONGEST_TEXT {
            let end = (0..=LONGEST_TEXT).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
            text.truncate(end);
            text.shrink_to_fit();
        }
        Some(text)
    }

    /// A count: a whole number that is not below zero.
    pub(super) fn count(self) -> Option<u64> {
        self.text()?.parse().ok()
    }

    /// Bytes of `text` before the value, which must stand in it.
    pub(super) fn offset(self, text: &str) -> usize {
        match self {
            Value::Json(value) => (value.as_ptr() as usize).saturating_sub(text.as_ptr() as usize),
            Value::Yaml(node) => node.offset,
        }
    }
}

/// The text of a field that may be absent; empty where it is.
pub(super) fn text_of(value: Option<Value<'_>>) -> String {
    value.and_then(Value::text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::yaml::{self, Part};
    use super::*;

    /// Runs a check on the same object as JSON and as YAML, which JSON is too.
    fn both(text: &str, check: &dyn Fn(Value)) {
        check(Value::Json(text));
        yaml::read(text, &mut |part| {
            if let Part::Document(root, _) = part {
                check(Value::Yaml(root));
            }
        });
    }

    #[test]
    fn fields_of_either_form() {
        let text = r#"{"a": "x", "b": {"c": 3, "d": null}, "e": [1, "two"], "a": "y"}"#;
        both(text, &|value| {
            let [a, b, e, none] = value.fields(["a", "b", "e", "none"]);
            assert_eq!(text_of(a), "y");
            assert_eq!(text_of(b), "");
            assert_eq!(text_of(none), "");
            let [c, d] = b.map(|b| b.fields(["c", "d"])).unwrap_or_default();
            assert_eq!(c.and_then(Value::count), Some(3));
            assert_eq!(d.and_then(Value::text), None);
            assert_eq!(a.and_then(|a| a.field("x")).and_then(Value::text), None);
            let mut elements = Vec::new();
            e.into_iter().for_each(|e| e.each(&mut |element| elements.push(text_of(Some(element)))));
            assert_eq!(elements, ["1", "two"]);
            a.into_iter().for_each(|a| a.each(&mut |_| panic!("a text has no elements")));
        });
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        both(&format!("{{\"a\": \"x{}\"}}", "ü".repeat(LONGEST_TEXT)), &|value| {
            let text = text_of(value.field("a"));
            assert_eq!(text.len(), LONGEST_TEXT - 1);
        });
    }

    #[test]
    fn counts_are_whole_numbers() {
        both(r#"{"a": 1.5, "b": -1, "c": "7", "d": 99999999999999999999999, "e": [1]}"#, &|value| {
            let counts = value.fields(["a", "b", "c", "d", "e"]).map(|v| v.and_then(Value::count));
            assert_eq!(counts, [None, None, Some(7), None, None]);
        });
    }

    #[test]
    fn offsets_in_the_text() {
        let text = "{\n \"a\": {\"b\":\n 1}}";
        both(text, &|value| {
            let b = value.field("a").and_then(|a| a.field("b"));
            assert_eq!(b.map(|b| b.offset(text)), Some(15));
        });
    }
}
