//! XLSX by way of calamine, cell after cell: its ready-made ranges reserve memory for every cell between two corners.

use std::io::Cursor;

use calamine::{DataRef, Reader, Xlsx};
use chrono::NaiveDate;

use super::{Cell, FileRefusal, Grid, MOST_SHEETS, decimal};

pub fn sheets(bytes: &[u8]) -> Result<Vec<Grid>, FileRefusal> {
    let broken = |error: calamine::XlsxError| FileRefusal::BrokenSpreadsheet(error.to_string().chars().take(200).collect());
    let mut workbook = Xlsx::new(Cursor::new(bytes)).map_err(broken)?;
    let names = workbook.sheet_names();
    let mut sheets: Vec<Grid> = Vec::new();
    for name in names.iter().take(MOST_SHEETS) {
        let grid = sheets.last().map(Grid::next).unwrap_or_default();
        sheets.push(sheet(&mut workbook, name, grid, broken)?);
    }
    Ok(sheets)
}

fn sheet(
    workbook: &mut Xlsx<Cursor<&[u8]>>,
    name: &str,
    mut grid: Grid,
    broken: impl Fn(calamine::XlsxError) -> FileRefusal,
) -> Result<Grid, FileRefusal> {
    // Charts and dialogues are sheets without cells.
    let Ok(mut cells) = workbook.worksheet_cells_reader(name) else { return Ok(grid) };
    while let Some(found) = cells.next_cell().map_err(&broken)? {
        let (row, column) = found.get_position();
        if let Some(cell) = cell(found.get_value()) {
            grid.put(row, column, cell)?;
        }
    }
    Ok(grid)
}

fn cell(value: &DataRef<'_>) -> Option<Cell> {
    let text = |text: &str| Some(text).filter(|text| !text.trim().is_empty()).map(|text| Cell::Text(text.to_owned()));
    match value {
        DataRef::Int(number) => Some(Cell::Number(number.to_string())),
        DataRef::Float(number) => Some(Cell::Number(decimal(*number))),
        DataRef::String(string) | DataRef::DateTimeIso(string) | DataRef::DurationIso(string) => text(string),
        DataRef::SharedString(string) => text(string),
        DataRef::Bool(truth) => text(&truth.to_string()),
        DataRef::DateTime(moment) if moment.is_datetime() => {
            let (year, month, day, ..) = moment.to_ymd_hms_milli();
            let day = NaiveDate::from_ymd_opt(i32::from(year), u32::from(month), u32::from(day));
            Some(day.map_or_else(|| Cell::Number(decimal(moment.as_f64())), Cell::Day))
        }
        DataRef::DateTime(duration) => Some(Cell::Number(decimal(duration.as_f64()))),
        DataRef::Error(error) => text(&error.to_string()),
        DataRef::Empty => None,
    }
}
