//! Names of nodes. One node's names differ by domain and case (`ip-10-0-1-2.ec2.internal`, `ip-10-0-1-2`), and every part that
//! compares them must do it alike.

/// The first label of a name, as written.
pub fn label(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}

/// Do two names mean the same node, as far as names tell? Compared by the first label, without case (names of nodes are ASCII).
pub fn same(one: impl AsRef<[u8]>, other: impl AsRef<[u8]>) -> bool {
    first(one.as_ref()).eq_ignore_ascii_case(first(other.as_ref()))
}

fn first(name: &[u8]) -> &[u8] {
    &name[..name.iter().position(|&byte| byte == b'.').unwrap_or(name.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_one_node_differ_by_domain_and_case() {
        assert!(same("IP-10-0-1-2.ec2.internal", b"ip-10-0-1-2"));
        assert!(same("a", "A.b.c"));
        assert!(!same("worker-1", "worker-10"));
        assert!(!same("", "a"));
        assert_eq!((label("a.b.c"), label("a"), label("")), ("a", "a", ""));
    }
}
