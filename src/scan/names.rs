//! The values of an event, found only where an object or a line of it is kept, and once for each message.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::sync::Arc;

use crate::catalogue::{CaptureId, Catalogue, PatternId};
use crate::matcher::{Captured, Event, Matcher};
use crate::summary::{Identity, Values};

/// What the values of one event of a message are.
#[derive(Debug, Default)]
pub(super) struct Named {
    /// Values that name the object.
    pub(super) object: Values,
    /// All values.
    pub(super) captures: Values,
}

/// What was found so far of an event's values.
#[derive(Debug, Clone, Default)]
pub(super) struct Noted {
    named: Option<Arc<Named>>,
    /// Which pod a uid or container id belongs to, as far as the message tells.
    identities: Option<Arc<[Identity]>>,
}

/// Finds values.
pub(super) struct Namer<'w> {
    matcher: &'w Matcher<'w>,
    all: Vec<CaptureId>,
    pod: Option<CaptureId>,
    /// The captures that name a pod in another way.
    known_by: Vec<CaptureId>,
}

impl<'w> Namer<'w> {
    pub(super) fn new(matcher: &'w Matcher<'w>) -> Namer<'w> {
        let catalogue: &Catalogue = matcher.catalogue();
        Namer {
            matcher,
            all: (0..catalogue.captures.len() as CaptureId).collect(),
            pod: catalogue.capture("pod"),
            known_by: ["pod_uid", "container_id"].iter().filter_map(|name| catalogue.capture(name)).collect(),
        }
    }
}

/// The values of one event of the message at hand.
pub(super) struct Names<'n> {
    namer: &'n Namer<'n>,
    pattern: PatternId,
    message: &'n [u8],
    /// Where the message was matched just now and not remembered.
    event: Option<&'n Event<'n, 'n>>,
    /// Tells what was found of them before.
    recall: &'n dyn Fn() -> Noted,
    before: OnceCell<Noted>,
    named: OnceCell<Arc<Named>>,
    identities: OnceCell<Arc<[Identity]>>,
}

impl<'n> Names<'n> {
    pub(super) fn new(
        namer: &'n Namer<'n>,
        pattern: PatternId,
        message: &'n [u8],
        event: Option<&'n Event<'n, 'n>>,
        recall: &'n dyn Fn() -> Noted,
    ) -> Names<'n> {
        let (before, named, identities) = Default::default();
        Names { namer, pattern, message, event, recall, before, named, identities }
    }

    /// What names the object, and all values.
    pub(super) fn named(&self) -> &Named {
        self.named.get_or_init(|| self.before().named.clone().unwrap_or_else(|| Arc::new(self.find())))
    }

    /// Which pod a uid or container id belongs to.
    pub(super) fn identities(&self) -> Box<[Identity]> {
        let find = || self.before().identities.clone().unwrap_or_else(|| self.find_identities());
        (**self.identities.get_or_init(find)).into()
    }

    /// What is known now, where that is more than before.
    pub(super) fn learned(self) -> Option<Noted> {
        let before = self.before.into_inner()?;
        let (named, identities) = (self.named.into_inner(), self.identities.into_inner());
        let more = (named.is_some() && before.named.is_none()) || (identities.is_some() && before.identities.is_none());
        more.then(|| Noted { named: named.or(before.named), identities: identities.or(before.identities) })
    }

    fn before(&self) -> &Noted {
        self.before.get_or_init(self.recall)
    }

    fn find(&self) -> Named {
        let captures: Values =
            self.values(&self.namer.all).into_iter().map(|(name, value)| (name, limited(&value))).collect();
        let value = |wanted: &CaptureId| captures.iter().find(|(name, _)| name == wanted);
        // In the pattern's order.
        let names = &self.namer.matcher.catalogue().patterns[usize::from(self.pattern)].object;
        Named { object: names.iter().filter_map(value).cloned().collect(), captures }
    }

    fn find_identities(&self) -> Arc<[Identity]> {
        if let Some(named) = self.named.get().or(self.before().named.as_ref()) {
            let value = |wanted: &CaptureId| named.captures.iter().find(|(name, _)| name == wanted);
            let Some((_, pod)) = self.namer.pod.as_ref().and_then(value) else { return Arc::default() };
            let others = self.namer.known_by.iter().filter_map(value);
            return others
                .map(|(name, other)| Identity { known_by: *name, value: other.clone(), pod: pod.clone() })
                .collect();
        }
        // Most lines have no other name, and to find that out is cheap.
        let others = self.values(&self.namer.known_by);
        let Some(pod) = self.namer.pod.filter(|_| !others.is_empty()) else { return Arc::default() };
        let pods = self.values(&[pod]);
        let Some((_, pod)) = pods.first() else { return Arc::default() };
        let identity = |(name, value): &(CaptureId, Cow<'_, [u8]>)| Identity {
            known_by: *name,
            value: limited(value),
            pod: limited(pod),
        };
        others.iter().map(identity).collect()
    }

    fn values(&self, wanted: &[CaptureId]) -> Vec<Captured<'n>> {
        match self.event {
            Some(event) => self.namer.matcher.values_of(event, wanted),
            None => self.namer.matcher.values(self.pattern, wanted, self.message),
        }
    }
}

/// Bytes kept of a captured value.
const LONGEST_VALUE: usize = 256;

fn limited(value: &[u8]) -> Box<[u8]> {
    value[..value.len().min(LONGEST_VALUE)].into()
}
