//! `entente intake check`: reads the files of a list and says where its reading differs from the list. Needs no database.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;
use entente::{
    receivables::intake::{
        Defaults, Mapping,
        manifest::{Difference, Entry, Outcome, entries},
    },
    types::{Clock, Country},
};
use serde::Deserialize;

use super::{Failure, say};

/// Compare our reading of files with a list of what is in them.
#[derive(Debug, Args)]
pub struct Check {
    /// A CSV file with the columns file, syntax, docs, number, type, issue, due, currency, total, payable, seller, buyer. Paths are
    /// relative to it, or to the folder above it.
    manifest: PathBuf,
    /// A CSV file with the columns file, field, reason: differences in which the list is wrong. A field may be `*`.
    #[arg(long)]
    known: Option<PathBuf>,
}

/// A difference that is explained.
#[derive(Debug, Deserialize)]
struct Known {
    file: String,
    field: String,
    reason: String,
}

#[derive(Default)]
struct Tally {
    files: usize,
    agree: usize,
    explained: usize,
}

/// # Errors
/// The list or the explanations cannot be read.
pub fn check(args: &Check) -> Result<ExitCode, Failure> {
    let named = |path: &Path| std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()));
    let list = entries(&named(&args.manifest)?)?;
    let known = args.known.as_deref().map(named).transpose()?.unwrap_or_default();
    let known = csv::Reader::from_reader(known.as_slice()).into_deserialize().collect::<Result<Vec<Known>, _>>()?;
    let mut by_file: HashMap<&str, Vec<&Known>> = HashMap::new();
    for explanation in &known {
        by_file.entry(&explanation.file).or_default().push(explanation);
    }
    let mut tally = Tally::default();
    for entry in &list {
        let explanations = by_file.get(entry.file.as_str()).map(Vec::as_slice).unwrap_or_default();
        tally.add(entry, outcome(entry, &args.manifest), explanations);
    }
    if tally.explained > 0 {
        say(&format!("{} differ for known reasons", tally.explained));
    }
    say(&format!("{} of {} files agree", tally.agree, tally.files));
    Ok(if tally.agree + tally.explained == tally.files { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn outcome(entry: &Entry, manifest: &Path) -> Outcome {
    match content(&entry.file, manifest) {
        Ok(content) => entry.compare(&content, &defaults()),
        Err(error) => {
            Outcome::Differs(vec![Difference { field: "file", expected: "a file".to_owned(), read: error.to_string() }])
        }
    }
}

fn content(file: &str, manifest: &Path) -> std::io::Result<Vec<u8>> {
    let folder = manifest.parent().unwrap_or(Path::new(""));
    let beside = folder.join(file);
    if beside.is_file() {
        return std::fs::read(beside);
    }
    // `a/list.csv` has its parent in `a/..`, also when `a` is not written.
    std::fs::read(folder.join("..").join(file))
}

impl Tally {
    fn add(&mut self, entry: &Entry, outcome: Outcome, explanations: &[&Known]) {
        self.files += 1;
        match outcome {
            Outcome::Agrees => self.agree += 1,
            Outcome::RefusedAsExpected(reason) => {
                say(&format!("{}: refused, and the list has nothing to read in it: {reason}", entry.file));
                self.agree += 1;
            }
            Outcome::Differs(differences) => {
                let reasons: Vec<_> = differences.iter().map(|difference| explained(difference, explanations)).collect();
                for (difference, reason) in differences.iter().zip(&reasons) {
                    let known = reason.map(|reason| format!(" (known: {reason})")).unwrap_or_default();
                    say(&format!("{}: {difference}{known}", entry.file));
                }
                self.explained += usize::from(reasons.iter().all(Option::is_some));
            }
        }
    }
}

fn explained<'a>(difference: &Difference, explanations: &[&'a Known]) -> Option<&'a str> {
    let about = |known: &&&Known| known.field == "*" || known.field == difference.field;
    explanations.iter().find(about).map(|known| known.reason.as_str())
}

/// Reading a document needs none of them; a list without a currency is taken to be in euros.
fn defaults() -> Defaults {
    let (country, today) = (Country::Germany, Clock::real().now().date_naive());
    Defaults { issuer: String::new(), country, debtor_kind: None, today, mapping: Mapping::default() }
}
