//! Exact totals per (component, pattern, condition), and of single objects as far as memory allows: those with the smallest
//! hashes. An object that is kept at the end was never dropped by a part, so what is kept is exact; the rest is added up.

use std::sync::Arc;

use litemap::LiteMap;

use super::course::{Course, Line, Seen};
use super::{Caps, HostId};
use crate::catalogue::{CaptureId, ComponentId, ConditionId, PatternId, Role};

/// What is counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TallyKey {
    /// Who spoke, where that is known.
    pub component: Option<ComponentId>,
    /// The pattern that matched.
    pub pattern: PatternId,
    /// The condition that the lines speak of.
    pub condition: Option<ConditionId>,
    /// What they say of it.
    pub role: Role,
    /// The host that they name. Last, so that the tallies of one kind stand together.
    pub host: HostId,
}

impl TallyKey {
    /// The same of another host.
    pub fn of_host(self, host: HostId) -> TallyKey {
        TallyKey { host, ..self }
    }
}

/// Values by capture. Shared where the same message came again.
pub type Values = Arc<[(CaptureId, Box<[u8]>)]>;

/// The events of one pattern with the same object in one run of a component.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Group {
    /// Process that spoke: tells runs of a component apart; 0 where it is not known or does not matter.
    pub run: u32,
    /// Values that name the object.
    pub object: Values,
    /// All values of its first line.
    pub captures: Values,
    /// When and how often.
    pub course: Course,
}

/// A total and its objects.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    /// Events.
    pub count: u64,
    /// By the hash of run and object.
    pub groups: LiteMap<u64, Group>,
    /// Events of objects that were dropped, without captures.
    pub rest: Course,
}

impl Tally {
    /// Adds an event to its object. True where a stretch began.
    pub fn add(
        &mut self,
        hash: u64,
        seen: Seen,
        caps: Caps,
        new: impl FnOnce() -> Group,
        line: impl FnOnce() -> Line,
        captures: impl FnOnce() -> Values,
    ) -> bool {
        self.count += 1;
        if let Some(group) = self.groups.get_mut(&hash) {
            let earlier = group.course.first().is_none_or(|first| seen.position < first.position);
            if earlier {
                group.captures = captures();
            }
            return group.course.add(seen, caps.cells, line);
        }
        if self.groups.len() >= caps.objects && self.groups.last().is_some_and(|(largest, _)| hash > *largest) {
            return self.rest.add(seen, caps.cells, line);
        }
        let mut group = new();
        group.captures = captures();
        group.course.add(seen, caps.cells, line);
        if self.groups.is_empty() {
            // Most messages are about one object.
            self.groups = LiteMap::with_capacity(1);
        }
        self.groups.insert(hash, group);
        self.drop_objects(caps);
        true
    }

    /// Adds all of another tally of the same key.
    pub fn merge(&mut self, other: Tally, caps: Caps) {
        self.count += other.count;
        self.rest.merge(other.rest, caps.cells);
        for (hash, group) in other.groups {
            match self.groups.get_mut(&hash) {
                Some(known) => known.merge(group, caps),
                None => {
                    self.groups.insert(hash, group);
                }
            }
        }
        self.shrink(caps);
    }

    /// Keeps to the caps.
    pub fn shrink(&mut self, caps: Caps) {
        self.drop_objects(caps);
        for (_, group) in self.groups.iter_mut() {
            group.course.shrink(caps.cells);
        }
        self.rest.shrink(caps.cells);
    }

    /// Drops the objects with the largest hashes, those beyond the cap.
    fn drop_objects(&mut self, caps: Caps) {
        while self.groups.len() > caps.objects.max(1) {
            let largest = self.groups.last().map(|(hash, _)| *hash);
            if let Some(dropped) = largest.and_then(|hash| self.groups.remove(&hash)) {
                self.rest.merge(dropped.course, caps.cells);
            }
        }
    }

    /// Objects that are held under the caps, the rest being one: grows with the set of events, whatever the order.
    pub fn held(&self, caps: Caps) -> usize {
        // What would be dropped under these caps counts too, whether it was dropped already or not.
        let rest = !self.rest.is_empty() || self.groups.len() > caps.objects;
        self.groups.len().min(caps.objects) + usize::from(rest)
    }
}

impl Group {
    fn merge(&mut self, other: Group, caps: Caps) {
        let first = |group: &Group| group.course.first().map(|line| line.position);
        if first(&other) < first(self) {
            self.captures = other.captures;
        }
        self.course.merge(other.course, caps.cells);
    }
}
