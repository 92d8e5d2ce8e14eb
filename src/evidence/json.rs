//! JSON as slices of its text: a value is found, not built, so a list of 45 MB costs the memory of one object at a time, and
//! where a fact stands is known. What is cut or broken ends the reading; what was read before it stays.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// The values that stand one after another in a text: usually one; several where objects were printed one by one. The last may
/// be cut.
pub(super) fn documents(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        if !rest.starts_with(['{', '[']) {
            return None;
        }
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<IgnoredAny>();
        let end = match values.next() {
            Some(Ok(_)) => values.byte_offset(),
            _ => rest.len(),
        };
        let (document, after) = rest.split_at(end);
        rest = after;
        Some(document)
    })
}

/// Calls `found` with each key of an object and the text of its value.
pub(super) fn entries<'a>(object: &'a str, found: &mut dyn FnMut(&str, &'a str)) {
    walk(object, Walk { entry: found, list: None });
}

/// Calls `found` with the text of each element of a list.
pub(super) fn each<'a>(list: &'a str, found: &mut dyn FnMut(&'a str)) {
    let mut list_of = serde_json::Deserializer::from_str(list);
    // An error ends the list; its elements up to there were given already.
    let _ = Elements(found).deserialize(&mut list_of);
}

/// Calls `element` with each element of the list under the key `list` of an object, one at a time even where the list is cut,
/// and `entry` for the other keys.
pub(super) fn entries_and_list<'a>(
    object: &'a str,
    entry: &mut dyn FnMut(&str, &'a str),
    list: &str,
    element: &mut dyn FnMut(&'a str),
) {
    walk(object, Walk { entry, list: Some((list, element)) });
}

/// A string as it means, a number or truth value as it is written. `None` for all else.
pub(super) fn text(value: &str) -> Option<Cow<'_, str>> {
    match value.as_bytes().first()? {
        b'"' => serde_json::from_str::<Plain>(value).ok().map(|plain| plain.0),
        b'{' | b'[' | b'n' => None,
        _ => Some(Cow::Borrowed(value)),
    }
}

/// A string that is borrowed where nothing in it is escaped.
#[derive(serde::Deserialize)]
struct Plain<'a>(#[serde(borrow)] Cow<'a, str>);

fn walk<'a>(object: &'a str, walk: Walk<'_, 'a>) {
    // An error ends the object; its entries up to there were given already.
    let _ = serde_json::Deserializer::from_str(object).deserialize_any(walk);
}

/// Goes through an object.
struct Walk<'f, 'a> {
    entry: &'f mut dyn FnMut(&str, &'a str),
    list: Option<(&'f str, &'f mut dyn FnMut(&'a str))>,
}

impl<'a> Visitor<'a> for Walk<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(Plain(key)) = map.next_key()? {
            match &mut self.list {
                Some((name, element)) if *name == key => map.next_value_seed(Elements(element))?,
                _ => (self.entry)(&key, map.next_value::<&RawValue>()?.get()),
            }
        }
        Ok(())
    }
}

/// Goes through a list.
struct Elements<'f, 'a>(&'f mut dyn FnMut(&'a str));

impl<'a> DeserializeSeed<'a> for Elements<'_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for Elements<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(element) = list.next_element::<&RawValue>()? {
            (self.0)(element.get());
        }
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(()) // `"items": null` is how Go writes an empty list.
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_entries(object: &str) -> Vec<(String, String)> {
        let mut all = Vec::new();
        entries(object, &mut |key, value| all.push((key.to_owned(), value.to_owned())));
        all
    }

    fn of_list(list: &str) -> Vec<&str> {
        let mut all = Vec::new();
        each(list, &mut |value| all.push(value));
        all
    }

    #[test]
    fn values_are_slices() {
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        assert_eq!(of_entries(r#" {"a": 1, "b\n" : {"c": [2]} }"#), [pair("a", "1"), pair("b\n", r#"{"c": [2]}"#)]);
        assert_eq!(of_list("[1, [2], \"x\"]"), ["1", "[2]", "\"x\""]);
        assert_eq!(of_entries("[1]"), []);
        assert_eq!(of_list("{}"), [""; 0]);
        assert_eq!(of_list("null"), [""; 0]);
    }

    #[test]
    fn what_stands_before_a_fault_is_given() {
        assert_eq!(of_entries(r#"{"a": 1, "b": [1, 2"#), [("a".to_owned(), "1".to_owned())]);
        assert_eq!(of_list("[1, {\"a\": 2}, {\"a\": "), ["1", "{\"a\": 2}"]);
        let mut items = Vec::new();
        let mut keys = Vec::new();
        let cut = r#"{"kind": "List", "items": [{"a": 1}, {"b": 2}, {"c"#;
        entries_and_list(cut, &mut |key, _| keys.push(key.to_owned()), "items", &mut |item| items.push(item));
        assert_eq!((keys, items), (vec!["kind".to_owned()], vec![r#"{"a": 1}"#, r#"{"b": 2}"#]));
    }

    #[test]
    fn texts() {
        let cases = [
            (r#""a\u0041\"""#, Some("aA\"")),
            ("12.50", Some("12.50")),
            ("true", Some("true")),
            ("null", None),
            ("{}", None),
            ("[]", None),
            ("", None),
            (r#""cut"#, None),
        ];
        for (value, expected) in cases {
            assert_eq!(text(value).as_deref(), expected, "{value}");
        }
    }

    #[test]
    fn documents_one_after_another() {
        let of = |text: &'static str| documents(text).collect::<Vec<_>>();
        assert_eq!(of("{\"a\":1}\n{\"b\":2} "), ["{\"a\":1}", "{\"b\":2}"]);
        assert_eq!(of("[1]{\"cut\":"), ["[1]", "{\"cut\":"]);
        assert_eq!(of("{} I0105 a log"), ["{}"]);
        assert_eq!(of("I0105 a log"), [""; 0]);
        assert_eq!(of(""), [""; 0]);
        let deep = "[".repeat(1_000_000);
        assert_eq!(documents(&deep).count(), 1);
        assert_eq!(of_list(&deep), [""; 0]);
    }
}
