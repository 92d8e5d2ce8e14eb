//! What the samples say is in them, and how it compares with what was read.

use nodecause::base::stamp::DAY;
use nodecause::base::Stamp;
use serde_json::Value;

use crate::reading::text;

/// Seconds east of UTC of the zones that samples were made in; all are from winter.
pub(crate) fn zone(name: &str) -> i64 {
    match name {
        "" | "UTC" => 0,
        "Europe/Berlin" => 3600,
        "America/New_York" => -5 * 3600,
        "Asia/Kolkata" => 19_800,
        other => panic!("unknown zone {other}"),
    }
}

/// Whether a stamp is the time `micros`, as far as it tells.
pub(crate) fn is_time(stamp: Option<Stamp>, micros: i64, precision: i64, zone: i64) -> bool {
    let cut = micros.div_euclid(precision) * precision;
    match stamp {
        Some(Stamp::Absolute { micros, .. }) => micros == cut,
        Some(Stamp::Uptime { micros }) => micros == cut,
        Some(Stamp::Local { year, month, day, micros }) => {
            let local = cut + zone * 1_000_000;
            let date = chrono::DateTime::from_timestamp_micros(local).unwrap().date_naive();
            use chrono::Datelike;
            (u32::from(month), u32::from(day)) == (date.month(), date.day())
                && micros == local.rem_euclid(DAY)
                && year.is_none_or(|year| i32::from(year) == date.year())
        }
        None => false,
    }
}

/// The message of an expected row, `None` where it has none. Colours are taken out of it, as the reading does.
pub(crate) fn message(row: &Value) -> Option<String> {
    let message = match (row.get("message"), row.get("messages"), row.get("message_b64"), row.get("message_len")) {
        (Some(Value::String(message)), ..) => message.clone(),
        (_, Some(Value::Array(messages)), ..) => messages.last()?.as_str()?.to_owned(),
        (_, _, Some(Value::String(coded)), _) => text(&base64(coded)),
        (.., Some(len)) => format!("{} bytes: {}", len, row["message_head"].as_str()?),
        _ => return None,
    };
    Some(without_colours(&message))
}

fn without_colours(message: &str) -> String {
    regex::Regex::new("\u{1b}\\[[0-9;:?]*[@-~]").unwrap().replace_all(message, "").into_owned()
}

fn base64(text: &str) -> Vec<u8> {
    let value = |c: u8| match c {
        b'A'..=b'Z' => c - b'A',
        b'a'..=b'z' => c - b'a' + 26,
        b'0'..=b'9' => c - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let mut bytes = Vec::new();
    for four in text.trim_end_matches('=').as_bytes().chunks(4) {
        let bits = four.iter().fold(0_u32, |bits, &c| (bits << 6) | u32::from(value(c))) << (6 * (4 - four.len()));
        bytes.extend_from_slice(&bits.to_be_bytes()[1..four.len()]);
    }
    bytes
}

/// Whether the message read is the one expected; of long ones only length and start are known.
pub(crate) fn is_message(seen: &str, wanted: &str) -> bool {
    match wanted.split_once(" bytes: ") {
        Some((len, head)) if len.parse::<usize>().is_ok() => {
            seen.len() == len.parse::<usize>().unwrap() && seen.starts_with(head)
        }
        _ => seen == wanted,
    }
}

/// Joins expected rows as entries are joined: a klog value of several lines is one entry.
pub(crate) fn joined(rows: Vec<Value>, speaker: &[&str]) -> Vec<(Value, Option<String>)> {
    let mut wanted: Vec<(Value, Option<String>)> = Vec::new();
    for row in rows {
        let said = message(&row);
        let same = |other: &Value| speaker.iter().all(|key| other.get(key) == row.get(key));
        let open = wanted.iter_mut().rev().find(|(other, _)| same(other));
        match (open, said) {
            (Some((_, Some(before))), Some(said)) if is_open(before) && !is_klog(&said) => {
                before.push('\n');
                before.push_str(&said);
            }
            (_, said) => wanted.push((row, said)),
        }
    }
    wanted
}

pub(crate) fn is_klog(message: &str) -> bool {
    message.len() > 22
        && message.starts_with(['I', 'W', 'E', 'F'])
        && message.as_bytes()[5] == b' '
        && message.as_bytes()[8] == b':'
}

/// Whether a value is open at the end of a message.
fn is_open(message: &str) -> bool {
    let opened = message.lines().filter(|line| line.ends_with("=<")).count();
    let closed = message.lines().filter(|line| line.starts_with(" >")).count();
    opened > closed
}

pub(crate) fn field<'v>(row: &'v Value, key: &str) -> &'v str {
    row.get(key).and_then(Value::as_str).unwrap_or("")
}
