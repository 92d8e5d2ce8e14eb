//! Brings captured values to one form, whatever the line's style: a pod is `namespace/name`, an endpoint `host:port`.

use std::borrow::Cow;

/// The forms that a capture can have, by its name in the closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `namespace/name`; logs also have `name_namespace(uid)`.
    Pod,
    /// `host:port`; logs also have a whole URL.
    Endpoint,
    /// A disk: `sda` for its partition `sda1`.
    Device,
    /// The uid of a pod, with dashes; cgroup paths have underscores.
    PodUid,
    /// As it stands, without quotes.
    Plain,
}

impl Form {
    /// The form of the capture of that name.
    pub fn of(name: &str) -> Form {
        match name {
            "pod" => Form::Pod,
            "endpoint" => Form::Endpoint,
            "device" => Form::Device,
            "pod_uid" => Form::PodUid,
            _ => Form::Plain,
        }
    }

    /// The value in this form.
    pub fn apply(self, value: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
        let bare = trim(&value);
        let formed: Option<Vec<u8>> = match self {
            Form::Pod => pod(bare),
            Form::Endpoint => Some(endpoint(bare).to_vec()),
            Form::Device => Some(disk(bare).to_vec()),
            Form::PodUid => Some(bare.iter().map(|&byte| if byte == b'_' { b'-' } else { byte }).collect()),
            Form::Plain => None,
        };
        match formed {
            Some(formed) => Cow::Owned(formed),
            None if bare.len() == value.len() => value,
            None => Cow::Owned(bare.to_vec()),
        }
    }
}

/// Without quotes (escaped or not), blanks and the comma that may follow a word.
fn trim(value: &[u8]) -> &[u8] {
    let noise = |byte: &u8| matches!(byte, b'"' | b'\\' | b' ' | b',' | b'\'' | b'`');
    let start = value.iter().position(|byte| !noise(byte)).unwrap_or(value.len());
    let end = value.iter().rposition(|byte| !noise(byte)).map_or(start, |at| at + 1);
    &value[start..end]
}

/// `name_namespace(uid)`, `name_namespace_uid` and the fields of a sandbox's metadata (`Name:x,Uid:u,Namespace:y`) as
/// `namespace/name`; `None` where the value has another form already.
fn pod(value: &[u8]) -> Option<Vec<u8>> {
    if let (Some(name), Some(namespace)) = (field(value, "ame:"), field(value, "amespace:")) {
        return Some([namespace, b"/", name].concat());
    }
    if value.contains(&b'/') {
        return None;
    }
    let bare = &value[..value.iter().position(|&byte| byte == b'(').unwrap_or(value.len())];
    let mut parts = bare.split(|&byte| byte == b'_');
    let (name, namespace) = (parts.next()?, parts.next()?);
    (!name.is_empty() && !namespace.is_empty()).then(|| [namespace, b"/", name].concat())
}

/// The word behind a key of metadata that was printed as a Go struct or as a protobuf text: `Name:x,`, `name:\"x\"`.
fn field<'v>(value: &'v [u8], key: &str) -> Option<&'v [u8]> {
    let starts = |at: &usize| matches!(value.get(at.wrapping_sub(1)), Some(b'N' | b'n'));
    let at = memchr::memmem::find_iter(value, key).find(starts)?;
    let rest = &value[at + key.len()..];
    let quoted = |byte: &u8| matches!(byte, b'"' | b'\\');
    let begin = rest.iter().position(|byte| !quoted(byte))?;
    let word = &rest[begin..];
    let end = word.iter().position(|byte| matches!(byte, b',' | b'}' | b' ') || quoted(byte)).unwrap_or(word.len());
    (end > 0).then(|| &word[..end])
}

/// The disk of a partition: `sda1` is of `sda`, `nvme0n1p2` of `nvme0n1`.
fn disk(value: &[u8]) -> &[u8] {
    let name = value.strip_prefix(b"/dev/").unwrap_or(value);
    let digits = name.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let stem = &name[..name.len() - digits];
    let letters = |text: &[u8]| text.len() >= 3 && text.iter().all(u8::is_ascii_alphabetic);
    match stem {
        _ if digits == 0 => name,
        [disk @ .., b'p'] if disk.last().is_some_and(u8::is_ascii_digit) => disk,
        _ if letters(stem) && [&b"sd"[..], b"vd", b"hd", b"xvd"].iter().any(|start| stem.starts_with(start)) => stem,
        _ => name,
    }
}

/// `https://host:port/path` as `host:port`.
fn endpoint(value: &[u8]) -> &[u8] {
    let rest = memchr::memmem::find(value, b"://").map_or(value, |at| &value[at + 3..]);
    &rest[..rest.iter().position(|byte| matches!(byte, b'/' | b'?' | b' ')).unwrap_or(rest.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pods_and_endpoints_get_one_form() {
        let cases: &[(Form, &str, &str)] = &[
            (Form::Pod, "kube-system/etcd-cp-1", "kube-system/etcd-cp-1"),
            (Form::Pod, "etcd-cp-1_kube-system(d38a6db6)", "kube-system/etcd-cp-1"),
            (Form::Pod, "web-1_shop_0f3b", "shop/web-1"),
            (Form::Pod, "\\\"web-1_shop(1)\\\"", "shop/web-1"),
            (Form::Pod, "web", "web"),
            (Form::Pod, "Name:web-1,Uid:0f3b,Namespace:shop,Attempt:0", "shop/web-1"),
            (Form::Pod, "name:\\\"web-1\\\" uid:\\\"u\\\" namespace:\\\"shop\\\"", "shop/web-1"),
            (Form::Endpoint, "https://10.0.0.1:6443/api/v1/nodes?limit=500", "10.0.0.1:6443"),
            (Form::Endpoint, "10.0.0.1:6443", "10.0.0.1:6443"),
            (Form::Device, "/dev/sda1", "sda"),
            (Form::Device, "nvme0n1p2", "nvme0n1"),
            (Form::Device, "nvme0n1", "nvme0n1"),
            (Form::Device, "dm-4", "dm-4"),
            (Form::PodUid, "10d16a28_60ff_4000", "10d16a28-60ff-4000"),
            (Form::Plain, "\"nginx:1.25\",", "nginx:1.25"),
        ];
        for (form, value, expected) in cases {
            let got = form.apply(Cow::Borrowed(value.as_bytes()));
            assert_eq!(String::from_utf8_lossy(&got), *expected, "{form:?} {value}");
        }
    }
}
