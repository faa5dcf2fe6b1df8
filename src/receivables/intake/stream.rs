//! Lists of any length, read twice through a window: once to decide how its dates, amounts and letters are to be understood,
//! once row by row in that sense. What was decided can be kept, so that another process reads on where one was killed.

use std::io::{self, BufRead, BufReader, Read};

use ::csv::{ReaderBuilder, StringRecord, Terminator, Trim};
use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use serde::{Deserialize, Serialize};

use super::{
    Row,
    csv::{HEADER_WITHIN_ROWS, Header, Judgement, Sheet, header_position, separator},
    encoding::looks_like_utf16,
    fault::{FileRefusal, Note},
    reader::Format,
    row::Defaults,
    text::{LONGEST_ROW_BYTES, RowGauge, Text},
};

const HEAD_BYTES: usize = 64 * 1024;

/// Why a list cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    #[error(transparent)]
    Refused(#[from] FileRefusal),
    /// Not the list's fault.
    #[error("the file cannot be read: {0}")]
    Away(io::Error),
}

/// How a list is to be understood.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Plan {
    encoding: String,
    separator: u8,
    sheet: Sheet,
    /// Rows up to the header and with it: titles may stand above.
    header_rows: usize,
    /// Rows after the header.
    pub rows: u32,
}

/// Reads a list once, from `open`, and decides; tells what was assumed. What is not UTF-8 is read again as what spreadsheets save.
///
/// # Errors
/// See [`ListError`].
pub fn survey<R: Read>(mut open: impl FnMut() -> io::Result<R>, defaults: &Defaults) -> Result<(Plan, Vec<Note>), ListError> {
    let mut head = Vec::new();
    open().map_err(ListError::Away)?.take(4_096).read_to_end(&mut head).map_err(ListError::Away)?;
    let certain = Encoding::for_bom(&head).map(|(encoding, _)| encoding).or_else(|| looks_like_utf16(&head));
    let mut read = |encoding| survey_as(open().map_err(ListError::Away)?, encoding, defaults);
    match certain {
        Some(encoding) => read(encoding),
        None => match read(UTF_8) {
            Err(ListError::Refused(FileRefusal::NotText)) => read(WINDOWS_1252),
            decided => decided,
        },
    }
}

fn survey_as(inner: impl Read, encoding: &'static Encoding, defaults: &Defaults) -> Result<(Plan, Vec<Note>), ListError> {
    let gauge = RowGauge::default();
    let mut text = BufReader::with_capacity(HEAD_BYTES, Text::new(inner, encoding, gauge.clone()));
    let separator = separator(&String::from_utf8_lossy(text.fill_buf().map_err(list_error)?), &defaults.mapping);
    let mut records = Records::new(text, separator, gauge);
    let top: Vec<StringRecord> =
        records.by_ref().take(HEADER_WITHIN_ROWS).map(|record| record.map(|(_, record)| record)).collect::<Result<_, _>>()?;
    let position = header_position(top.iter(), &defaults.mapping);
    let header = Header::read(top.get(position).ok_or(FileRefusal::Empty)?, &defaults.mapping)?;
    let (mut judgement, mut rows) = (Judgement::default(), 0_u32);
    let below = top.into_iter().skip(position + 1).map(Ok).chain(records.map(|record| record.map(|(_, record)| record)));
    for record in below {
        judgement.hear(&header, &record?);
        rows = rows.saturating_add(1);
    }
    let mut notes = Vec::new();
    if encoding != UTF_8 {
        notes.push(Note::ReadAs(encoding.name()));
    }
    let sheet = Sheet::decide(header, judgement, defaults, &mut notes)?;
    Ok((Plan { encoding: encoding.name().to_owned(), separator, sheet, header_rows: position + 1, rows }, notes))
}

/// Reads the rows of a list as its plan says, in their order, after those that were read before: they are counted, not read again.
///
/// # Errors
/// See [`ListError`].
pub fn rows<R: Read>(
    inner: R,
    plan: &Plan,
    read_before: usize,
) -> Result<impl Iterator<Item = Result<Row, ListError>>, ListError> {
    let encoding = Encoding::for_label(plan.encoding.as_bytes()).unwrap_or(UTF_8);
    let gauge = RowGauge::default();
    let text = BufReader::with_capacity(HEAD_BYTES, Text::new(inner, encoding, gauge.clone()));
    let mut records = Records::new(text, plan.separator, gauge);
    for above in records.by_ref().take(plan.header_rows.saturating_add(read_before)) {
        above?;
    }
    let sheet = plan.sheet.clone();
    Ok(records.map(move |record| record.map(|(line, record)| sheet.row(line, Format::Csv, &record))))
}

/// Rows with the number of the line they begin on. Rows of empty cells are padding, and so is a first `sep=;`.
struct Records<R> {
    reader: ::csv::Reader<R>,
    gauge: RowGauge,
    begun: bool,
}

impl<R: Read> Records<R> {
    fn new(inner: R, separator: u8, gauge: RowGauge) -> Self {
        let mut builder = ReaderBuilder::new();
        builder.delimiter(separator).has_headers(false).flexible(true).trim(Trim::All).terminator(Terminator::Any(b'\n'));
        Self { reader: builder.from_reader(inner), gauge, begun: false }
    }
}

impl<R: Read> Iterator for Records<R> {
    type Item = Result<(u32, StringRecord), ListError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let mut record = StringRecord::new();
            match self.reader.read_record(&mut record) {
                Ok(false) => return None,
                Ok(true) => self.gauge.row_ends(),
                Err(error) => return Some(Err(of_csv(error))),
            }
            let settles_separator = !self.begun && record.get(0).is_some_and(|cell| cell.starts_with("sep=") && cell.len() <= 5);
            let blank = record.iter().all(str::is_empty);
            self.begun |= !blank;
            if !blank && !settles_separator {
                return Some(Ok((line_of(&record, self.reader.position().line()), record)));
            }
        }
    }
}

/// The line on which a record begins, from the one on which the reader stands after it.
fn line_of(record: &StringRecord, after: u64) -> u32 {
    let inside = record.iter().map(|cell| cell.bytes().filter(|byte| *byte == b'\n').count()).sum::<usize>();
    let begin = after.saturating_sub(1).saturating_sub(u64::try_from(inside).unwrap_or(0));
    u32::try_from(begin).unwrap_or(u32::MAX)
}

fn of_csv(error: ::csv::Error) -> ListError {
    if let ::csv::ErrorKind::Io(error) = error.into_kind() { list_error(error) } else { FileRefusal::NotText.into() }
}

fn list_error(error: io::Error) -> ListError {
    if error.kind() == io::ErrorKind::InvalidData {
        FileRefusal::NotText.into()
    } else if error.kind() == io::ErrorKind::FileTooLarge {
        FileRefusal::RowTooLong(LONGEST_ROW_BYTES).into()
    } else {
        ListError::Away(error)
    }
}
