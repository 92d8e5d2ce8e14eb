//! An entry as it was read, and what the samples say it is.

use nodecause::envelope::journal::Entry;
use serde_json::Value;

/// An entry, kept.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Seen {
    pub(crate) number: u64,
    pub(crate) seqnum: u64,
    pub(crate) realtime: u64,
    pub(crate) source_realtime: Option<u64>,
    pub(crate) boot: String,
    pub(crate) host: String,
    pub(crate) ident: String,
    pub(crate) pid: u32,
    pub(crate) unit: String,
    pub(crate) priority: Option<u8>,
    pub(crate) transport: String,
    pub(crate) message: Option<Vec<u8>>,
    pub(crate) whole: bool,
}

impl Seen {
    pub(crate) fn new(entry: &Entry<'_>) -> Seen {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Seen {
            number: entry.number,
            seqnum: entry.seqnum,
            realtime: entry.realtime,
            source_realtime: entry.source_realtime,
            boot: entry.boot.iter().map(|byte| format!("{byte:02x}")).collect(),
            host: text(entry.host),
            ident: text(entry.ident),
            pid: entry.pid,
            unit: text(entry.unit),
            priority: entry.priority,
            transport: text(entry.transport),
            message: entry.message.map(<[u8]>::to_vec),
            whole: entry.whole,
        }
    }
}

/// Fails where an entry is not that of the row.
pub(crate) fn compare(seen: &Seen, row: &Value, file: &str) {
    let place = format!("{file}: {row}\n{seen:?}");
    let text = |key: &str| row[key].as_str().unwrap_or_default();
    assert_eq!(seen.realtime, row["ts_us"].as_u64().unwrap(), "{place}");
    assert_eq!(seen.source_realtime, row.get("source_ts_us").and_then(Value::as_u64), "{place}");
    assert_eq!((&*seen.boot, &*seen.host), (text("boot"), text("host")), "{place}");
    // Without an identifier the command's name stands for it; the rows do not tell that one.
    let ident = if row["ident"].is_null() { &*seen.ident } else { text("ident") };
    assert_eq!(seen.ident, ident, "{place}");
    assert_eq!((&*seen.unit, &*seen.transport), (text("unit"), text("transport")), "{place}");
    assert_eq!(seen.pid, text("pid").parse().unwrap_or(0), "{place}");
    assert_eq!(seen.priority, text("prio").parse().ok(), "{place}");
    assert!(is_message(seen.message.as_deref(), row), "{place}");
    assert!(seen.whole, "{place}");
}

/// Whether a message is that of the row; of long ones only length, start and end are known.
pub(crate) fn is_message(seen: Option<&[u8]>, row: &Value) -> bool {
    let Some(seen) = seen else { return row["message"].is_null() && row.get("message_len").is_none() };
    if let Some(length) = row.get("message_len") {
        let part = |key: &str| row[key].as_str().unwrap().as_bytes();
        return seen.len() as u64 == length.as_u64().unwrap()
            && seen.starts_with(part("message_head"))
            && seen.ends_with(part("message_tail"));
    }
    if let Some(coded) = row.get("message_b64") {
        return seen == base64(coded.as_str().unwrap());
    }
    let one = row.get("messages").and_then(|all| all.as_array()?.last()).unwrap_or(&row["message"]);
    seen == one.as_str().unwrap().as_bytes()
}

fn base64(text: &str) -> Vec<u8> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let value = |letter: &u8| LETTERS.iter().position(|other| other == letter).unwrap() as u32;
    let mut bytes = Vec::new();
    for four in text.trim_end_matches('=').as_bytes().chunks(4) {
        let bits = four.iter().fold(0, |bits, letter| bits << 6 | value(letter)) << (6 * (4 - four.len()));
        bytes.extend_from_slice(&bits.to_be_bytes()[1..four.len()]);
    }
    bytes
}
