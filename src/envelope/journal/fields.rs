//! The fields of an entry that are of use here, and what is remembered of the objects that hold them. Most of an entry's fields are
//! shared with thousands of others (host, unit, command …): each is read once. Of the many that nobody asks for only the place is
//! kept, so that they are not read again.

/// A field of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Field {
    /// Of no use here.
    Other,
    Message,
    Identifier,
    Command,
    Host,
    Pid,
    SyslogPid,
    Unit,
    /// The unit that an entry of systemd itself is about.
    Subject,
    Transport,
    SourceTime,
    Priority,
    /// Name of the container that spoke, from docker's journald driver.
    Container,
    /// The message goes on in the container's next entry.
    Partial,
}

/// In the order of the enumeration.
const ALL: [Field; 14] = [
    Field::Other,
    Field::Message,
    Field::Identifier,
    Field::Command,
    Field::Host,
    Field::Pid,
    Field::SyslogPid,
    Field::Unit,
    Field::Subject,
    Field::Transport,
    Field::SourceTime,
    Field::Priority,
    Field::Container,
    Field::Partial,
];

/// Bytes that the longest name of use takes with its sign.
pub(super) const LONGEST_NAME: usize = 32;

impl Field {
    /// Which field `NAME=value` is, and where its value begins. The end of the value is not needed.
    pub(super) fn of(bytes: &[u8]) -> (Field, usize) {
        let near = &bytes[..bytes.len().min(LONGEST_NAME)];
        let Some(sign) = memchr::memchr(b'=', near) else { return (Field::Other, 0) };
        let field = match &near[..sign] {
            b"MESSAGE" => Field::Message,
            b"SYSLOG_IDENTIFIER" => Field::Identifier,
            b"_COMM" => Field::Command,
            b"_HOSTNAME" => Field::Host,
            b"_PID" => Field::Pid,
            b"SYSLOG_PID" => Field::SyslogPid,
            b"_SYSTEMD_UNIT" => Field::Unit,
            b"UNIT" => Field::Subject,
            b"_TRANSPORT" => Field::Transport,
            b"_SOURCE_REALTIME_TIMESTAMP" => Field::SourceTime,
            b"PRIORITY" => Field::Priority,
            b"CONTAINER_NAME" => Field::Container,
            b"CONTAINER_PARTIAL_MESSAGE" => Field::Partial,
            _ => Field::Other,
        };
        (field, sign + 1)
    }
}

/// Values of the entry at hand.
#[derive(Default)]
pub(super) struct Values {
    values: [Value; ALL.len()],
    /// Number of the entry, so that nothing needs to be emptied between two.
    entry: u64,
}

#[derive(Default)]
struct Value {
    bytes: Vec<u8>,
    /// Where its object stands.
    from: u64,
    /// The entry that has it.
    entry: u64,
}

impl Values {
    /// What follows belongs to the next entry.
    pub(super) fn begin(&mut self) {
        self.entry += 1;
    }

    /// Whether the value of an object is at hand from the entry before: then it is this entry's too.
    pub(super) fn again(&mut self, field: Field, from: u64) -> bool {
        let value = &mut self.values[field as usize];
        if value.from != from {
            return false;
        }
        value.entry = self.entry;
        true
    }

    /// Takes a value of this entry. Of several for one field the last stays, as journalctl has it.
    pub(super) fn set(&mut self, field: Field, from: u64, bytes: &[u8]) {
        let value = &mut self.values[field as usize];
        value.bytes.clear();
        value.bytes.extend_from_slice(bytes);
        value.from = from;
        value.entry = self.entry;
    }

    /// The value of a field; `None` where the entry has none.
    pub(super) fn get(&self, field: Field) -> Option<&[u8]> {
        let value = &self.values[field as usize];
        (value.entry == self.entry).then_some(&*value.bytes)
    }
}

/// Longer values are read anew each time.
const LONGEST_KEPT: usize = 1024;

/// Sets of objects, and objects a set: together so many are remembered, with values of at most [`LONGEST_KEPT`] each.
const SETS: usize = 1 << 13;
const WAYS: usize = 4;

/// Objects that were read, by where they stand.
pub(super) struct Known {
    /// Offset and field of each in one number; 0: none.
    keys: Vec<u64>,
    /// For each, which of the values is its own.
    places: Vec<u32>,
    values: Vec<Box<[u8]>>,
    /// Which of its set the next one replaces.
    turn: usize,
}

/// Bits of a key that tell the field.
const FIELD_BITS: u32 = 4;

impl Known {
    pub(super) fn new() -> Known {
        Known { keys: vec![0; SETS * WAYS], places: vec![0; SETS * WAYS], values: Vec::new(), turn: 0 }
    }

    /// The field that an object is, and its value where it is of use.
    pub(super) fn find(&self, offset: u64) -> Option<(Field, &[u8])> {
        let set = set_of(offset);
        for (place, key) in self.keys[set..set + WAYS].iter().enumerate() {
            if key >> FIELD_BITS == offset {
                let field = ALL[(key & ((1 << FIELD_BITS) - 1)) as usize % ALL.len()];
                let value = self.values.get(self.places[set + place] as usize).map_or(&[][..], |value| value);
                return Some((field, value));
            }
        }
        None
    }

    /// Remembers an object.
    pub(super) fn keep(&mut self, offset: u64, field: Field, value: &[u8]) {
        if value.len() > LONGEST_KEPT || offset >> (64 - FIELD_BITS) != 0 {
            return;
        }
        let set = set_of(offset);
        let free = self.keys[set..set + WAYS].iter().position(|key| *key == 0);
        self.turn = (self.turn + 1) % WAYS;
        let place = set + free.unwrap_or(self.turn);
        self.keys[place] = offset << FIELD_BITS | field as u64;
        if free.is_some() {
            self.places[place] = self.values.len() as u32;
            self.values.push(value.into());
        } else {
            self.values[self.places[place] as usize] = value.into();
        }
    }
}

/// Where the set of an object begins.
fn set_of(offset: u64) -> usize {
    // Objects stand on borders of eight; the upper bits of the product are well mixed.
    let mixed = (offset >> 3).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> (64 - SETS.trailing_zeros())) as usize * WAYS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_by_their_whole() {
        assert_eq!(Field::of(b"MESSAGE=a=b"), (Field::Message, 8));
        assert_eq!(Field::of(b"MESSAGE_ID=1"), (Field::Other, 11));
        assert_eq!(Field::of(b"no sign"), (Field::Other, 0));
        assert_eq!(Field::of(b"_SOURCE_REALTIME_TIMESTAMP=1"), (Field::SourceTime, 27));
        for (number, field) in ALL.iter().enumerate() {
            assert_eq!(*field as usize, number);
        }
    }

    #[test]
    fn what_was_kept_is_found_until_others_need_the_room() {
        let mut known = Known::new();
        for offset in (64..8_000_000).step_by(8) {
            known.keep(offset, Field::Host, &offset.to_le_bytes());
            assert_eq!(known.find(offset), Some((Field::Host, &offset.to_le_bytes()[..])));
        }
        known.keep(8_000_000, Field::Other, b"");
        assert_eq!(known.find(8_000_000), Some((Field::Other, &b""[..])));
        known.keep(u64::MAX, Field::Host, b"x");
        known.keep(16, Field::Host, &[0; LONGEST_KEPT + 1]);
        assert_eq!(known.find(16), None);
    }
}
