//! Embeds the catalogue: compiles `patterns/` to one block of bytes, so that a start parses no TOML, and lists its texts for
//! `patterns show` and `patterns check`. It checks nothing that a test checks better.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, process};

#[allow(dead_code)]
#[path = "src/catalogue/format.rs"]
mod format;

#[allow(dead_code)]
#[path = "src/catalogue/bundles.rs"]
mod bundles;

#[allow(dead_code)]
#[path = "src/catalogue/compile.rs"]
mod compile;

fn main() {
    println!("cargo:rerun-if-changed=patterns");
    println!("cargo:rerun-if-changed=src/catalogue/format.rs");
    println!("cargo:rerun-if-changed=src/catalogue/compile.rs");
    println!("cargo:rerun-if-changed=src/catalogue/bundles.rs");
    if let Err(wrong) = embed() {
        println!("cargo::error={}", wrong.replace('\n', "; "));
        process::exit(1);
    }
}

fn embed() -> Result<(), String> {
    let mut paths = Vec::new();
    toml_files(Path::new("patterns"), &mut paths).map_err(|error| format!("patterns: {error}"))?;
    paths.sort();
    let (mut files, mut hash, mut sources) = (Vec::new(), FNV_START, String::from("&[\n"));
    for path in &paths {
        println!("cargo:rerun-if-changed={}", path.display());
        let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        files.push(toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?);
        hash = fnv(hash, text.as_bytes());
        let full = fs::canonicalize(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let name = path.to_string_lossy().replace('\\', "/");
        writeln!(sources, "    ({name:?}, include_str!({full:?})),").map_err(|error| error.to_string())?;
    }
    sources.push_str("]\n");
    let (catalogue, faults) = compile::compile(&files, format!("{hash:016x}"));
    if !faults.is_empty() {
        return Err(faults.iter().map(|fault| format!("patterns: {}: {}\n", fault.id, fault.wrong)).collect());
    }
    let bytes = postcard::to_stdvec(&catalogue).map_err(|error| error.to_string())?;
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?);
    fs::write(out.join("catalogue.bin"), bytes).map_err(|error| error.to_string())?;
    fs::write(out.join("sources.rs"), sources).map_err(|error| error.to_string())
}

fn toml_files(directory: &Path, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            toml_files(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            found.push(path);
        }
    }
    Ok(())
}

const FNV_START: u64 = 0xcbf2_9ce4_8422_2325;

/// FNV-1a: the same on every machine and with every compiler.
fn fnv(start: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(start, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3))
}
