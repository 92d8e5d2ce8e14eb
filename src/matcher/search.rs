//! One pass over a block for all literals of the catalogue: a skip search (Wu and Manber, "A fast algorithm for multi-pattern
//! searching", 1994). It looks at the four bytes at the end of a window of `m` bytes (`m`: the shortest literal), and a table
//! tells how far one may jump. Its speed grows with `m`, hardly falls with the number of literals, and does not depend on how
//! common their first bytes are; `docs/performance.md` has the figures of what it was measured against.

use memchr::memmem;

/// Index of a literal.
pub type LiteralId = u32;

/// Bytes that the jump table looks at.
const GRAM: usize = 4;
const TABLE_BITS: u32 = 16;
/// Of the hash that many bits find a bucket: a smaller table stays in the processor's first cache.
const BUCKET_BITS: u32 = 12;

/// A piece of a name counts as much as one that stands in so many literals.
const OF_A_NAME: u32 = 100;

/// Beyond so many bytes a longer window gains nothing.
const LONGEST_WINDOW: usize = 64;

/// Stretches of a text that are searched at once.
const LANES: usize = 4;

/// A shorter text is searched in one go.
const WORTH_LANES: usize = 4096;

/// A literal found: where it begins, and which it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// Offset of its first byte.
    pub at: usize,
    /// Which.
    pub literal: LiteralId,
}

/// The tables of a search.
pub struct Search {
    /// The bytes of all literals, one after the other.
    bytes: Vec<u8>,
    lengths: Vec<usize>,
    /// Length of the window: no literal of this search is shorter.
    window: usize,
    /// For the hash of the window's last four bytes: how far the window may jump; 0: a literal may stand here.
    shift: Vec<u8>,
    /// For the first bits of the same hash: where its candidates begin in `candidates` (one more entry than buckets).
    bucket: Vec<u32>,
    /// Grouped by bucket.
    candidates: Vec<Candidate>,
    /// Literals that are too short for the window: each is searched by itself, so each costs a pass.
    short: Vec<(memmem::Finder<'static>, LiteralId)>,
}

/// A literal whose window ends in the bytes of a hash.
struct Candidate {
    /// The window's first and last bytes: a look at them spares most comparisons.
    borders: [u8; 2 * GRAM],
    literal: LiteralId,
    /// Where the literal stands in the bytes of all.
    at: u32,
    length: u32,
    /// Offset of the window in the literal.
    start: u32,
}

/// Literals below this length would slow down the search for all others.
pub const SHORTEST: usize = 10;

impl Search {
    /// Tables for these literals; a hit names a literal by its index. `names` stand on most lines of a log, as the names of
    /// those who write it do: the search keeps away from them where it can.
    pub fn new<'n>(literals: Vec<Vec<u8>>, names: impl Iterator<Item = &'n str>) -> Search {
        let long = |literal: &&Vec<u8>| literal.len() >= SHORTEST;
        let window = literals.iter().filter(long).map(Vec::len).min().unwrap_or(SHORTEST).min(LONGEST_WINDOW);
        let mut shift = vec![(window - GRAM + 1) as u8; 1 << TABLE_BITS];
        let mut common = vec![0u32; 1 << TABLE_BITS];
        for gram in literals.iter().flat_map(|literal| literal.windows(GRAM)) {
            common[hash(gram)] += 1;
        }
        for gram in names.flat_map(|name| name.as_bytes().windows(GRAM)) {
            common[hash(gram)] += OF_A_NAME;
        }
        let mut keyed: Vec<(usize, LiteralId, u32)> = Vec::new();
        for (id, literal) in literals.iter().enumerate().filter(|(_, literal)| literal.len() >= SHORTEST) {
            let start = rarest_window(literal, window, &common);
            let part = &literal[start..start + window];
            for at in 0..=window - GRAM {
                let slot = &mut shift[hash(&part[at..at + GRAM])];
                *slot = (*slot).min((window - GRAM - at) as u8);
            }
            keyed.push((hash(&part[window - GRAM..]), id as LiteralId, start as u32));
        }
        keyed.sort_unstable();
        let mut bucket = vec![0u32; (1 << BUCKET_BITS) + 1];
        for &(key, _, _) in &keyed {
            bucket[bucket_of(key) + 1] += 1;
        }
        for at in 1..bucket.len() {
            bucket[at] += bucket[at - 1];
        }
        let lengths: Vec<usize> = literals.iter().map(Vec::len).collect();
        let places = lengths.iter().scan(0u32, |sum, length| {
            *sum += *length as u32;
            Some(*sum - *length as u32)
        });
        let places: Vec<u32> = places.collect();
        let candidate = |(_, literal, start): (usize, LiteralId, u32)| {
            let window = &literals[literal as usize][start as usize..start as usize + window];
            let (at, length) = (places[literal as usize], lengths[literal as usize] as u32);
            Candidate { borders: borders(window), literal, at, length, start }
        };
        let candidates = keyed.into_iter().map(candidate).collect();
        let short = literals
            .iter()
            .enumerate()
            .filter(|(_, literal)| !literal.is_empty() && literal.len() < SHORTEST)
            .map(|(id, literal)| (memmem::Finder::new(literal).into_owned(), id as LiteralId))
            .collect();
        Search { bytes: literals.concat(), lengths, window, shift, bucket, candidates, short }
    }

    /// Bytes of a literal.
    pub fn length(&self, literal: LiteralId) -> usize {
        self.lengths.get(literal as usize).copied().unwrap_or(0)
    }

    /// All hits in `text`, in the order of the lines they stand on.
    pub fn hits(&self, text: &[u8], found: &mut Vec<Hit>) {
        found.clear();
        if text.len() < WORTH_LANES {
            self.stretch(text, self.window, text.len(), found);
        } else {
            self.lanes(text, found);
        }
        let before = found.len();
        for (finder, literal) in &self.short {
            found.extend(finder.find_iter(text).map(|at| Hit { at, literal: *literal }));
        }
        if found.len() > before {
            // A few runs that are in order: a sort that sees them.
            found.sort_by_key(|hit| (hit.at, hit.literal));
        }
    }

    /// Where the next window may stand is known only when the table has answered. The processor need not wait for one answer
    /// after the other: several stretches of the text are searched at once.
    fn lanes(&self, text: &[u8], found: &mut Vec<Hit>) {
        let border = |lane: usize| self.window - 1 + (text.len() + 1 - self.window) / LANES * lane;
        let ends: [usize; LANES] = std::array::from_fn(|lane| border(lane) + 1);
        let stops: [usize; LANES] =
            std::array::from_fn(|lane| if lane + 1 == LANES { text.len() } else { border(lane + 1) });
        let mut others: [Vec<Hit>; LANES - 1] = Default::default();
        let [mut a, mut b, mut c, mut d] = ends;
        let [second, third, fourth] = &mut others;
        while a <= stops[0] && b <= stops[1] && c <= stops[2] && d <= stops[3] {
            a += self.step(text, a, found);
            b += self.step(text, b, second);
            c += self.step(text, c, third);
            d += self.step(text, d, fourth);
        }
        self.stretch(text, a, stops[0], found);
        self.stretch(text, b, stops[1], second);
        self.stretch(text, c, stops[2], third);
        self.stretch(text, d, stops[3], fourth);
        for other in &others {
            // A literal may reach back over the border.
            other.iter().for_each(|hit| put(*hit, found));
        }
    }

    /// All windows that end at `end` or behind it, up to `stop`.
    fn stretch(&self, text: &[u8], mut end: usize, stop: usize, found: &mut Vec<Hit>) {
        while end <= stop {
            end += self.step(text, end, found);
        }
    }

    /// Looks at the window that ends there; how far the next may be away.
    #[inline(always)]
    fn step(&self, text: &[u8], end: usize, found: &mut Vec<Hit>) -> usize {
        let key = hash(&text[end - GRAM..end]);
        let jump = usize::from(self.shift[key]);
        if jump == 0 {
            self.compare(text, end - self.window, key, found);
            return 1;
        }
        jump
    }

    /// Adds the literals whose window begins at `first`.
    fn compare(&self, text: &[u8], first: usize, key: usize, found: &mut Vec<Hit>) {
        let borders = borders(&text[first..first + self.window]);
        let bucket = bucket_of(key);
        for candidate in &self.candidates[self.bucket[bucket] as usize..self.bucket[bucket + 1] as usize] {
            if candidate.borders != borders {
                continue;
            }
            let literal = &self.bytes[candidate.at as usize..(candidate.at + candidate.length) as usize];
            let Some(at) = first.checked_sub(candidate.start as usize) else { continue };
            if text.get(at..at + literal.len()) == Some(literal) {
                put(Hit { at, literal: candidate.literal }, found);
            }
        }
    }
}

/// Adds a hit in its place, which is at the end or near it: windows are found in order, and literals begin a little before.
fn put(hit: Hit, found: &mut Vec<Hit>) {
    found.push(hit);
    let mut at = found.len() - 1;
    while at > 0 && (found[at - 1].at, found[at - 1].literal) > (hit.at, hit.literal) {
        found.swap(at - 1, at);
        at -= 1;
    }
}

fn borders(window: &[u8]) -> [u8; 2 * GRAM] {
    let mut borders = [0; 2 * GRAM];
    borders[..GRAM].copy_from_slice(&window[..GRAM]);
    borders[GRAM..].copy_from_slice(&window[window.len() - GRAM..]);
    borders
}

fn bucket_of(key: usize) -> usize {
    key >> (TABLE_BITS - BUCKET_BITS)
}

fn hash(gram: &[u8]) -> usize {
    let word = u32::from_le_bytes([gram[0], gram[1], gram[2], gram[3]]);
    (word.wrapping_mul(0x9e37_79b1) >> (32 - TABLE_BITS)) as usize
}

/// Where to put the window in a literal: any place is right, but one whose last bytes are rare sends the search less often to
/// compare. What is common in literals (`common`, by hash) is common in logs.
fn rarest_window(literal: &[u8], window: usize, common: &[u32]) -> usize {
    let last = |start: usize| hash(&literal[start + window - GRAM..start + window]);
    (0..=literal.len() - window).min_by_key(|&start| common[last(start)]).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_every_literal_wherever_it_stands() {
        let words = ["attempting to reclaim", "must evict pod", "reclaim ephemeral", "OOM", "out of memory"];
        let search = Search::new(words.iter().map(|word| word.as_bytes().to_vec()).collect(), std::iter::empty());
        let text =
            b"OOM attempting to reclaim ephemeral storage\nout of memoryout of memory\nmust evict po must evict pod";
        let mut found = Vec::new();
        search.hits(text, &mut found);
        let mut expected = Vec::new();
        for (literal, word) in words.iter().enumerate() {
            for at in memchr::memmem::find_iter(text, word) {
                expected.push(Hit { at, literal: literal as LiteralId });
            }
        }
        expected.sort_by_key(|hit| (hit.at, hit.literal));
        assert_eq!(found, expected);
    }

    #[test]
    fn stretches_searched_at_once_find_the_same() {
        let words = ["attempting to reclaim", "must evict pod", "reclaim ephemeral", "out of memory", "memory must"];
        let search = Search::new(words.iter().map(|word| word.as_bytes().to_vec()).collect(), std::iter::empty());
        let mut text: Vec<u8> = Vec::new();
        for at in 0..3000 {
            text.extend_from_slice(words[at * at % 7 % words.len()].as_bytes());
            text.extend(std::iter::repeat_n(b'x', at % 11));
        }
        for cut in 0..200 {
            let text = &text[cut..];
            let (mut lanes, mut one) = (Vec::new(), Vec::new());
            search.hits(text, &mut lanes);
            search.stretch(text, search.window, text.len(), &mut one);
            assert_eq!(lanes, one);
        }
    }

    #[test]
    fn short_text_and_no_literals_are_fine() {
        let mut found = vec![Hit { at: 1, literal: 1 }];
        Search::new(Vec::new(), std::iter::empty()).hits(b"abc", &mut found);
        assert!(found.is_empty());
        Search::new(vec![b"a literal of some length".to_vec()], std::iter::empty()).hits(b"", &mut found);
        assert!(found.is_empty());
    }
}
