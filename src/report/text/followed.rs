//! What followed from a root, as a tree: the longest part of a report, with marks and columns of its own.

use std::fmt::Write;

use super::{range, Page, COLUMNS};
use crate::base::number;
use crate::report::terminal::{cut, duration, safe, width};
use crate::verdict::{Effect, Incident};

/// Rows without `-v`.
const EFFECTS: usize = 12;

impl Page<'_> {
    pub(super) fn followed(&mut self, incident: &Incident) {
        if incident.chain.is_empty() {
            return;
        }
        self.title("WHAT FOLLOWED");
        let most = if self.look.verbose { usize::MAX } else { EFFECTS };
        let mut left = most;
        self.branch(&incident.chain, None, "", &mut left);
        if incident.chain.len() > most {
            self.line(&format!("  … and {} more (-v shows them)", incident.chain.len() - most));
        }
    }

    /// The effects of one cause, and theirs.
    fn branch(&mut self, chain: &[Effect], cause: Option<usize>, indent: &str, left: &mut usize) {
        let own: Vec<usize> = (0..chain.len()).filter(|&at| chain[at].caused_by == cause).collect();
        for (place, &at) in own.iter().enumerate() {
            if *left == 0 {
                return;
            }
            *left -= 1;
            let last = place + 1 == own.len();
            let mark = match (cause, last) {
                (None, _) => "",
                (_, true) => "└ ",
                (_, false) => "├ ",
            };
            let effect = &chain[at];
            let delay = delay(effect.delay);
            let right = format!("{} ×   {}", number(effect.count), range(&effect.first, &effect.last));
            let mut text = format!("  {indent}{mark}{delay}  {}", effect.title);
            if !effect.nodes.is_empty() {
                let _ = write!(text, " (on {})", safe(&effect.nodes.join(", ")));
            }
            if !effect.objects.is_empty() {
                let more = effect.more_objects + effect.objects.len().saturating_sub(3) as u64;
                let names: Vec<String> = effect.objects.iter().take(3).map(|name| safe(name)).collect();
                let rest = if more > 0 { format!(", and {more} more") } else { String::new() };
                let _ = write!(text, ": {}{rest}", names.join(", "));
            }
            let room = COLUMNS.saturating_sub(width(&right) + 2);
            let text = cut(&text, room);
            let gap = COLUMNS.saturating_sub(width(&text) + width(&right));
            self.line(&format!("{text}{}{}", " ".repeat(gap), self.look.style.dim(&right)));
            if self.look.verbose {
                for line in effect.lines.iter().take(1) {
                    let text = format!("{}:{}  {}", safe(&line.path), line.position.line, safe(&line.text));
                    self.line(&format!("    {indent}{}", self.look.style.dim(&cut(&text, 400))));
                }
            }
            let next = match cause {
                None => indent.to_string(),
                Some(_) if last => format!("{indent}  "),
                Some(_) => format!("{indent}│ "),
            };
            self.branch(chain, Some(at), &next, left);
        }
    }
}

/// When an effect showed, seen from the first line of its cause, in seconds: `+12 s`. A cause may be noticed later than what
/// follows from it, and then a reader should not take the effect for the cause: `logged 58 s earlier`.
fn delay(seconds: f64) -> String {
    if seconds < -0.5 {
        format!("logged {} earlier", duration(-seconds))
    } else {
        format!("+{}", duration(seconds.max(0.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_effect_that_was_logged_first_says_so() {
        let cases = [(-165.0, "logged 2 min 45 s earlier"), (-0.4, "+0 s"), (0.0, "+0 s"), (12.3, "+12 s")];
        for (seconds, expected) in cases {
            assert_eq!(delay(seconds), expected);
        }
    }
}
