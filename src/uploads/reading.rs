//! The reader: file after file, row by row, on a thread of its own, while the batches before are being written.

use std::{
    io::{self, Read},
    ops::Range,
};

use tokio::{runtime::Handle, sync::mpsc};

use super::{Upload, UploadsError, store::FileToRead};
use crate::{
    receivables::{
        CheckedRow,
        intake::{
            self, Defaults, FileRefusal, Format, LARGEST_FILE_BYTES,
            reader::{HEAD_BYTES, reader_of},
            stream::{self, ListError, Plan},
        },
    },
    types::UploadId,
    vault::Vault,
};

/// Rows that one transaction takes: enough that its round trips do not count, few enough that several batches fit in memory.
pub const BATCH_ROWS: usize = 5_000;
/// Original documents that one batch holds.
const BATCH_ORIGINALS_BYTES: usize = 8 * 1024 * 1024;
/// Batches that wait while another is written.
const BATCHES_AHEAD: usize = 2;

/// How far an upload has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    pub file: i32,
    /// Rows of that file that have their answer.
    pub row: i32,
    pub batches: i32,
}

impl From<&Upload> for Position {
    fn from(upload: &Upload) -> Self {
        Self { file: upload.next_file, row: upload.next_row, batches: upload.batches }
    }
}

/// What the first look into a file told.
#[derive(Debug)]
pub struct Surveyed {
    pub position: i32,
    pub format: Option<Format>,
    pub plan: Option<Plan>,
    pub notes: Vec<String>,
    pub failure: Option<FileRefusal>,
}

/// The file is the invoice: it is kept for whoever will see the receivable.
#[derive(Debug)]
pub struct Original {
    /// Those of the batch that came from it.
    pub rows: Range<usize>,
    pub file_name: Option<String>,
    pub content: Vec<u8>,
}

/// Rows to be taken together, and what was learnt of their files.
#[derive(Debug)]
pub struct Batch {
    pub from: Position,
    pub upto: Position,
    pub rows: Vec<CheckedRow>,
    pub surveyed: Vec<Surveyed>,
    pub originals: Vec<Original>,
}

/// What the reader needs.
pub struct Source {
    pub vault: Vault,
    pub upload: UploadId,
    pub defaults: Defaults,
    /// From the one that is to be read next.
    pub files: Vec<FileToRead>,
    pub from: Position,
}

/// Starts reading; batches come as they are asked for, and reading ends when nobody asks any more.
#[must_use]
pub fn begin(source: Source) -> mpsc::Receiver<Result<Batch, UploadsError>> {
    let (to, batches) = mpsc::channel(BATCHES_AHEAD);
    let runtime = Handle::current();
    tokio::task::spawn_blocking(move || {
        let mut reader = Reader { batch: Batch::begin(source.from), source, runtime, to, kept_bytes: 0 };
        if let Err(Stop::Failed(error)) = reader.read_all() {
            // Nobody may be there any more to hear it; then it is tried again with the next turn.
            drop(reader.to.blocking_send(Err(error)));
        }
    });
    batches
}

/// Why reading ends before the last file.
enum Stop {
    /// Nobody asks for more.
    Unwanted,
    Failed(UploadsError),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Failed(UploadsError::Vault(error.into()))
    }
}

impl Batch {
    const fn begin(from: Position) -> Self {
        Self { from, upto: from, rows: Vec::new(), surveyed: Vec::new(), originals: Vec::new() }
    }
}

struct Reader {
    source: Source,
    runtime: Handle,
    to: mpsc::Sender<Result<Batch, UploadsError>>,
    batch: Batch,
    kept_bytes: usize,
}

impl Reader {
    fn read_all(&mut self) -> Result<(), Stop> {
        for file in std::mem::take(&mut self.source.files) {
            let skip = if file.position == self.batch.from.file { self.batch.from.row } else { 0 };
            let skip = usize::try_from(skip).unwrap_or(0);
            let mut head = Vec::new();
            self.open(&file)?.take(u64::try_from(HEAD_BYTES).unwrap_or(0)).read_to_end(&mut head)?;
            if reader_of(&head) == Some("csv") {
                self.read_list(&file, skip)?
            } else {
                self.read_whole(&file, skip)?
            }
            self.batch.upto = Position { file: file.position + 1, row: 0, batches: self.batch.upto.batches };
            self.flush_if(self.batch.rows.len() >= BATCH_ROWS || self.kept_bytes >= BATCH_ORIGINALS_BYTES)?;
        }
        self.flush_if(self.batch.from.file != self.batch.upto.file || !self.batch.rows.is_empty())
    }

    fn open(&self, file: &FileToRead) -> Result<Box<dyn Read + Send>, Stop> {
        let key = Upload::spool_key(self.source.upload, file.position);
        self.runtime.block_on(self.source.vault.read(&key)).map_err(|error| Stop::Failed(error.into()))
    }

    /// A list, whatever its length: never whole in memory.
    fn read_list(&mut self, file: &FileToRead, skip: usize) -> Result<(), Stop> {
        let plan = match &file.plan {
            Some(plan) => plan.clone(),
            None => match self.survey(file)? {
                Some(plan) => plan,
                None => return Ok(()),
            },
        };
        let rows = match stream::rows(self.open(file)?, &plan, skip) {
            Ok(rows) => rows,
            Err(error) => return self.refuse(file, error),
        };
        for row in rows {
            match row {
                Ok(row) => self.take(file, row),
                Err(error) => return self.refuse(file, error),
            }
            self.batch.upto.row += 1;
            self.flush_if(self.batch.rows.len() >= BATCH_ROWS)?;
        }
        Ok(())
    }

    fn survey(&mut self, file: &FileToRead) -> Result<Option<Plan>, Stop> {
        let again = || self.open(file).map_err(|stop| io::Error::other(stop.to_string()));
        match stream::survey(again, &self.source.defaults) {
            Ok((plan, notes)) => {
                let notes = notes.iter().map(ToString::to_string).collect();
                let (format, plan_kept) = (Some(Format::Csv), Some(plan.clone()));
                self.batch.surveyed.push(Surveyed { position: file.position, format, plan: plan_kept, notes, failure: None });
                self.batch.upto = Position { file: file.position, row: 0, batches: self.batch.upto.batches };
                Ok(Some(plan))
            }
            Err(error) => self.refuse(file, error).map(|()| None),
        }
    }

    /// Invoices in XML, PDFs, spreadsheets, archives: of limited size, read whole.
    fn read_whole(&mut self, file: &FileToRead, skip: usize) -> Result<(), Stop> {
        if usize::try_from(file.size_bytes).map_or(true, |bytes| bytes > LARGEST_FILE_BYTES) {
            return self.refuse(file, FileRefusal::TooLarge(LARGEST_FILE_BYTES).into());
        }
        let mut content = Vec::new();
        self.open(file)?.read_to_end(&mut content)?;
        let reading = match intake::read(&content, &self.source.defaults) {
            Ok(reading) => reading,
            Err(refusal) => return self.refuse(file, refusal.into()),
        };
        let notes = reading.notes.iter().map(ToString::to_string).collect();
        let format = reading.format;
        self.batch.surveyed.push(Surveyed { position: file.position, format: Some(format), plan: None, notes, failure: None });
        let first = self.batch.rows.len();
        for row in reading.rows.into_iter().skip(skip) {
            self.take(file, row);
        }
        if format.is_one_document() {
            self.kept_bytes += content.len();
            let (rows, file_name) = (first..self.batch.rows.len(), file.file_name.clone());
            self.batch.originals.push(Original { rows, file_name, content });
        }
        Ok(())
    }

    fn take(&mut self, file: &FileToRead, row: intake::Row) {
        let inside = row.file.clone();
        let checked = CheckedRow::of(row, &self.source.defaults);
        let name = match (&file.file_name, inside) {
            (Some(file), Some(inside)) => Some(format!("{file}/{inside}")),
            (file, inside) => inside.or_else(|| file.clone()),
        };
        self.batch.rows.push(CheckedRow { file: name, ..checked });
    }

    fn refuse(&mut self, file: &FileToRead, error: ListError) -> Result<(), Stop> {
        match error {
            ListError::Away(error) => Err(error.into()),
            ListError::Refused(refusal) => {
                self.batch.surveyed.push(Surveyed {
                    position: file.position,
                    format: None,
                    plan: None,
                    notes: Vec::new(),
                    failure: Some(refusal),
                });
                Ok(())
            }
        }
    }

    fn flush_if(&mut self, full: bool) -> Result<(), Stop> {
        if !full {
            return Ok(());
        }
        self.batch.upto.batches += 1;
        let next = Batch::begin(self.batch.upto);
        self.kept_bytes = 0;
        self.to.blocking_send(Ok(std::mem::replace(&mut self.batch, next))).map_err(|_| Stop::Unwanted)
    }
}

impl std::fmt::Display for Stop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unwanted => f.write_str("nobody asks for more"),
            Self::Failed(error) => error.fmt(f),
        }
    }
}
