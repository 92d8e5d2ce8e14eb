//! From the tables that an author writes to the catalogue that a run uses: names become indexes, durations microseconds.
//! `build.rs` runs this over the built-in files, so that a start parses no TOML.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::bundles::Bundle;
use super::format::{seconds, File, PatternDef, Role, Scope, Severity, TestDef, Usually};

/// Index of a condition in [`Catalogue::conditions`].
pub type ConditionId = u16;
/// Index of a pattern in [`Catalogue::patterns`].
pub type PatternId = u16;
/// Index of a component in [`Catalogue::components`].
pub type ComponentId = u16;
/// Index of a capture's name in [`Catalogue::captures`].
pub type CaptureId = u16;

/// All knowledge of a run.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Catalogue {
    /// In the order of the files.
    pub conditions: Vec<Condition>,
    /// In the order of the files.
    pub patterns: Vec<Pattern>,
    /// In the order of the file.
    pub components: Vec<Component>,
    /// The closed list first, then free names.
    pub captures: Vec<Capture>,
    /// In the order of the files.
    pub edges: Vec<Edge>,
    /// Kinds of support bundles; the first that fits wins. A user's stand before the built-in ones.
    pub bundles: Vec<Bundle>,
    /// Hash of the texts that this was made from, 16 hexadecimal digits.
    pub hash: String,
}

/// A compiled pattern; fields as in [`PatternDef`].
#[derive(Debug, Clone, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Pattern {
    pub id: String,
    pub condition: Option<ConditionId>,
    pub role: Role,
    pub components: Vec<ComponentId>,
    pub literals: Vec<String>,
    pub all: Vec<String>,
    pub none: Vec<String>,
    pub pairs: Vec<(CaptureId, Vec<String>)>,
    pub regex: Option<String>,
    pub values: Vec<String>,
    pub object: Vec<CaptureId>,
    pub when: Vec<Branch>,
    /// Microseconds.
    pub began_before: i64,
    pub fragment: bool,
    pub weak: bool,
    pub gives_up: bool,
    pub marks: Option<Mark>,
    pub recovers: Vec<ConditionId>,
    pub also: Vec<PatternId>,
}

/// What a lifecycle line marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Mark {
    /// The node boots.
    Boot,
    /// The node shuts down.
    Shutdown,
    /// The node said that it is ready: a start is over.
    NodeReady,
    /// Messages are missing here: a rate limit, a full buffer.
    Missing,
    /// A component begins.
    Start(ComponentId),
    /// A component is up.
    Ready(ComponentId),
    /// A component was asked to end.
    Stop(ComponentId),
    /// A component ended unasked.
    Exit(ComponentId),
}

/// A branch of `when`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Branch {
    /// All must hold.
    pub tests: Vec<(CaptureId, Test)>,
    /// The condition that it chooses; `None` keeps the pattern's.
    pub condition: Option<ConditionId>,
    /// The role that it chooses; `None` keeps the pattern's.
    pub role: Option<Role>,
    /// Left out by `--without`: a line that comes here is unknown.
    pub unknown: bool,
}

/// A test on a captured value.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Test {
    /// Equal to one of these.
    OneOf(Vec<String>),
    /// Contains all of these.
    Has(Vec<String>),
}

/// A compiled condition; fields as in [`super::format::ConditionDef`].
#[derive(Debug, Clone, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Condition {
    pub id: String,
    pub title: String,
    pub area: String,
    pub scope: Scope,
    pub severity: Severity,
    pub usually: Usually,
    /// Microseconds.
    pub silence: i64,
    /// Microseconds.
    pub settling: i64,
    /// Microseconds; 0: never passing.
    pub passing: i64,
    pub refines: Option<ConditionId>,
    pub signals: Vec<String>,
    pub defaults: Vec<(String, String)>,
    pub shown_by: Vec<String>,
    pub says: String,
    pub rule_out: Option<String>,
    pub alone: Option<ConditionId>,
    /// Lines of it on several nodes at once speak of one thing.
    pub across: bool,
    pub explanation: String,
    pub check: Vec<String>,
    pub remedies: Vec<String>,
    pub url: Option<String>,
}

/// A compiled edge; times in microseconds.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Edge {
    pub cause: ConditionId,
    pub effect: ConditionId,
    pub delay: (i64, i64),
    pub across: bool,
    pub same: Vec<CaptureId>,
    pub only: Vec<(CaptureId, Vec<String>)>,
    pub effect_only: Vec<(CaptureId, Vec<String>)>,
    pub after_end: i64,
    pub why: String,
}

/// A compiled component.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Component {
    pub id: String,
    pub names: Vec<String>,
    pub units: Vec<String>,
    pub many: bool,
    pub run: bool,
    pub klog: bool,
    pub agent: bool,
    pub machine: bool,
}

/// A capture's name and the keys that carry it by themselves.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Capture {
    /// Its name.
    pub name: String,
    /// Keys of pairs.
    pub pairs: Vec<String>,
}

/// A name that nothing defines, or a value that is no duration: where it stands and what is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Id of the pattern or condition.
    pub id: String,
    /// The text in its table that is at fault; its own id where no other is.
    pub near: String,
    /// What is wrong with it.
    pub wrong: String,
}

/// Compiles the files. Every fault is collected; where there is one the catalogue is incomplete and must not be used.
pub fn compile(files: &[File], hash: String) -> (Catalogue, Vec<Fault>) {
    let mut compiler = Compiler { catalogue: Catalogue { hash, ..Catalogue::default() }, ..Compiler::default() };
    compiler.names(files);
    compiler.catalogue.bundles = files.iter().flat_map(|file| file.bundle.iter().cloned()).collect();
    for file in files {
        file.condition.iter().for_each(|def| compiler.condition(def));
    }
    for file in files {
        file.pattern.iter().for_each(|def| compiler.pattern(def));
    }
    compiler.circles_of_refines();
    compiler.too_many();
    (compiler.catalogue, compiler.faults)
}

#[derive(Default)]
struct Compiler {
    catalogue: Catalogue,
    conditions: HashMap<String, ConditionId>,
    patterns: HashMap<String, PatternId>,
    components: HashMap<String, ComponentId>,
    captures: HashMap<String, CaptureId>,
    faults: Vec<Fault>,
}

const MICROS: f64 = 1e6;

/// The longest duration in a catalogue: a year and a day.
const LONGEST_SECONDS: f64 = 366.0 * 86_400.0;

impl Compiler {
    fn fault(&mut self, id: &str, near: &str, wrong: String) {
        self.faults.push(Fault { id: id.to_string(), near: near.to_string(), wrong });
    }

    /// Numbers every name first, since conditions, patterns and edges name each other in any order.
    fn names(&mut self, files: &[File]) {
        for component in files.iter().flat_map(|file| &file.component) {
            let next = self.components.len() as ComponentId;
            if self.components.insert(component.id.clone(), next).is_some() {
                self.fault(&component.id, &component.id, "this component is defined twice".into());
            }
            self.catalogue.components.push(Component {
                id: component.id.clone(),
                names: component.names.clone(),
                units: component.units.clone(),
                many: component.many,
                run: component.run,
                klog: component.klog,
                agent: component.agent,
                machine: component.machine || component.agent || component.run,
            });
        }
        for capture in files.iter().flat_map(|file| &file.capture) {
            let id = self.capture(&capture.name);
            self.catalogue.captures[usize::from(id)].pairs = capture.pairs.clone();
        }
        for condition in files.iter().flat_map(|file| &file.condition) {
            let next = self.conditions.len() as ConditionId;
            if self.conditions.insert(condition.id.clone(), next).is_some() {
                self.fault(&condition.id, &condition.id, "this condition is defined twice".into());
            }
        }
        for pattern in files.iter().flat_map(|file| &file.pattern) {
            let next = self.patterns.len() as PatternId;
            if self.patterns.insert(pattern.id.clone(), next).is_some() {
                self.fault(&pattern.id, &pattern.id, "this pattern is defined twice".into());
            }
        }
    }

    /// Index of a capture's name; a name seen first here is a free one.
    fn capture(&mut self, name: &str) -> CaptureId {
        if let Some(&id) = self.captures.get(name) {
            return id;
        }
        let id = self.catalogue.captures.len() as CaptureId;
        self.catalogue.captures.push(Capture { name: name.to_string(), pairs: Vec::new() });
        self.captures.insert(name.to_string(), id);
        id
    }

    fn known_condition(&mut self, id: &str, name: &str) -> Option<ConditionId> {
        let found = self.conditions.get(name).copied();
        if found.is_none() {
            self.fault(id, name, format!("there is no condition {name}"));
        }
        found
    }

    fn duration(&mut self, id: &str, text: &str) -> i64 {
        match seconds(text).filter(|&value| value <= LONGEST_SECONDS) {
            Some(value) => (value * MICROS) as i64,
            None => {
                self.fault(id, text, format!("{text:?} is no duration like 90s, 2m or 1h, of a year at most"));
                0
            }
        }
    }

    /// Seconds of an edge as microseconds. TOML knows `inf` and `nan`, and the verdict adds these to stamps.
    fn micros(&mut self, cause: &str, effect: &str, value: f64) -> i64 {
        if value.abs() <= LONGEST_SECONDS {
            return (value * MICROS) as i64;
        }
        self.fault(cause, effect, format!("the edge to {effect}: {value} is no number of seconds within a year"));
        0
    }

    /// What makes a condition precise must end somewhere: [`Catalogue::refines`] walks along it.
    fn circles_of_refines(&mut self) {
        for start in 0..self.catalogue.conditions.len() {
            let mut steps = 0..self.catalogue.conditions.len();
            let mut at = start;
            while let (Some(_), Some(next)) = (steps.next(), self.catalogue.conditions[at].refines) {
                at = usize::from(next);
                if at == start {
                    let id = self.catalogue.conditions[start].id.clone();
                    self.fault(&id, "refines", "it refines itself, directly or through others".into());
                    break;
                }
            }
        }
    }

    /// Indexes have 16 bits.
    fn too_many(&mut self) {
        let catalogue = &self.catalogue;
        let counts = [
            ("conditions", catalogue.conditions.len()),
            ("patterns", catalogue.patterns.len()),
            ("components", catalogue.components.len()),
            ("captures", catalogue.captures.len()),
        ];
        for (what, count) in counts.into_iter().filter(|(_, count)| *count > usize::from(u16::MAX)) {
            self.fault("", "", format!("{count} {what} are more than the {} that can be told apart", u16::MAX));
        }
    }

    fn condition(&mut self, def: &super::format::ConditionDef) {
        let refines = def.refines.as_deref().and_then(|name| self.known_condition(&def.id, name));
        let alone = def.alone.as_deref().and_then(|name| self.known_condition(&def.id, name));
        let silence = self.duration(&def.id, &def.silence);
        let settling = self.duration(&def.id, &def.settling);
        let passing = def.passing.as_deref().map_or(0, |text| self.duration(&def.id, text));
        let cause = self.conditions[&def.id];
        for effect in &def.effects {
            if effect.why.trim().is_empty() {
                self.fault(&def.id, &effect.effect, format!("the edge to {} has no why", effect.effect));
            }
            let Some(to) = self.known_condition(&def.id, &effect.effect) else { continue };
            let same = effect.same.iter().map(|name| self.capture(name)).collect();
            let only = effect.only.iter().map(|(name, words)| (self.capture(name), words.clone())).collect();
            let mut micros = |value| self.micros(&def.id, &effect.effect, value);
            let delay = (micros(effect.delay[0]), micros(effect.delay[1]));
            let after_end = micros(effect.after_end);
            let effect_only =
                effect.effect_where.iter().map(|(name, words)| (self.capture(name), words.clone())).collect();
            self.catalogue.edges.push(Edge {
                cause,
                effect: to,
                delay,
                across: effect.across,
                same,
                only,
                effect_only,
                after_end,
                why: effect.why.clone(),
            });
        }
        self.catalogue.conditions.push(Condition {
            id: def.id.clone(),
            title: def.title.clone(),
            area: def.area.clone(),
            across: def.across || def.scope == Scope::Cluster,
            scope: def.scope,
            severity: def.severity,
            usually: def.usually,
            silence,
            settling,
            passing,
            refines,
            signals: def.signals.clone(),
            defaults: def.defaults.clone().into_iter().collect(),
            shown_by: def.shown_by.clone(),
            says: def.says.clone(),
            rule_out: def.rule_out.clone(),
            alone,
            explanation: def.explanation.clone(),
            check: def.check.clone(),
            remedies: def.remedies.clone(),
            url: def.url.clone(),
        });
    }

    fn pattern(&mut self, def: &PatternDef) {
        let condition = def.condition.as_deref().and_then(|name| self.known_condition(&def.id, name));
        let mut components = Vec::new();
        for name in &def.component {
            match self.components.get(name.as_str()) {
                Some(&id) => components.push(id),
                None => self.fault(&def.id, name, format!("there is no component {name}")),
            }
        }
        let pairs = def.pairs.iter().map(|(name, keys)| (self.capture(name), keys.clone())).collect();
        let object = def.object.iter().map(|name| self.capture(name)).collect();
        let when = def.when.iter().map(|branch| self.branch(&def.id, branch)).collect();
        let began_before = def.began_before.as_deref().map_or(0, |text| self.duration(&def.id, text));
        let marks = def.marks.as_deref().and_then(|text| self.mark(&def.id, text));
        let recovers = def.recovers.iter().filter_map(|name| self.known_condition(&def.id, name)).collect();
        let mut also = Vec::new();
        for name in &def.also {
            match self.patterns.get(name.as_str()) {
                Some(&id) => also.push(id),
                None => self.fault(&def.id, name, format!("there is no pattern {name}")),
            }
        }
        for name in def.regex.iter().chain(&def.values).flat_map(|text| group_names(text)) {
            self.capture(&name);
        }
        self.catalogue.patterns.push(Pattern {
            id: def.id.clone(),
            condition,
            role: def.role,
            components,
            literals: def.literals.clone(),
            all: def.all.clone(),
            none: def.none.clone(),
            pairs,
            regex: def.regex.clone(),
            values: def.values.clone(),
            object,
            when,
            began_before,
            fragment: def.fragment,
            weak: def.weak,
            gives_up: def.gives_up,
            marks,
            recovers,
            also,
        });
    }

    fn branch(&mut self, id: &str, def: &super::format::BranchDef) -> Branch {
        let condition = def.condition.as_deref().and_then(|name| self.known_condition(id, name));
        let tests = def
            .tests
            .iter()
            .map(|(name, test)| {
                let test = match test {
                    TestDef::Is(value) => Test::OneOf(vec![value.clone()]),
                    TestDef::OneOf(values) => Test::OneOf(values.clone()),
                    TestDef::Has { has } => Test::Has(has.clone()),
                };
                (self.capture(name), test)
            })
            .collect();
        Branch { tests, condition, role: def.role, unknown: false }
    }

    fn mark(&mut self, id: &str, text: &str) -> Option<Mark> {
        match text {
            "boot" => return Some(Mark::Boot),
            "shutdown" => return Some(Mark::Shutdown),
            "node-ready" => return Some(Mark::NodeReady),
            "missing" => return Some(Mark::Missing),
            _ => {}
        }
        let found = text.rsplit_once('-').and_then(|(component, what)| {
            let component = *self.components.get(component)?;
            match what {
                "start" => Some(Mark::Start(component)),
                "ready" => Some(Mark::Ready(component)),
                "stop" => Some(Mark::Stop(component)),
                "exit" => Some(Mark::Exit(component)),
                _ => None,
            }
        });
        if found.is_none() {
            self.fault(
                id,
                text,
                format!("marks = {text:?} is neither boot, shutdown, node-ready, missing nor <component>-start|ready|stop|exit"),
            );
        }
        found
    }
}

/// Names of the groups of a regex, without the `_2` that tells branches apart.
pub fn group_names(regex: &str) -> Vec<String> {
    let mut names = BTreeMap::new();
    let mut rest = regex;
    while let Some(at) = rest.find("(?") {
        rest = rest[at + 2..].trim_start_matches('P');
        let Some(inner) = rest.strip_prefix('<') else { continue };
        if let Some(end) = inner.find('>') {
            names.insert(capture_name(&inner[..end]).to_string(), ());
        }
    }
    names.into_keys().collect()
}

/// The capture that a regex group gives: `pod_2` is `pod` in another branch.
pub fn capture_name(group: &str) -> &str {
    match group.rsplit_once('_') {
        Some((name, number)) if !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => group,
    }
}
