//! Journals that nobody wrote: bytes changed and cut anywhere, places and sizes that make no sense.

use std::fs;
use std::path::Path;

use crate::{bytes, laws, read, samples, small};

/// Numbers that look random and are the same in every run (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % sides.max(1)
    }
}

#[test]
fn kept_inputs() {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/journal");
    let mut count = 0;
    for input in fs::read_dir(&kept).unwrap() {
        let path = input.unwrap().path();
        println!("{}", path.display());
        laws::hold(&fs::read(&path).unwrap());
        count += 1;
    }
    assert!(count >= 5);
}

/// Bytes that the samples use, from the header on without the hash tables.
fn used(bytes: &[u8]) -> Vec<usize> {
    let busy = |at: &usize| bytes[at.saturating_sub(64)..(at + 64).min(bytes.len())].iter().any(|byte| *byte != 0);
    (0..bytes.len()).filter(busy).collect()
}

#[test]
fn bytes_changed_anywhere() {
    let Some(small) = small() else { return };
    let used = used(&small);
    let mut dice = Dice(7);
    for round in 0..300 {
        let mut bytes = small.clone();
        for _ in 0..=dice.below(3) {
            let at = used[dice.below(used.len())];
            match dice.below(4) {
                0 => bytes[at] ^= 1 << dice.below(8),
                1 => bytes[at] = dice.below(256) as u8,
                2 => bytes[at..].iter_mut().take(dice.below(200)).for_each(|byte| *byte = 0),
                _ => {
                    // A number that points somewhere.
                    let at = at / 8 * 8;
                    let value = [dice.below(small.len()) as u64, dice.below(small.len()) as u64 / 8 * 8, u64::MAX, 0]
                        [dice.below(4)];
                    bytes.iter_mut().skip(at).zip(value.to_le_bytes()).for_each(|(byte, new)| *byte = new);
                }
            }
        }
        if dice.below(4) == 0 {
            bytes.truncate(dice.below(bytes.len()));
        }
        if round % 8 == 0 {
            // The header decides most.
            bytes[dice.below(208)] = dice.below(256) as u8;
        }
        laws::hold(&bytes);
    }
}

#[test]
fn cut_anywhere() {
    let Some(samples) = samples() else { return };
    for file in ["small.journal", "small-regular-lz4.journal", "small-sealed.journal"] {
        let whole = bytes(&samples.join("journal").join(file));
        let mut before = 0;
        for length in (0..=whole.len()).step_by(2047) {
            let Ok((seen, _)) = read(whole[..length].to_vec(), 0) else { continue };
            assert!(seen.len() >= before, "{file}: longer and fewer entries at {length}");
            before = seen.len();
        }
        assert!(before >= 25, "{file}");
    }
}

/// Each entry stands alone: one changed byte in an entry or its fields never loses another.
#[test]
fn one_changed_byte_loses_little() {
    let Some(small) = small() else { return };
    let whole = read(small.clone(), 0).unwrap().0.len();
    let used = used(&small);
    let mut dice = Dice(11);
    for _ in 0..250 {
        let at = used[dice.below(used.len())];
        if at < 272 {
            continue;
        }
        let mut bytes = small.clone();
        bytes[at] ^= 1 << dice.below(8);
        let seen = read(bytes, 0).unwrap().0.len();
        assert!(seen + 1 >= whole, "{seen} of {whole} after a change at {at}");
    }
}
