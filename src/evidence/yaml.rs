//! YAML as a small tree with offsets, read from the parser's events. Aliases are not followed, so anchors cannot explode; depth
//! and size of an object are bounded. Apart because only this file knows the parser.

use saphyr_parser::{Event, Parser, ScalarStyle, StrInput};

/// Most values built of one object (the largest real ones, nodes with their managed fields, have some thousands); what is beyond
/// is read over.
const MOST_NODES: usize = 100_000;

/// Deepest nesting that is built; API objects stay under twenty.
const DEEPEST: usize = 64;

/// A value and the offset at which it stands.
#[derive(Debug, PartialEq)]
pub(super) struct Node {
    /// Bytes before it in the text.
    pub(super) offset: usize,
    /// What it is.
    pub(super) content: Content,
}

/// What a value is.
#[derive(Debug, PartialEq)]
pub(super) enum Content {
    /// `null`, an alias, or something beyond the bounds.
    Nothing,
    /// A text or number, as it means.
    Scalar(String),
    /// A mapping in its order.
    Map(Vec<(String, Node)>),
    /// A sequence.
    List(Vec<Node>),
}

/// Part of a stream of documents.
pub(super) enum Part<'n> {
    /// An element of the sequence under the key `items` of a document (or of a document that is a sequence), with the other
    /// keys that stand before it.
    Item(&'n Node, &'n Node),
    /// A document's other keys, after its items, and whether it has items.
    Document(&'n Node, bool),
}

/// Calls `found` for each part of a text. Ends quietly where the text is no YAML or is cut.
pub(super) fn read(text: &str, found: &mut dyn FnMut(Part<'_>)) {
    let mut reader =
        Reader { parser: Parser::new_from_str(text), offsets: Offsets { text, chars: 0, bytes: 0 }, left: 0 };
    while let Some((event, offset)) = reader.next() {
        match event {
            Event::MappingStart(..) => reader.document(offset, found),
            Event::SequenceStart(..) => {
                let none = Node { offset, content: Content::Map(Vec::new()) };
                reader.items(&none, found);
                found(Part::Document(&none, true));
            }
            _ => {}
        }
    }
}

/// Turns the parser's places, which count characters, into bytes. They rise from event to event, so the text is gone through
/// once; one that does not rise is taken for the one before it.
struct Offsets<'a> {
    text: &'a str,
    chars: usize,
    bytes: usize,
}

impl Offsets<'_> {
    fn of(&mut self, chars: usize) -> usize {
        let ahead = chars.saturating_sub(self.chars);
        let rest = self.text.get(self.bytes..).unwrap_or_default();
        self.bytes += rest.char_indices().nth(ahead).map_or(rest.len(), |(at, _)| at);
        self.chars += ahead;
        self.bytes
    }
}

struct Reader<'a> {
    parser: Parser<'a, StrInput<'a>>,
    offsets: Offsets<'a>,
    /// How many more nodes the object at hand may have.
    left: usize,
}

impl<'a> Reader<'a> {
    /// The next event and the offset at which it begins.
    fn next(&mut self) -> Option<(Event<'a>, usize)> {
        let (event, span) = self.parser.next_event()?.ok()?;
        Some((event, self.offsets.of(span.start.index())))
    }

    /// A document that is a mapping.
    fn document(&mut self, offset: usize, found: &mut dyn FnMut(Part<'_>)) {
        let mut root = Node { offset, content: Content::Map(Vec::new()) };
        let mut has_items = false;
        self.left = MOST_NODES;
        while let Some((key, _)) = self.next() {
            let name = match key {
                Event::MappingEnd => break,
                key => self.key(key),
            };
            let Some((event, offset)) = self.next() else { break };
            if name.as_deref() == Some("items") && matches!(event, Event::SequenceStart(..)) {
                has_items = true;
                let left = self.left;
                self.items(&root, found);
                self.left = left;
                continue;
            }
            let bounded = self.left == 0;
            let value = self.node(event, offset, 1);
            if let (Some(name), Content::Map(entries), false) = (name, &mut root.content, bounded) {
                entries.push((name, value));
            }
        }
        found(Part::Document(&root, has_items));
    }

    /// The elements of a sequence, each given and dropped.
    fn items(&mut self, root: &Node, found: &mut dyn FnMut(Part<'_>)) {
        while let Some((event, offset)) = self.next() {
            if matches!(event, Event::SequenceEnd) {
                return;
            }
            self.left = MOST_NODES;
            let item = self.node(event, offset, 1);
            found(Part::Item(&item, root));
        }
    }

    /// The value that an event begins. Recursion is bounded by [`DEEPEST`].
    fn node(&mut self, event: Event<'a>, offset: usize, depth: usize) -> Node {
        if self.left == 0 || depth > DEEPEST {
            self.pass_over(&event);
            return Node { offset, content: Content::Nothing };
        }
        self.left -= 1;
        let content = match event {
            Event::Scalar(text, ScalarStyle::Plain, ..) if matches!(&*text, "" | "~" | "null" | "Null" | "NULL") => {
                Content::Nothing
            }
            Event::Scalar(text, ..) => Content::Scalar(text.into_owned()),
            Event::MappingStart(..) => Content::Map(self.map(depth)),
            Event::SequenceStart(..) => Content::List(self.list(depth)),
            _ => Content::Nothing,
        };
        Node { offset, content }
    }

    fn map(&mut self, depth: usize) -> Vec<(String, Node)> {
        let mut entries = Vec::new();
        while let Some((key, _)) = self.next() {
            if matches!(key, Event::MappingEnd) {
                break;
            }
            let name = self.key(key);
            let Some((event, offset)) = self.next() else { break };
            let bounded = self.left == 0;
            let value = self.node(event, offset, depth + 1);
            if let (Some(name), false) = (name, bounded) {
                entries.push((name, value));
            }
        }
        entries
    }

    fn list(&mut self, depth: usize) -> Vec<Node> {
        let mut elements = Vec::new();
        while let Some((event, offset)) = self.next() {
            if matches!(event, Event::SequenceEnd) {
                break;
            }
            let bounded = self.left == 0;
            let element = self.node(event, offset, depth + 1);
            if !bounded {
                elements.push(element);
            }
        }
        elements
    }

    /// A key; one that is no text has no name and is read over.
    fn key(&mut self, event: Event<'a>) -> Option<String> {
        match event {
            Event::Scalar(text, ..) => Some(text.into_owned()),
            other => {
                self.pass_over(&other);
                None
            }
        }
    }

    /// Reads over all that belongs to the value that an event begins.
    fn pass_over(&mut self, event: &Event<'a>) {
        let step = |event: &Event<'a>| match event {
            Event::MappingStart(..) | Event::SequenceStart(..) => 1i64,
            Event::MappingEnd | Event::SequenceEnd => -1,
            _ => 0,
        };
        let mut open = step(event);
        while open > 0 {
            let Some((event, _)) = self.next() else { return };
            open += step(&event);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tree in one line: `{a@0:…}` with offsets of the values.
    fn show(node: &Node) -> String {
        match &node.content {
            Content::Nothing => "-".to_owned(),
            Content::Scalar(text) => format!("{text}@{}", node.offset),
            Content::Map(entries) => {
                format!("{{{}}}", entries.iter().map(|(k, v)| format!("{k}:{}", show(v))).collect::<Vec<_>>().join(","))
            }
            Content::List(list) => format!("[{}]", list.iter().map(show).collect::<Vec<_>>().join(",")),
        }
    }

    fn parts(text: &str) -> Vec<String> {
        let mut all = Vec::new();
        read(text, &mut |part| {
            all.push(match part {
                Part::Item(item, root) => format!("{} of {}", show(item), show(root)),
                Part::Document(root, items) => format!("{}{}", show(root), if items { " with items" } else { "" }),
            })
        });
        all
    }

    #[test]
    fn documents_and_items() {
        let cases: &[(&str, &[&str])] = &[
            ("a: 1\nb: {c: \"2\", d: [x, ~]}\n", &["{a:1@3,b:{c:2@12,d:[x@21,-]}}"]),
            ("ä: ü\nb: null\nc: \"null\"\n", &["{ä:ü@4,b:-,c:null@18}"]),
            ("---\na: 1\n---\n- b: 2\n- 3\n...\n", &["{a:1@7}", "{b:2@18} of {}", "3@22 of {}", "{} with items"]),
            (
                "kind: List\nitems:\n- a: 1\n- b: 2\nmetadata: {}\n",
                &["{a:1@23} of {kind:List@6}", "{b:2@30} of {kind:List@6}", "{kind:List@6,metadata:{}} with items"],
            ),
            ("items: []\n", &["{} with items"]),
            ("items: 5\n", &["{items:5@7}"]),
            ("? [complex, {key: 1}]\n: 2\na: 3\n", &["{a:3@29}"]),
            ("a: &x {b: 1}\nc: *x\n<<: *x\n", &["{a:{b:1@10},c:-,<<:-}"]),
            ("a: 1\r\nb: ü\r\nc: 3\r\n", &["{a:1@3,b:ü@9,c:3@16}"]),
            ("just text\n", &[]),
            ("", &[]),
            // Cut and broken: what stands before the fault.
            ("a: 1\nb: \"cut", &["{a:1@3}"]),
            ("a: 1\nb: [1, 2", &["{a:1@3,b:[1@9,2@12]}"]),
            ("a: 1\nb: 2\n\tc: 3\n", &["{a:1@3}"]),
        ];
        for (text, expected) in cases {
            assert_eq!(parts(text), *expected, "{text}");
        }
    }

    #[test]
    fn exploding_anchors_take_no_memory() {
        let mut text = "a0: &a0 [x, x]\n".to_owned();
        for level in 1..60 {
            let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
            text.push_str(&format!("a{level}: &a{level} [{aliases}]\n"));
        }
        let shown = parts(&text);
        assert_eq!(shown.len(), 1);
        assert!(shown[0].len() < 10 * text.len(), "{}", shown[0].len());
        // An anchor inside itself.
        assert_eq!(parts("a: &a [*a, 1]\n"), ["{a:[-,1@11]}"]);
    }

    #[test]
    fn depth_and_size_are_bounded() {
        for text in ["[".repeat(100_000), "{a: ".repeat(100_000), "- ".repeat(100_000), "? ".repeat(100_000)] {
            parts(&text);
        }
        let count = |text: String| {
            let mut nodes = 0;
            read(&text, &mut |part| {
                let Part::Document(Node { content: Content::Map(entries), .. }, _) = part else { return };
                nodes += entries
                    .iter()
                    .map(|(_, v)| if let Content::List(l) = &v.content { l.len() } else { 1 })
                    .sum::<usize>();
            });
            nodes
        };
        assert_eq!(count(format!("a: [{}]\n", "1,".repeat(MOST_NODES * 2))), MOST_NODES - 1);
    }
}
