//! ODS (OASIS OpenDocument 1.2): one XML of tables, rows and cells, where a row or a cell may say that it is repeated.
//!
//! A reader of our own: calamine expands repeats into up to a hundred million cells, and a file of a kilobyte can ask for them.

use quick_xml::{
    events::{BytesStart, Event},
    reader::Reader as XmlReader,
};

use super::{Cell, Context, FileRefusal, Grid, MOST_COLUMNS, MOST_SHEETS, archive};
use crate::receivables::intake::dates;

/// Rows that repeat cells with something in them are lists of the same invoice: a few are tolerated.
const MOST_REPEATS: u32 = 1_000;

pub fn sheets(bytes: &[u8], context: &Context<'_>) -> Result<Vec<Grid>, FileRefusal> {
    let mut archive = archive::open(bytes)?;
    let index = archive.index_for_name("content.xml").ok_or_else(|| broken("it holds no content.xml"))?;
    let content = archive::unpack(&mut archive, index, context)?;
    let text = String::from_utf8(content).map_err(|_| broken("its content.xml is not UTF-8"))?;
    let mut tables = Tables::default();
    let mut reader = XmlReader::from_str(&text);
    loop {
        match reader.read_event().map_err(|error| broken(&error.to_string()))? {
            Event::Start(element) => tables.open(&element),
            Event::Empty(element) => {
                tables.open(&element);
                tables.close(element.name().as_ref())?;
            }
            Event::End(element) => tables.close(element.name().as_ref())?,
            Event::Text(text) => tables.text(&text.xml10_content()),
            Event::GeneralRef(reference) => tables.reference(&reference)?,
            Event::CData(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::DocType(_) => return Err(FileRefusal::DocumentType),
            Event::Eof if tables.depth == 0 => return Ok(tables.done),
            Event::Eof => return Err(broken("its content.xml is cut off")),
        }
        if tables.done.len() > MOST_SHEETS {
            return Ok(tables.done);
        }
    }
}

fn broken(detail: &str) -> FileRefusal {
    FileRefusal::BrokenSpreadsheet(detail.chars().take(200).collect())
}

#[derive(Default)]
struct Tables {
    done: Vec<Grid>,
    grid: Grid,
    depth: usize,
    row: u32,
    row_repeats: u32,
    column: u32,
    cells: Vec<(u32, Cell)>,
    cell: OpenCell,
}

#[derive(Default)]
struct OpenCell {
    open: bool,
    repeats: u32,
    kind: String,
    value: Option<String>,
    paragraphs: u32,
    text: String,
}

impl Tables {
    fn open(&mut self, element: &BytesStart<'_>) {
        self.depth = self.depth.saturating_add(1);
        let attribute = |name: &str| element.try_get_attribute(name).ok().flatten().map(|found| found.value.into_owned());
        let repeats = |name| attribute(name).and_then(|count| count.parse().ok()).unwrap_or(1);
        match element.name().as_ref() {
            "table:table" => (self.grid, self.row) = (self.grid.next(), 0),
            "table:table-row" => {
                self.row_repeats = repeats("table:number-rows-repeated");
                self.column = 0;
                self.cells.clear();
            }
            "table:table-cell" | "table:covered-table-cell" => {
                let kind = attribute("office:value-type").unwrap_or_default();
                let value = attribute("office:value").or_else(|| attribute("office:date-value"));
                let repeats = repeats("table:number-columns-repeated");
                self.cell = OpenCell { open: true, repeats, kind, value, ..OpenCell::default() };
            }
            "text:p" => {
                if self.cell.paragraphs > 0 {
                    self.text("\n");
                }
                self.cell.paragraphs = self.cell.paragraphs.saturating_add(1);
            }
            "text:s" | "text:tab" | "text:line-break" => self.text(" "),
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if self.cell.open && self.cell.text.len() < 32_768 {
            self.cell.text.push_str(text);
        }
    }

    fn reference(&mut self, reference: &quick_xml::events::BytesRef<'_>) -> Result<(), FileRefusal> {
        let character = crate::receivables::intake::xml::character(reference)?;
        self.text(&character);
        Ok(())
    }

    fn close(&mut self, name: &str) -> Result<(), FileRefusal> {
        self.depth = self.depth.saturating_sub(1);
        match name {
            "table:table" => {
                let next = self.grid.next();
                self.done.push(std::mem::replace(&mut self.grid, next));
            }
            "table:table-row" => return self.close_row(),
            "table:table-cell" | "table:covered-table-cell" => self.close_cell(),
            _ => {}
        }
        Ok(())
    }

    fn close_cell(&mut self) {
        let cell = std::mem::take(&mut self.cell);
        let end = self.column.saturating_add(cell.repeats).min(MOST_COLUMNS);
        if let Some(value) = cell.value() {
            self.cells.extend((self.column..end).map(|column| (column, value.clone())));
        }
        self.column = end;
    }

    fn close_row(&mut self) -> Result<(), FileRefusal> {
        let end = self.row.saturating_add(self.row_repeats);
        if !self.cells.is_empty() {
            if self.row_repeats > MOST_REPEATS {
                return Err(FileRefusal::TooManyCells(super::MOST_CELLS));
            }
            for row in self.row..end {
                for (column, cell) in &self.cells {
                    self.grid.put(row, *column, cell.clone())?;
                }
            }
        }
        self.row = end;
        Ok(())
    }
}

impl OpenCell {
    fn value(self) -> Option<Cell> {
        let shown = || Some(self.text.trim()).filter(|text| !text.is_empty()).map(|text| Cell::Text(text.to_owned()));
        match (self.kind.as_str(), &self.value) {
            ("float" | "currency" | "percentage", Some(value)) => {
                Some(value.parse().map_or_else(|_| Cell::Text(value.clone()), |number: f64| Cell::Number(super::decimal(number))))
            }
            ("date", Some(value)) => dates::parse(value, dates::Order::DayFirst).map(Cell::Day).or_else(shown),
            _ => shown(),
        }
    }
}
