//! The report in README.md is what the program prints today. `UPDATE=1 cargo test --test readme` writes it anew.

use std::fs;
use std::path::Path;
use std::process::Command;

/// The founding incident.
const SAMPLE: &str = "samples/pressure-imagefs-control-plane/input";
const BEGIN: &str = "<!-- report:begin -->\n";
const END: &str = "<!-- report:end -->";

#[test]
fn the_report_in_the_readme_is_current() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).expect("README.md is part of the repository");
    assert!(readme.contains(&format!("cargo run --release -- {SAMPLE}\n")), "README.md shows how to get this report");
    let (before, rest) = readme.split_once(BEGIN).expect("README.md marks where the report begins");
    let (shown, after) = rest.split_once(END).expect("README.md marks where the report ends");

    let output = Command::new(env!("CARGO_BIN_EXE_nodecause"))
        .current_dir(root)
        .env_remove("CLICOLOR_FORCE")
        .arg(SAMPLE)
        .output()
        .expect("the program was built for this test");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let printed = format!("```text\n{}```\n", String::from_utf8_lossy(&output.stdout));

    if std::env::var_os("UPDATE").is_some() {
        fs::write(root.join("README.md"), format!("{before}{BEGIN}{printed}{END}{after}"))
            .expect("README.md can be written");
    } else {
        assert_eq!(shown, printed, "UPDATE=1 cargo test --test readme writes the report into README.md");
    }
}
