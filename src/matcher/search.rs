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
    literals: Vec<Vec<u8>>,
    /// Length of the window: no literal of this search is shorter.
    window: usize,
    /// For the hash of the window's last four bytes: how far the window may jump; 0: a literal may stand here.
    shift: Vec<u8>,
    /// For the same hash: where its candidates begin in `candidates` (one more entry than hashes).
    bucket: Vec<u32>,
    /// Grouped by hash.
    candidates: Vec<Candidate>,
    /// Literals that are too short for the window: each is searched by itself, so each costs a pass.
    short: Vec<(memmem::Finder<'static>, LiteralId)>,
}

/// A literal whose window ends in the bytes of a hash.
struct Candidate {
    /// The window's first bytes: a look at them spares most comparisons.
    begins: [u8; GRAM],
    literal: LiteralId,
    /// Offset of the window in the literal.
    start: u32,
}

/// Literals below this length would slow down the search for all others.
pub const SHORTEST: usize = 10;

impl Search {
    /// Tables for these literals; a hit names a literal by its index.
    pub fn new(literals: Vec<Vec<u8>>) -> Search {
        let long = |literal: &&Vec<u8>| literal.len() >= SHORTEST;
        let window = literals.iter().filter(long).map(Vec::len).min().unwrap_or(SHORTEST);
        let mut shift = vec![(window - GRAM + 1) as u8; 1 << TABLE_BITS];
        let mut keyed: Vec<(usize, LiteralId, u32)> = Vec::new();
        for (id, literal) in literals.iter().enumerate().filter(|(_, literal)| literal.len() >= SHORTEST) {
            let start = rarest_window(literal, window);
            let part = &literal[start..start + window];
            for at in 0..=window - GRAM {
                let slot = &mut shift[hash(&part[at..at + GRAM])];
                *slot = (*slot).min((window - GRAM - at) as u8);
            }
            keyed.push((hash(&part[window - GRAM..]), id as LiteralId, start as u32));
        }
        keyed.sort_unstable();
        let mut bucket = vec![0u32; (1 << TABLE_BITS) + 1];
        for &(key, _, _) in &keyed {
            bucket[key + 1] += 1;
        }
        for at in 1..bucket.len() {
            bucket[at] += bucket[at - 1];
        }
        let candidate = |(_, literal, start): (usize, LiteralId, u32)| {
            let window = &literals[literal as usize][start as usize..];
            Candidate { begins: [window[0], window[1], window[2], window[3]], literal, start }
        };
        let candidates = keyed.into_iter().map(candidate).collect();
        let short = literals
            .iter()
            .enumerate()
            .filter(|(_, literal)| !literal.is_empty() && literal.len() < SHORTEST)
            .map(|(id, literal)| (memmem::Finder::new(literal).into_owned(), id as LiteralId))
            .collect();
        Search { literals, window, shift, bucket, candidates, short }
    }

    /// Bytes of a literal.
    pub fn length(&self, literal: LiteralId) -> usize {
        self.literals.get(literal as usize).map_or(0, Vec::len)
    }

    /// All hits in `text`, in the order of the lines they stand on.
    pub fn hits(&self, text: &[u8], found: &mut Vec<Hit>) {
        found.clear();
        let mut end = self.window;
        while end <= text.len() {
            let key = hash(&text[end - GRAM..end]);
            let jump = usize::from(self.shift[key]);
            if jump > 0 {
                end += jump;
                continue;
            }
            let first = end - self.window;
            let begins = &text[first..first + GRAM];
            for candidate in &self.candidates[self.bucket[key] as usize..self.bucket[key + 1] as usize] {
                if candidate.begins != *begins {
                    continue;
                }
                let literal = &self.literals[candidate.literal as usize];
                let Some(at) = first.checked_sub(candidate.start as usize) else { continue };
                if text.get(at..at + literal.len()) == Some(literal) {
                    found.push(Hit { at, literal: candidate.literal });
                }
            }
            end += 1;
        }
        let before = found.len();
        for (finder, literal) in &self.short {
            found.extend(finder.find_iter(text).map(|at| Hit { at, literal: *literal }));
        }
        if found.len() > before {
            found.sort_unstable_by_key(|hit| (hit.at, hit.literal));
        }
    }
}

fn hash(gram: &[u8]) -> usize {
    let word = u32::from_le_bytes([gram[0], gram[1], gram[2], gram[3]]);
    (word.wrapping_mul(0x9e37_79b1) >> (32 - TABLE_BITS)) as usize
}

/// Where to put the window in a literal: any place is right, but one that ends in letters that are rare in logs sends the
/// search less often to compare.
fn rarest_window(literal: &[u8], window: usize) -> usize {
    let rarity = |start: usize| -> u32 {
        literal[start + window - GRAM..start + window].iter().map(|byte| frequency(*byte)).sum()
    };
    (0..=literal.len() - window).min_by_key(|&start| rarity(start)).unwrap_or(0)
}

/// How common a byte is in the words of logs, roughly (letters of technical English, blank on top).
fn frequency(byte: u8) -> u32 {
    match byte {
        b' ' => 20,
        b'e' | b't' | b'o' | b'n' | b'i' | b'a' => 12,
        b'r' | b's' | b'd' | b'l' | b'c' => 9,
        b'u' | b'm' | b'p' | b'f' | b'g' | b'h' | b'b' | b'v' => 5,
        b'0'..=b'9' | b'/' | b'.' | b'-' | b':' | b'=' => 8,
        b'a'..=b'z' => 3,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_every_literal_wherever_it_stands() {
        let words = ["attempting to reclaim", "must evict pod", "reclaim ephemeral", "OOM", "out of memory"];
        let search = Search::new(words.iter().map(|word| word.as_bytes().to_vec()).collect());
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
        found.sort_by_key(|hit| (hit.at, hit.literal));
        assert_eq!(found, expected);
    }

    #[test]
    fn short_text_and_no_literals_are_fine() {
        let mut found = vec![Hit { at: 1, literal: 1 }];
        Search::new(Vec::new()).hits(b"abc", &mut found);
        assert!(found.is_empty());
        Search::new(vec![b"a literal of some length".to_vec()]).hits(b"", &mut found);
        assert!(found.is_empty());
    }
}
