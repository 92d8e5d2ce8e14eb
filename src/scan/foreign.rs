//! Text that quotes, counts or shows what nodes do and is no log of one: told by its first bytes, so that no line of it is taken
//! for an entry.

/// Why this is no log of a node, where it is none. `head`: the first bytes of a file.
pub(super) fn why(head: &[u8]) -> Option<&'static str> {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let first = text.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let begins = |with: &str| text.len() >= with.len() && text[..with.len()].eq_ignore_ascii_case(with.as_bytes());
    if begins("<!doctype html") || begins("<html") {
        return Some("HTML");
    }
    if begins("{") && memchr::memmem::find(first, b"\"audit.k8s.io/").is_some() {
        return Some("audit log: who asked the API for what, not what a node did");
    }
    if begins("# HELP ") || begins("# TYPE ") {
        return Some("metrics");
    }
    let profile =
        ["goroutine profile: total", "heap profile: ", "threadcreate profile: total", "--- contention:", "--- mutex:"];
    profile.iter().any(|with| begins(with)).then_some("profile of a program")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_log_is_known() {
        for (head, word) in [
            ("\u{feff}\n<!DOCTYPE HTML><p>", "HTML"),
            (r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata"}"#, "audit"),
            ("# HELP go_goroutines Number of goroutines\n", "metrics"),
            ("goroutine profile: total 12\n", "profile"),
        ] {
            assert!(why(head.as_bytes()).is_some_and(|why| why.contains(word)), "{head}");
        }
        for head in ["", "# /var/log/messages\n", "goroutine 1 [running]:\n", "{\"ts\":1,\"msg\":\"audit\"}\n"] {
            assert_eq!(why(head.as_bytes()), None, "{head}");
        }
    }
}
