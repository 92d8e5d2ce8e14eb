//! Keeps what has the k smallest hashes: exact and the same in any order of merging.

use litemap::LiteMap;

/// At most so many values, those with the smallest hashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Smallest<T> {
    /// A sorted list: most sources hold few of a kind, and a tree's nodes have room for many.
    values: LiteMap<u64, T>,
    /// Values were dropped.
    pub dropped: bool,
}

impl<T> Default for Smallest<T> {
    fn default() -> Self {
        Smallest { values: LiteMap::new(), dropped: false }
    }
}

impl<T> Smallest<T> {
    /// Would a value of this hash be kept? Where not, it counts as dropped.
    pub fn wants(&mut self, hash: u64, most: usize) -> bool {
        let wanted = self.values.len() < most || self.values.last().is_some_and(|(largest, _)| hash <= *largest);
        self.dropped |= !wanted;
        wanted
    }

    /// Adds a value or joins it to the one of the same hash.
    pub fn add(&mut self, hash: u64, value: T, most: usize, join: impl FnOnce(&mut T, T)) {
        match self.values.get_mut(&hash) {
            Some(known) => join(known, value),
            None => {
                if self.values.is_empty() {
                    // Most sources have one host, one speaker.
                    self.values = LiteMap::with_capacity(1);
                }
                self.values.insert(hash, value);
                self.shrink(most);
            }
        }
    }

    /// The value of a hash.
    pub fn get_mut(&mut self, hash: u64) -> Option<&mut T> {
        self.values.get_mut(&hash)
    }

    /// Adds all of another.
    pub fn merge(&mut self, other: Smallest<T>, most: usize, join: impl Fn(&mut T, T)) {
        self.dropped |= other.dropped;
        for (hash, value) in other.values {
            self.add(hash, value, most, &join);
        }
        self.shrink(most);
    }

    /// Keeps at most so many.
    pub fn shrink(&mut self, most: usize) {
        while self.values.len() > most {
            let largest = self.values.last().map(|(hash, _)| *hash);
            largest.and_then(|hash| self.values.remove(&hash));
            self.dropped = true;
        }
    }

    /// The value of a hash, where it is held.
    pub fn get(&self, hash: u64) -> Option<&T> {
        self.values.get(&hash)
    }

    /// Is a value of this hash held?
    pub fn contains(&self, hash: u64) -> bool {
        self.values.contains_key(&hash)
    }

    /// Hash and value, by hash.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&u64, &T)> {
        self.values.iter()
    }

    /// The largest hash among the smallest so many, where there are more than these.
    pub fn border(&self, most: usize) -> Option<u64> {
        if self.values.len() <= most {
            return None;
        }
        self.values.get_indexed(most.saturating_sub(1)).map(|(hash, _)| *hash)
    }

    /// Those that are wanted.
    pub fn only(&self, wanted: impl Fn(&T) -> bool) -> Smallest<T>
    where
        T: Clone,
    {
        let kept = self.values.iter().filter(|(_, value)| wanted(value));
        Smallest { values: kept.map(|(hash, value)| (*hash, value.clone())).collect(), dropped: self.dropped }
    }

    /// How many are held.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// True where nothing is held.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}
