//! Spreadsheets: XLSX and ODS. Their rows go the way of CSV, so that a column means the same in all three.
//!
//! What may never happen here: a number of the sheet that is read with another decimal mark than its own, or a small file whose
//! repeated rows and cells fill the memory.

use ::csv::StringRecord;
use chrono::NaiveDate;

use super::{
    amounts::{self, Mark},
    archive,
    csv::{self, MOST_ROWS},
    fault::FileRefusal,
    reader::{Content, Contents, Context, Format, Reader},
};

mod ods;
mod xlsx;

const MOST_CELLS: usize = 2_000_000;
const MOST_TEXT_BYTES: usize = 64 * 1024 * 1024;
/// Further to the right there is nothing that we know.
const MOST_COLUMNS: u32 = 256;
const MOST_SHEETS: usize = 50;

pub struct Xlsx;
pub struct Ods;

impl Reader for Xlsx {
    fn name(&self) -> &'static str {
        "xlsx"
    }

    fn recognises(&self, content: &Content<'_>) -> bool {
        has_entry(content.bytes, "xl/workbook.xml")
    }

    fn read(&self, content: &Content<'_>, context: &Context<'_>) -> Result<Contents, FileRefusal> {
        measure(content.bytes, context)?;
        first_list(xlsx::sheets(content.bytes)?, Format::Xlsx, context)
    }
}

impl Reader for Ods {
    fn name(&self) -> &'static str {
        "ods"
    }

    fn recognises(&self, content: &Content<'_>) -> bool {
        has_entry(content.bytes, "content.xml") && has_entry(content.bytes, "mimetype")
    }

    fn read(&self, content: &Content<'_>, context: &Context<'_>) -> Result<Contents, FileRefusal> {
        first_list(ods::sheets(content.bytes, context)?, Format::Ods, context)
    }
}

fn has_entry(bytes: &[u8], name: &str) -> bool {
    archive::is_zip(bytes) && archive::open(bytes).is_ok_and(|archive| archive.index_for_name(name).is_some())
}

/// Unpacks everything once within the bounds, since the reader of XLSX has none of its own.
fn measure(bytes: &[u8], context: &Context<'_>) -> Result<(), FileRefusal> {
    let mut archive = archive::open(bytes)?;
    (0..archive.len()).try_for_each(|index| archive::unpack(&mut archive, index, context).map(|_| ()))
}

/// A cell as the sheet has it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Cell {
    Text(String),
    /// Digits with a decimal point, as the program computes with it.
    Number(String),
    Day(NaiveDate),
}

/// The rows of one sheet that hold anything, by their number in it.
#[derive(Debug, Default)]
struct Grid {
    rows: Vec<(u32, Vec<Option<Cell>>)>,
    /// Places for cells and bytes of text, of this sheet and all before it in the file.
    places: usize,
    text_bytes: usize,
}

impl Grid {
    /// An empty one that goes on counting.
    const fn next(&self) -> Self {
        Self { rows: Vec::new(), places: self.places, text_bytes: self.text_bytes }
    }

    /// Puts a cell; rows and columns count from 0, and rows come in order.
    fn put(&mut self, row: u32, column: u32, cell: Cell) -> Result<(), FileRefusal> {
        if column >= MOST_COLUMNS {
            return Ok(());
        }
        if let Cell::Text(text) = &cell {
            self.text_bytes = self.text_bytes.saturating_add(text.len());
        }
        if self.places > MOST_CELLS || self.text_bytes > MOST_TEXT_BYTES {
            return Err(FileRefusal::TooManyCells(MOST_CELLS));
        }
        let number = row.saturating_add(1);
        if self.rows.last().is_none_or(|(last, _)| *last != number) {
            if self.rows.len() > MOST_ROWS.saturating_add(csv::HEADER_WITHIN_ROWS) {
                return Err(FileRefusal::TooManyRows(MOST_ROWS));
            }
            self.rows.push((number, Vec::new()));
        }
        if let Some((_, cells)) = self.rows.last_mut() {
            let position = usize::try_from(column).unwrap_or(usize::MAX);
            if cells.len() <= position {
                let width = position.saturating_add(1);
                self.places = self.places.saturating_add(width.saturating_sub(cells.len()));
                cells.resize(width, None);
            }
            if let Some(slot) = cells.get_mut(position) {
                *slot = Some(cell);
            }
        }
        Ok(())
    }

    /// Rows as a file of text would hold them. Numbers get the decimal mark that the texts of their column use, and never three
    /// decimals, so that no number can be read two ways.
    fn records(&self) -> Vec<(u32, StringRecord)> {
        let width = self.rows.iter().map(|(_, cells)| cells.len()).max().unwrap_or(0);
        let marks: Vec<char> = (0..width).map(|column| self.mark(column)).collect();
        let text = |(column, cell): (usize, &Option<Cell>)| match cell {
            Some(Cell::Text(text)) => text.trim().to_owned(),
            Some(Cell::Number(number)) => unambiguous(number, marks.get(column).copied().unwrap_or('.')),
            Some(Cell::Day(day)) => day.to_string(),
            None => String::new(),
        };
        let record = |(row, cells): &(u32, Vec<Option<Cell>>)| (*row, cells.iter().enumerate().map(text).collect());
        self.rows.iter().map(record).collect()
    }

    fn mark(&self, column: usize) -> char {
        let texts = self.rows.iter().filter_map(|(_, cells)| match cells.get(column) {
            Some(Some(Cell::Text(text))) => Some(text.as_str()),
            _ => None,
        });
        match amounts::evidence(texts) {
            amounts::Evidence::Proven(Mark::Comma) => ',',
            amounts::Evidence::Proven(Mark::Point)
            | amounts::Evidence::Unneeded
            | amounts::Evidence::Undecided
            | amounts::Evidence::Contradictory => '.',
        }
    }
}

fn unambiguous(number: &str, mark: char) -> String {
    match number.split_once('.') {
        Some((whole, decimals)) if decimals.len() == 3 => format!("{whole}{mark}{decimals}0"),
        Some((whole, decimals)) => format!("{whole}{mark}{decimals}"),
        None => number.to_owned(),
    }
}

/// A number as spreadsheets show it: fifteen significant digits, since the last ones of a binary fraction are noise.
fn decimal(number: f64) -> String {
    let shortest = number.to_string();
    if shortest.bytes().filter(u8::is_ascii_digit).count() <= 15 {
        return shortest;
    }
    let scientific = format!("{number:.14e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return shortest };
    let Ok(exponent) = exponent.parse::<i32>() else { return shortest };
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_end_matches('0');
    match usize::try_from(exponent) {
        Ok(exponent) => {
            let whole_digits = exponent.saturating_add(1).min(400);
            match digits.split_at_checked(whole_digits) {
                Some((whole, "")) => format!("{sign}{whole}"),
                Some((whole, decimals)) => format!("{sign}{whole}.{decimals}"),
                None => format!("{sign}{digits:0<whole_digits$}"),
            }
        }
        Err(_) => {
            let zeros = usize::try_from(exponent.saturating_add(1).unsigned_abs()).unwrap_or(0).min(400);
            format!("{sign}0.{}{digits}", "0".repeat(zeros))
        }
    }
}

/// The first sheet with a list in it; where none has one, the refusal of the first that holds anything.
fn first_list(sheets: Vec<Grid>, format: Format, context: &Context<'_>) -> Result<Contents, FileRefusal> {
    let mut refusal = None;
    for sheet in sheets.iter().filter(|sheet| !sheet.rows.is_empty()) {
        let mut notes = Vec::new();
        match csv::list(sheet.records(), format, context.defaults, &mut notes) {
            Ok(rows) => return Ok(Contents { format, rows, notes }),
            Err(other) => refusal = refusal.or(Some(other)),
        }
    }
    Err(refusal.unwrap_or(FileRefusal::Empty))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_spreadsheets_show_them() {
        let table = [
            (1234.56, "1234.56"),
            (0.1 + 0.2, "0.3"),
            (1234.567, "1234.567"),
            (20_260_001.0, "20260001"),
            (1e15, "1000000000000000"),
            (123_456_789_012_345_680.0, "123456789012346000"),
            (-0.000_012_345_678_901_234_5, "-0.0000123456789012345"),
            (1e-20, "0.00000000000000000001"),
            (19.99 * 3.0, "59.97"),
        ];
        for (number, text) in table {
            assert_eq!(decimal(number), text);
        }
        assert_eq!(unambiguous("1.234", ','), "1,2340");
    }
}
