//! The lists of the portals as files for spreadsheets: every row of the list that the page shows a part of, by the same filter.
//!
//! What may never happen here: a row that its page would not show; a cell that a spreadsheet runs; a list held whole in memory
//! before its first line leaves (CSV).

mod lists;
mod sheet;

use std::io;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header,
    web::{self, Bytes, Data, Path},
};
use chrono::NaiveDate;
use futures_util::stream;

use self::lists::List;
use super::{Refused, Shell, Visitor};
use crate::{
    app::App,
    http::{Code, Problem},
    types::{Language, Money, clock::day_in, spreadsheet::harmless},
};

/// A value of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    Text(String),
    Day(NaiveDate),
    /// Its currency stands in a cell of its own.
    Amount(Money),
    /// With a decimal point.
    Number(String),
    Nothing,
}

impl Cell {
    fn of<T: std::fmt::Display>(value: T) -> Self {
        Self::Text(value.to_string())
    }

    fn or_nothing<T: std::fmt::Display>(value: Option<T>) -> Self {
        value.map_or(Self::Nothing, Self::of)
    }

    /// As a CSV in the reader's habit has it.
    fn written(&self, language: Language) -> String {
        match self {
            Self::Text(text) => harmless(text).into_owned(),
            Self::Day(day) => day.to_string(),
            Self::Amount(money) => in_habit(money.decimal(), language),
            Self::Number(decimal) => in_habit(decimal.clone(), language),
            Self::Nothing => String::new(),
        }
    }
}

fn in_habit(decimal: String, language: Language) -> String {
    match language {
        Language::English => decimal,
        Language::Spanish | Language::French => decimal.replace('.', ","),
    }
}

/// Some rows, and where those after them begin.
pub struct Rows {
    pub rows: Vec<Vec<Cell>>,
    pub next_cursor: Option<String>,
}

/// `/portal/exports/cases.csv?…`, `….xlsx`: the query is that of the list's page.
///
/// # Errors
/// No list, no such file, or a list that is not this reader's.
pub async fn download(
    app: Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    file: Path<String>,
) -> Result<HttpResponse, Problem> {
    let (name, ending) = file.rsplit_once('.').ok_or_else(Problem::not_found)?;
    let query = web::Query::<Vec<(String, String)>>::from_query(request.query_string());
    let query = query.map_err(|error| Problem::new(Code::MalformedRequest).detail(error.to_string()))?.into_inner();
    let list = List::read(name, &visitor, &query)?;
    let export =
        Export { shell: visitor.shell("portal.exports.title", Refused::nothing()), app: app.get_ref().clone(), visitor, list };
    let today = day_in(export.visitor.country.time_zone(), export.visitor.by_now().at);
    let name = format!("{name}-{today}.{ending}");
    match ending {
        "csv" => csv(export, &name).await,
        "xlsx" => sheet::xlsx(export, &name).await,
        _ => Err(Problem::not_found()),
    }
}

/// A list on its way into a file.
pub struct Export {
    shell: Shell,
    app: App,
    visitor: Visitor,
    list: List,
}

impl Export {
    fn headings(&self) -> Vec<String> {
        self.list.headings(&self.shell)
    }

    async fn rows(&self, cursor: Option<String>) -> Result<Rows, Problem> {
        self.list.rows(&self.app, &self.visitor, &self.shell, cursor).await
    }
}

/// Page by page as the browser takes it. The first page is read before anything is said, so that a refusal is one.
async fn csv(export: Export, name: &str) -> Result<HttpResponse, Problem> {
    let language = export.shell.language;
    let first = export.rows(None).await?;
    // With a byte-order mark, so that spreadsheets read the accents.
    let head = [b"\xef\xbb\xbf".to_vec(), line(&export.headings()).map_err(Problem::internal)?].concat();
    let rest = stream::try_unfold((export, Some(first), Bytes::from(head)), move |(export, rows, head)| async move {
        let Some(Rows { rows, next_cursor }) = rows else { return Ok(None) };
        let mut piece = head.to_vec();
        for row in &rows {
            let cells: Vec<String> = row.iter().map(|cell| cell.written(language)).collect();
            piece.extend(line(&cells).map_err(io::Error::other)?);
        }
        let next = match next_cursor {
            Some(cursor) => Some(export.rows(Some(cursor)).await.map_err(|problem| io::Error::other(problem.to_string()))?),
            None => None,
        };
        Ok::<_, io::Error>(Some((Bytes::from(piece), (export, next, Bytes::new()))))
    });
    Ok(as_file("text/csv; charset=utf-8", name).streaming(rest))
}

fn line(cells: &[String]) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::WriterBuilder::new().delimiter(b';').terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(cells)?;
    writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}

fn as_file(media_type: &'static str, name: &str) -> actix_web::HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    response
        .content_type(media_type)
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .insert_header((header::CACHE_CONTROL, "private, no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::Currency;

    #[test]
    fn a_cell_is_written_in_the_readers_habit_and_never_run() {
        let amount = Cell::Amount(Money::new(-123_456, Currency::EUR));
        assert_eq!((amount.written(Language::English), amount.written(Language::French)), ("-1234.56".into(), "-1234,56".into()));
        for formula in ["=1+1", "+1", "-1", "@sum", "\tx", "\rx"] {
            assert_eq!(Cell::of(formula).written(Language::Spanish), format!("'{formula}"));
        }
        assert_eq!(Cell::Number("71.54".to_owned()).written(Language::Spanish), "71,54");
        assert_eq!(Cell::Day("2026-11-02".parse().unwrap()).written(Language::French), "2026-11-02");
        assert_eq!(Cell::or_nothing(None::<String>).written(Language::French), "");
    }
}
