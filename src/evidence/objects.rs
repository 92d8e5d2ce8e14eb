//! Finds the API objects of a file, alone or in lists, JSON or YAML, and hands each to the reader of its kind.

use super::found::Found;
use super::value::{text_of, Value};
use super::yaml::{self, Part};
use super::{config, events, json, node, pods, Evidence};

/// Bytes of a mark that some editors put before a text.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// The kinds of objects that hold evidence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kind {
    Configuration,
    Node,
    Event,
    Pod,
}

impl Kind {
    /// As reports name it.
    fn name(self) -> &'static str {
        match self {
            Kind::Configuration => "kubelet configuration",
            Kind::Node => "node",
            Kind::Event => "events",
            Kind::Pod => "pods",
        }
    }

    /// By `kind` and `apiVersion`: other groups have nodes and events of their own (an audit log's `Event` is a request).
    fn of(kind: &str, version: &str) -> Option<Kind> {
        let core = version == "v1" || version.is_empty();
        match kind {
            "Node" if core => Some(Kind::Node),
            "Pod" if core => Some(Kind::Pod),
            "Event" if core || version.starts_with("events.k8s.io/") => Some(Kind::Event),
            "KubeletConfiguration" => Some(Kind::Configuration),
            _ => None,
        }
    }

    /// Of an object that stands alone.
    pub(super) fn of_object(object: Value<'_>) -> Option<Kind> {
        let [kind, version] = object.fields(["kind", "apiVersion"]).map(text_of);
        if kind.is_empty() {
            Kind::of_shape(object)
        } else {
            Kind::of(&kind, &version)
        }
    }

    /// By the fields that only this kind has: elements of a list as the API server sends it do not name theirs.
    fn of_shape(object: Value<'_>) -> Option<Kind> {
        let [hard, soft, involved, regarding, spec, status] =
            object.fields(["evictionHard", "evictionSoft", "involvedObject", "regarding", "spec", "status"]);
        let has = |value: Option<Value<'_>>, name: &str| value.and_then(|v| v.field(name)).is_some();
        if hard.is_some() || soft.is_some() {
            Some(Kind::Configuration)
        } else if has(involved, "kind") || has(regarding, "kind") {
            Some(Kind::Event)
        } else if has(status, "nodeInfo") {
            Some(Kind::Node)
        } else if has(spec, "containers") && has(status, "phase") {
            Some(Kind::Pod)
        } else {
            None
        }
    }

    /// By the name of the file, for an empty `List`.
    fn of_name(name: &str) -> Option<Kind> {
        let file = name.rsplit('/').next().unwrap_or(name);
        [("event", Kind::Event), ("node", Kind::Node), ("pod", Kind::Pod)]
            .into_iter()
            .find_map(|(word, kind)| file.contains(word).then_some(kind))
    }
}

/// Reads a file that holds such objects; `None` where it holds none.
pub(super) fn read(name: &str, bytes: &[u8]) -> Option<Evidence> {
    let text = text_of_file(bytes);
    let mut found = Found::default();
    let kind = walk(name, text, &mut |kind, object| {
        match kind {
            Kind::Configuration => config::facts(object, text, &mut found),
            Kind::Node => node::facts(object, text, &mut found),
            Kind::Event => events::facts(events::of_object(object, text), &mut found),
            Kind::Pod => pods::facts(object, text, &mut found),
        }
        found.end_object();
    })?;
    Some(found.evidence(kind.name(), text.as_bytes(), if bytes.starts_with(MARK) { MARK.len() } else { 0 }))
}

/// Calls `found` with each object of a text.
pub(super) fn each(text: &str, found: &mut dyn FnMut(Kind, Value<'_>)) {
    walk("", text, found);
}

/// The same; gives the first kind found.
fn walk(name: &str, text: &str, found: &mut dyn FnMut(Kind, Value<'_>)) -> Option<Kind> {
    let mut objects = Objects { name, text, kind: None, elements: false, found };
    match text.trim_start().as_bytes().first()? {
        b'{' | b'[' => objects.read_json(),
        _ if may_be_yaml(text) => objects.read_yaml(),
        _ => {}
    }
    objects.kind
}

/// What is read of a file: text, behind a mark that some editors put there.
pub(super) fn text_of_file(bytes: &[u8]) -> &str {
    valid_part(bytes.strip_prefix(MARK).unwrap_or(bytes))
}

/// The text up to the first byte that is no UTF-8: API objects are UTF-8 throughout, unless the file was cut or damaged there.
fn valid_part(bytes: &[u8]) -> &str {
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => bytes.get(..error.valid_up_to()).and_then(|b| std::str::from_utf8(b).ok()).unwrap_or_default(),
    }
}

/// Whether a text can be YAML with such an object, so that logs and other manifests are not parsed in vain: its first line is
/// a key, a list's element or a document's start, and it names one of the kinds.
fn may_be_yaml(text: &str) -> bool {
    let mut lines = text.lines().filter(|line| !line.trim_start().is_empty() && !line.starts_with('#'));
    let Some(first) = lines.next() else { return false };
    let is_key = |line: &str| {
        let name = line.trim_start_matches("- ").split(':').next().unwrap_or_default();
        line.contains(':') && !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'"')
    };
    let starts = first.starts_with("---") || first.starts_with('%') || is_key(first);
    starts
        && (names_kind(text)
            || text.contains("evictionHard")
            || text.contains("evictionSoft")
            || text.contains("kubeletconfig"))
}

/// Longest stretch after `kind` in which its value must stand.
const KIND_WITHIN: usize = 64;

/// Whether a `kind:` of a text is one of those that are read.
fn names_kind(text: &str) -> bool {
    memchr::memmem::find_iter(text.as_bytes(), "kind").any(|at| {
        let after = text.as_bytes()[at..].iter().copied().skip("kind".len()).take(KIND_WITHIN);
        let value = after.skip_while(|byte| b"\"': ".contains(byte)).take_while(u8::is_ascii_alphanumeric);
        let name: String = value.map(char::from).collect();
        name == "List" || Kind::of(name.strip_suffix("List").unwrap_or(&name), "").is_some()
    })
}

/// The objects of one file, as they come.
struct Objects<'a, 'f> {
    name: &'a str,
    text: &'a str,
    /// The first kind found.
    kind: Option<Kind>,
    /// Whether a list had elements, of whatever kind.
    elements: bool,
    found: &'f mut dyn FnMut(Kind, Value<'_>),
}

impl<'a> Objects<'a, '_> {
    fn read_json(&mut self) {
        for document in json::documents(self.text) {
            if document.starts_with('[') {
                json::each(document, &mut |item| self.object(Value::Json(item), None));
            } else {
                self.json_document(document);
            }
            if self.kind.is_none() {
                return; // A log of JSON lines shows with its first line that it is none of this.
            }
        }
    }

    fn json_document(&mut self, document: &'a str) {
        let root = Value::Json(document);
        let list = List::of(root);
        json::entries_and_list(document, &mut |_, _| {}, "items", &mut |item| {
            self.object(Value::Json(item), Some(&list))
        });
        if self.elements || root.field("items").is_some() {
            self.end_list(&list);
        } else {
            self.object(root, None);
        }
    }

    fn read_yaml(&mut self) {
        yaml::read(self.text, &mut |part| match part {
            Part::Item(item, root) => self.object(Value::Yaml(item), Some(&List::of(Value::Yaml(root)))),
            Part::Document(root, true) => self.end_list(&List::of(Value::Yaml(root))),
            Part::Document(root, false) => self.object(Value::Yaml(root), None),
        });
    }

    /// One object: alone, or an element of a list that tells what its elements are.
    fn object(&mut self, object: Value<'_>, list: Option<&List>) {
        let [kind, version, inner] = object.fields(["kind", "apiVersion", "kubeletconfig"]);
        let (mut name, mut group) = (text_of(kind), text_of(version));
        if let Some(list) = list {
            self.elements = true;
            if name.is_empty() {
                (name, group) = (list.element.clone(), list.version.clone());
            }
        }
        let (kind, object) = match inner {
            Some(inner) => (Some(Kind::Configuration), inner),
            None if name.is_empty() => (Kind::of_shape(object), object),
            None => (Kind::of(&name, &group), object),
        };
        let Some(kind) = kind else { return };
        self.kind.get_or_insert(kind);
        (self.found)(kind, object);
    }

    /// A list has been read. An empty one is evidence too: nothing was there.
    fn end_list(&mut self, list: &List) {
        if self.kind.is_none() && !self.elements {
            let by_name = list.mixed.then(|| Kind::of_name(self.name)).flatten();
            self.kind = Kind::of(&list.element, &list.version).or(by_name);
        }
    }
}

/// What a list says of its elements.
struct List {
    /// Their kind: `Pod` for a `PodList`; empty for a `List`.
    element: String,
    version: String,
    /// A `List`, which leaves it to its elements to name their kinds.
    mixed: bool,
}

impl List {
    fn of(root: Value<'_>) -> List {
        let [kind, version] = root.fields(["kind", "apiVersion"]);
        let (kind, version) = (text_of(kind), text_of(version));
        let element = kind.strip_suffix("List").unwrap_or_default().to_owned();
        List { mixed: kind == "List", element, version }
    }
}
