//! What can be wrong with a kind of support bundle.

use super::patterns::is_kebab_case;
use super::places::Table;
use super::Fault;
use crate::base::glob;
use crate::catalogue::bundles::{Bundle, ROLES};

/// All faults of a kind of bundle.
pub(super) fn check(bundle: &Bundle, table: &Table<'_>, faults: &mut Vec<Fault>) {
    if !is_kebab_case(&bundle.id) {
        faults.push(table.error(table.id_line(), "an id is small letters, digits and single hyphens (kebab-case)"));
    }
    if bundle.title.trim().is_empty() {
        faults.push(table.error(table.line_of_key("title"), "title is empty"));
    }
    if bundle.markers.is_empty() == bundle.content.is_none() {
        faults.push(table.error(table.id_line(), "a kind is told by markers, or by the content of a single file"));
    }
    if let Some(Err(error)) = bundle.content.as_ref().map(|content| regex::bytes::Regex::new(content)) {
        faults.push(table.error(table.line_of_key("content"), format!("the regex does not compile: {error}")));
    }
    let markers = bundle.markers.iter().chain(&bundle.any);
    let left = bundle.skip.iter().map(|left| &left.glob);
    let roles = bundle.roles.iter().map(|role| &role.glob);
    for text in markers.chain(&bundle.hostname).chain(left).chain(roles) {
        if let Some(wrong) = glob::fault(text) {
            faults.push(table.error(table.line_with(text), format!("{text:?}: {wrong}")));
        }
    }
    for role in bundle.roles.iter().filter(|role| !ROLES.contains(&role.role.as_str())) {
        let wrong = format!("there is no role {:?}; the roles are {}", role.role, ROLES.join(", "));
        faults.push(table.error(table.line_with(&role.glob), wrong));
    }
    for (at, role) in bundle.roles.iter().enumerate() {
        if bundle.roles[..at].iter().any(|before| before.glob == role.glob) {
            let wrong = format!("{:?} stands there twice: the second is never reached", role.glob);
            faults.push(table.warning(table.line_with(&role.glob), wrong));
        }
    }
    if bundle.roles.is_empty() {
        faults.push(table.warning(table.id_line(), "no roles: its files are read, but nothing is told of them"));
    }
    if bundle.references.is_empty() {
        faults.push(table.warning(table.id_line(), "no reference: where is this layout known from?"));
    }
}
