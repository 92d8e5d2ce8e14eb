//! What may go to a terminal: log text is hostile, so control characters, escape sequences and bidirectional marks are shown,
//! never sent; and colours, which are never the only sign of anything.

/// Text with everything that a terminal would obey made visible.
pub fn safe(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push('⏎'),
            '\t' => out.push(' '),
            c if (c as u32) < 0x20 => {
                out.push('^');
                out.push(char::from(c as u8 + 0x40));
            }
            '\u{7f}' => out.push_str("^?"),
            c if is_obeyed(c) => out.push_str(&format!("<U+{:04X}>", c as u32)),
            c => out.push(c),
        }
    }
    out
}

/// Is it a character that a terminal obeys, or that turns the order of a line?
fn is_obeyed(c: char) -> bool {
    matches!(c, '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{61c}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// JSON text in which no such character stands as itself. Outside strings JSON has none but the line end.
pub fn safe_json(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if c == '\n' || !is_obeyed(c) {
            out.push(c);
            continue;
        }
        let mut units = [0; 2];
        for unit in c.encode_utf16(&mut units) {
            out.push_str(&format!("\\u{unit:04x}"));
        }
    }
    out
}

/// Columns that a text takes, one a character: near enough for log lines.
pub fn width(text: &str) -> usize {
    text.chars().count()
}

/// A text cut to so many columns, ending in `…` where something was cut.
pub fn cut(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_string();
    }
    let mut short: String = text.chars().take(columns.saturating_sub(1)).collect();
    short.push('…');
    short
}

/// A text broken into lines of so many columns at blanks; a word that is longer is broken where it must be.
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(10);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let mut word = word.to_string();
        if !line.is_empty() && width(&line) + 1 + width(&word) > columns {
            lines.push(std::mem::take(&mut line));
        }
        while width(&word) > columns {
            lines.push(word.chars().take(columns).collect());
            word = word.chars().skip(columns).collect();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&word);
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// Colours, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Style {
    /// Send them.
    pub colour: bool,
}

impl Style {
    /// A heading.
    pub fn bold(self, text: &str) -> String {
        self.with("1", text)
    }

    /// What matters most.
    pub fn red(self, text: &str) -> String {
        self.with("1;31", text)
    }

    /// What may be read last.
    pub fn dim(self, text: &str) -> String {
        self.with("2", text)
    }

    fn with(self, code: &str, text: &str) -> String {
        if self.colour {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_string()
        }
    }
}

/// Seconds for people: `12 s`, `3 min 20 s`, `2 h 5 min`.
pub fn duration(seconds: f64) -> String {
    let whole = seconds.abs().round() as u64;
    let sign = if seconds < -0.5 { "-" } else { "" };
    match whole {
        0..=59 => format!("{sign}{whole} s"),
        60..=7199 if whole % 60 == 0 => format!("{sign}{} min", whole / 60),
        60..=7199 => format!("{sign}{} min {} s", whole / 60, whole % 60),
        _ if whole < 172_800 && whole / 60 % 60 == 0 => format!("{sign}{} h", whole / 3600),
        _ if whole < 172_800 => format!("{sign}{} h {} min", whole / 3600, whole / 60 % 60),
        _ => format!("{sign}{} days", whole / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_is_shown() {
        assert_eq!(safe("a\x1b[2Jb\u{202e}c\nd\u{9b}"), "a^[[2Jb<U+202E>c⏎d<U+009B>");
    }

    #[test]
    fn hostile_json_stays_the_same_json() {
        let hostile = serde_json::json!({"text": "a\u{9b}2J \u{202e}b\u{7f} \u{e0001}"});
        let printed = safe_json(&hostile.to_string());
        assert!(printed.is_ascii(), "{printed}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&printed).ok(), Some(hostile));
    }

    #[test]
    fn durations_read_well() {
        assert_eq!(duration(0.2), "0 s");
        assert_eq!(duration(200.0), "3 min 20 s");
        assert_eq!(duration(7500.0), "2 h 5 min");
        assert_eq!(duration(7200.0), "2 h");
    }

    #[test]
    fn long_words_are_broken() {
        assert_eq!(wrap("ab abcdefghijklmno", 10), ["ab", "abcdefghij", "klmno"]);
        assert_eq!(cut("abcdef", 4), "abc…");
    }
}
