//! Whose log a file is: the layouts of the kubelet, which collectors keep. How collectors lay out what they fetch themselves is
//! in the table of bundles.

use crate::summary::PodLog;

/// The container that wrote a file, as far as its path tells.
pub fn written_by(path: &str) -> Option<PodLog> {
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let (&file, directories) = segments.split_last()?;
    kubelets_own(file, directories).or_else(|| flattened(file)).or_else(|| linked(file))
}

/// `<namespace>_<pod>_<uid>/<container>/<restart>.log`
fn kubelets_own(file: &str, directories: &[&str]) -> Option<PodLog> {
    let [.., pod, container] = directories else { return None };
    let pod = pod.strip_prefix("var_log_pods_").unwrap_or(pod);
    let mut parts = pod.split('_');
    let (namespace, name, _uid) = (parts.next()?, parts.next()?, parts.next()?);
    let restart = number(file);
    (parts.next().is_none() && restart.is_some()).then(|| log(namespace, name, container, restart))
}

/// The same in one name: `var_log_pods_<namespace>_<pod>_<uid>_<container>_<restart>.log`
fn flattened(file: &str) -> Option<PodLog> {
    let parts: Vec<&str> = file.split_once("var_log_pods_")?.1.split('_').collect();
    let [namespace, pod, _uid, container, restart] = parts[..] else { return None };
    Some(log(namespace, pod, container, number(restart)))
}

/// `<pod>_<namespace>_<container>-<id>.log` of /var/log/containers
fn linked(file: &str) -> Option<PodLog> {
    let mut parts = file.strip_suffix(".log").unwrap_or(file).split('_');
    let (pod, namespace, container) = (parts.next()?, parts.next()?, parts.next()?);
    let (container, id) = container.rsplit_once('-')?;
    let is_id = id.len() >= 12 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    (parts.next().is_none() && is_id).then(|| log(namespace, pod, container, None))
}

fn log(namespace: &str, pod: &str, container: &str, restart: Option<u32>) -> PodLog {
    PodLog { pod: format!("{namespace}/{pod}"), container: container.to_string(), restart }
}

/// The number that a name begins with: `0.log`, `3.log.20240101-000310.gz`.
fn number(file: &str) -> Option<u32> {
    file.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layouts_are_read() {
        for (path, container, restart) in [
            ("var/log/pods/ns_pod-1_uid/app/3.log", "app", Some(3)),
            ("pods/ns_pod-1_uid/app/0.log.20240101-000310.gz", "app", Some(0)),
            ("n/var_log_pods_ns_pod-1_uid_app_2.log", "app", Some(2)),
            ("containers/pod-1_ns_my-app-0123456789abcdef.log", "my-app", None),
        ] {
            assert_eq!(written_by(path), Some(log("ns", "pod-1", container, restart)), "{path}");
        }
        for path in ["kubelet.log", "a_b_c/d/e.log", "x/0.log", "a_b_c.log", ""] {
            assert_eq!(written_by(path), None, "{path}");
        }
    }
}
