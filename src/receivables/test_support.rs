//! Files that tests read where they stand beside the checkout and never copy.

use std::path::PathBuf;

/// `../shared` beside the checkout, or where `ENTENTE_SHARED` points. Says so on the terminal when neither exists.
pub fn shared_dir() -> Option<PathBuf> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared");
    let dir = std::env::var_os("ENTENTE_SHARED").map_or_else(|| PathBuf::from(beside), PathBuf::from);
    if !dir.is_dir() {
        eprintln!("SKIPPED: no shared data at {} (set ENTENTE_SHARED)", dir.display());
        return None;
    }
    Some(dir)
}

pub fn shared_file(name: &str) -> Option<String> {
    std::fs::read_to_string(shared_dir()?.join(name)).ok()
}
