//! Logs of which something could not be read: cut, broken, not allowed. What they would have told of the time before an incident
//! may be its cause, unless another log of the same components tells of that time.

use std::collections::BTreeSet;

use super::CUT_OFF;
use crate::catalogue::ComponentId;
use crate::summary::Source;
use crate::verdict::judge::Scene;
use crate::verdict::nodes::path_of;

/// Something that could not be read, or not to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// As reports name it.
    pub path: String,
    /// Whose log its name says that it is.
    pub component: Option<ComponentId>,
}

/// The first log that may hide what came before a moment on a node.
pub(super) fn hiding<'s>(scene: &Scene<'s>, node: &str, first: i64) -> Option<&'s str> {
    scene.unread.iter().find(|unread| hides(scene, unread, node, first)).map(|unread| unread.path.as_str())
}

fn hides(scene: &Scene<'_>, unread: &Unread, node: &str, first: i64) -> bool {
    let of_node = || scene.summary.sources.iter().filter(|(part, _)| scene.nodes.of(part) == node);
    let (own, others): (Vec<_>, Vec<_>) = of_node().partition(|(part, _)| path_of(part) == unread.path);
    if own.is_empty() && (scene.whole.sources.contains_key(&unread.path) || !is_of(scene, unread, node)) {
        return false;
    }
    let reaches = own.iter().any(|(part, source)| ends(scene, part, source).is_some_and(|(_, last)| last >= first));
    let mut components: BTreeSet<ComponentId> = own.iter().flat_map(|(_, source)| speaking(source)).collect();
    components.extend(unread.component);
    if reaches || components.is_empty() {
        return false;
    }
    let tells_of_it = |part: &str, source: &Source| {
        ends(scene, part, source).is_some_and(|(begin, last)| begin < first - CUT_OFF && last >= first)
    };
    let told: BTreeSet<ComponentId> = others
        .iter()
        .filter(|(part, source)| tells_of_it(part, source))
        .flat_map(|(_, source)| speaking(source))
        .collect();
    !components.is_subset(&told)
}

/// Is a file of which nothing was read one of this node? With several nodes only its path can tell.
fn is_of(scene: &Scene<'_>, unread: &Unread, node: &str) -> bool {
    !scene.nodes.are_several() || (!node.is_empty() && unread.path.split(['/', '!']).any(|part| part == node))
}

fn speaking(source: &Source) -> impl Iterator<Item = ComponentId> + '_ {
    source.speakers.iter().filter_map(|(_, speaker)| speaker.component)
}

/// First and last moment that a source tells of, where it tells any on a clock that it shares with others.
fn ends(scene: &Scene<'_>, part: &str, source: &Source) -> Option<(i64, i64)> {
    let span = source.span.as_ref()?;
    scene.clocks.of(part).filter(|clock| !clock.apart)?;
    let (a, b) = (scene.clocks.axis(part, &span.first), scene.clocks.axis(part, &span.last));
    Some((a.min(b), a.max(b)))
}
