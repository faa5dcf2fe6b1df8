//! A list as a workbook: typed cells, so that texts are texts, days are days and amounts are summed.

use chrono::Datelike;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use super::{Cell, Export, Rows, as_file};
use crate::http::{Code, Problem};

const MEDIA_TYPE: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// Far fewer than a sheet can hold: what is longer is for the CSV, which is streamed.
const ROWS_MAX: u32 = 200_000;

/// # Errors
/// More rows than a workbook is made of.
pub async fn xlsx(export: Export, name: &str) -> Result<actix_web::HttpResponse, Problem> {
    let mut workbook = Workbook::new();
    let mut writing =
        Writing { row: 0, day: Format::new().set_num_format("yyyy-mm-dd"), amount: Format::new().set_num_format("#,##0.00") };
    let sheet = workbook.add_worksheet_with_constant_memory().map_err(Problem::internal)?;
    let headings: Vec<Cell> = export.headings().into_iter().map(Cell::Text).collect();
    writing.write(sheet, &headings).map_err(Problem::internal)?;
    let mut cursor = None;
    loop {
        let Rows { rows, next_cursor } = export.rows(cursor).await?;
        for row in &rows {
            writing.write(sheet, row).map_err(Problem::internal)?;
        }
        if writing.row > ROWS_MAX {
            let detail = format!("a workbook takes at most {ROWS_MAX} rows: narrow the list, or take the CSV");
            return Err(Problem::new(Code::PayloadTooLarge).detail(detail));
        }
        match next_cursor {
            Some(next) => cursor = Some(next),
            None => break,
        }
    }
    let packed = tokio::task::spawn_blocking(move || workbook.save_to_buffer()).await.map_err(Problem::internal)?;
    Ok(as_file(MEDIA_TYPE, name).body(packed.map_err(Problem::internal)?))
}

struct Writing {
    /// The next one.
    row: u32,
    day: Format,
    amount: Format,
}

impl Writing {
    fn write(&mut self, sheet: &mut Worksheet, cells: &[Cell]) -> Result<(), XlsxError> {
        for (column, cell) in (0_u16..).zip(cells) {
            match cell {
                // A string cell is no formula, whatever it begins with.
                Cell::Text(text) => {
                    sheet.write_string(self.row, column, text)?;
                }
                Cell::Day(day) => {
                    let (year, month, of_month) = (day.year(), day.month(), day.day());
                    let at = ExcelDateTime::from_ymd(
                        u16::try_from(year).unwrap_or(0),
                        u8::try_from(month).unwrap_or(0),
                        u8::try_from(of_month).unwrap_or(0),
                    )?;
                    sheet.write_datetime_with_format(self.row, column, &at, &self.day)?;
                }
                Cell::Amount(money) => {
                    sheet.write_number_with_format(self.row, column, read(&money.decimal())?, &self.amount)?;
                }
                Cell::Number(decimal) => {
                    sheet.write_number(self.row, column, read(decimal)?)?;
                }
                Cell::Nothing => {}
            }
        }
        self.row += 1;
        Ok(())
    }
}

/// A workbook knows no other numbers: what is read here is what the decimal says, and nothing is reckoned with it.
fn read(decimal: &str) -> Result<f64, XlsxError> {
    decimal.parse().map_err(|_| XlsxError::ParameterError(decimal.to_owned()))
}
