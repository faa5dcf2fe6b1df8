//! ZIP archives of invoices, and the bounds under which anything zipped is unpacked.
//!
//! What may never happen here: more memory than the bounds below, whatever an archive says about itself; a name from an archive
//! that leads anywhere (nothing is written to disk, names are labels only).

use std::io::{Cursor, Read};

use zip::{ZipArchive, result::ZipError};

use super::{
    LARGEST_FILE_BYTES, Row,
    csv::MOST_ROWS,
    fault::{FileRefusal, Note, Refusal},
    reader::{self, Content, Contents, Context, Format, Reader},
};

/// Archives in archives: what mail programs and portals make is one deep.
pub const DEEPEST: usize = 2;
const MOST_ENTRIES: usize = 10_000;
/// Spreadsheets and invoices shrink to a thirtieth or so; deflate can do a thousandth.
const HIGHEST_RATIO: u64 = 200;
/// Below this a high ratio is harmless: a page of blanks.
const HARMLESS_BYTES: u64 = 1024 * 1024;

pub type Archive<'a> = ZipArchive<Cursor<&'a [u8]>>;

pub struct Zip;

impl Reader for Zip {
    fn name(&self) -> &'static str {
        "zip"
    }

    fn recognises(&self, content: &Content<'_>) -> bool {
        is_zip(content.bytes)
    }

    fn read(&self, content: &Content<'_>, context: &Context<'_>) -> Result<Contents, FileRefusal> {
        if context.depth >= DEEPEST {
            return Err(FileRefusal::NestedTooDeep(DEEPEST));
        }
        let mut archive = open(content.bytes)?;
        let mut contents = Contents::empty(Format::Zip);
        for index in 0..archive.len() {
            let Some(name) = name_of(&mut archive, index) else { continue };
            match name.and_then(|name| {
                file(&mut archive, index, context).map_err(|refusal| (name.clone(), refusal)).map(|inner| (name, inner))
            }) {
                Ok((name, inner)) => add(&mut contents, &name, inner),
                Err((name, refusal)) => contents.rows.push(refused(name, &refusal)),
            }
            if contents.rows.len() > MOST_ROWS {
                return Err(FileRefusal::TooManyRows(MOST_ROWS));
            }
        }
        if contents.rows.is_empty() { Err(FileRefusal::Empty) } else { Ok(contents) }
    }
}

pub fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

/// # Errors
/// Truncated, no archive, or more entries than anybody sends.
pub fn open(bytes: &[u8]) -> Result<Archive<'_>, FileRefusal> {
    let archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| broken(&error))?;
    if archive.len() > MOST_ENTRIES {
        return Err(FileRefusal::TooManyEntries(MOST_ENTRIES));
    }
    Ok(archive)
}

/// Unpacks one entry. What it says of its own size is not believed.
///
/// # Errors
/// Encrypted, broken, or larger than the bounds.
pub fn unpack(archive: &mut Archive<'_>, index: usize, context: &Context<'_>) -> Result<Vec<u8>, FileRefusal> {
    let entry = archive.by_index(index).map_err(|error| broken(&error))?;
    let by_ratio = entry.compressed_size().saturating_mul(HIGHEST_RATIO).max(HARMLESS_BYTES);
    let budget = context.budget.get();
    let bound = by_ratio.min(bytes(LARGEST_FILE_BYTES)).min(bytes(budget));
    let mut unpacked = Vec::new();
    entry
        .take(bound.saturating_add(1))
        .read_to_end(&mut unpacked)
        .map_err(|error| FileRefusal::BrokenArchive(error.to_string()))?;
    if bytes(unpacked.len()) > bound {
        return Err(FileRefusal::UnpacksTooLarge);
    }
    context.budget.set(budget.saturating_sub(unpacked.len()));
    Ok(unpacked)
}

fn bytes(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

fn broken(error: &ZipError) -> FileRefusal {
    let said = error.to_string();
    if said.to_ascii_lowercase().contains("password") {
        return FileRefusal::Encrypted;
    }
    FileRefusal::BrokenArchive(said.chars().take(200).collect())
}

/// The name of an entry that is a file of somebody's; a name that leads out of the archive is refused.
fn name_of(archive: &mut Archive<'_>, index: usize) -> Option<Result<String, (String, FileRefusal)>> {
    let entry = match archive.by_index_raw(index) {
        Ok(entry) => entry,
        Err(error) => return Some(Err((format!("entry {}", index.saturating_add(1)), broken(&error)))),
    };
    let name: String = entry.name().ok()?.chars().filter(|c| !c.is_control()).take(200).collect();
    let litter = name.starts_with("__MACOSX/") || [".DS_Store", "Thumbs.db", "desktop.ini"].iter().any(|end| name.ends_with(end));
    if entry.is_dir() || litter {
        return None;
    }
    if entry.enclosed_name().is_none() || name.starts_with('/') || name.contains('\\') || name.split('/').any(|part| part == "..")
    {
        return Some(Err((name, FileRefusal::UnsafeName)));
    }
    Some(Ok(name))
}

fn file(archive: &mut Archive<'_>, index: usize, context: &Context<'_>) -> Result<Contents, FileRefusal> {
    let unpacked = unpack(archive, index, context)?;
    reader::read(&unpacked, &context.deeper())
}

fn add(contents: &mut Contents, name: &str, inner: Contents) {
    contents.notes.extend(inner.notes.into_iter().map(|note| Note::Inside(name.to_owned(), Box::new(note))));
    contents.rows.extend(
        inner
            .rows
            .into_iter()
            .map(|row| Row { file: Some(row.file.map_or_else(|| name.to_owned(), |deeper| format!("{name}/{deeper}"))), ..row }),
    );
}

/// A file that cannot be read is an answer among the others.
fn refused(name: String, refusal: &FileRefusal) -> Row {
    let refusal = Refusal {
        column: refusal.column().map(|column| column.as_str().to_owned()),
        code: refusal.code(),
        reason: refusal.to_string(),
    };
    Row { row: 1, file: Some(name), format: Format::Zip, draft: Err(refusal), document: None }
}
