//! The first stamp in each aligned stretch of a source: from it the verdict finds years, zones and clock steps.

use litemap::LiteMap;

use super::HostId;
use crate::base::{Position, Stamp};

/// Stretches begin this long (2^10 bytes): a ruler needs no reading on every line.
const SMALLEST: u8 = 10;

/// The stamps of one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// Where the line begins.
    pub position: Position,
    /// The envelope's stamp.
    pub outer: Option<Stamp>,
    /// The message's own.
    pub inner: Option<Stamp>,
    /// The host that it names.
    pub host: HostId,
}

/// Readings over the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ruler {
    k: u8,
    readings: LiteMap<u64, Reading>,
}

impl Default for Ruler {
    fn default() -> Self {
        Ruler { k: SMALLEST, readings: LiteMap::new() }
    }
}

impl Ruler {
    /// The stretch of an offset: a line in the stretch of the line before it need not be offered.
    pub fn stretch(&self, offset: u64) -> u64 {
        offset >> self.k
    }

    /// Offers a reading; kept where it is the first of its stretch.
    pub fn add(&mut self, reading: Reading, most: usize) {
        self.put(reading.position.offset >> self.k, reading);
        self.shrink(most);
    }

    /// Adds all readings of another ruler of the same source.
    pub fn merge(&mut self, mut other: Ruler, most: usize) {
        let k = self.k.max(other.k);
        self.widen(k);
        other.widen(k);
        for (stretch, reading) in other.readings {
            self.put(stretch, reading);
        }
        self.shrink(most);
    }

    /// The readings of some hosts.
    pub fn only(&self, wanted: impl Fn(HostId) -> bool) -> Ruler {
        let kept = self.readings.iter().filter(|(_, reading)| wanted(reading.host));
        Ruler { k: self.k, readings: kept.map(|(stretch, reading)| (*stretch, *reading)).collect() }
    }

    /// In the order of the source.
    pub fn readings(&self) -> impl DoubleEndedIterator<Item = &Reading> {
        self.readings.values()
    }

    fn put(&mut self, stretch: u64, reading: Reading) {
        if self.readings.is_empty() {
            self.readings = LiteMap::with_capacity(1);
        }
        let known = self.readings.entry(stretch).or_insert(reading);
        if reading.position < known.position {
            *known = reading;
        }
    }

    /// Holds at most `most` readings from now on.
    pub fn shrink(&mut self, most: usize) {
        while self.readings.len() > most.max(1) {
            self.widen(self.k + 1);
        }
    }

    fn widen(&mut self, k: u8) {
        let by = k - self.k;
        if by == 0 {
            return;
        }
        self.k = k;
        for (stretch, reading) in std::mem::take(&mut self.readings) {
            self.put(stretch >> by, reading);
        }
    }
}
