//! The list of cases: filtered, sorted, page by page.

use actix_web::{HttpResponse, web::Data};
use askama::Template;
use serde::Deserialize;

use super::{Refused, Shell, Visitor};
use crate::{
    app::App,
    cases::{
        self, Phase,
        desk::{CaseLine, Search, Sort},
    },
    http::{Page, Problem, Query},
    parties::Permission,
};

/// What is looked for. What is none of ours is as if it were not there: an old link still shows a list.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Wish {
    phase: String,
    q: String,
    sort: String,
    cursor: Option<String>,
}

#[derive(Template)]
#[template(path = "portal/cases.html")]
struct CasesPage<'a> {
    shell: &'a Shell,
    cases: Page<CaseLine>,
    phase: Option<Phase>,
    text: &'a str,
    sort: Sort,
    /// Of the filters, for the next page.
    query: String,
}

impl CasesPage<'_> {
    fn wants(&self, phase: &Phase) -> bool {
        self.phase == Some(*phase)
    }
}

/// # Errors
/// A cursor that is none of ours.
pub async fn show(app: Data<App>, visitor: Visitor, wish: Query<Wish>) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Read)?;
    let (by, Wish { phase, q, sort, cursor }) = (visitor.by_now(), wish.0);
    let (phase, sort, text) = (phase.parse().ok(), sort.parse().unwrap_or(Sort::Newest), q.trim());
    let search = Search { phase, text, sort, cursor: cursor.as_deref() };
    let cases = app.db.transaction(by.scope, async |conn| cases::desk::search(conn, &by, &search).await).await?;
    let shell = visitor.shell("portal.cases.title", Refused::nothing());
    let query = format!("&phase={}&sort={sort}&q={}", phase.map_or("", Phase::as_str), encoded(text));
    visitor.show(&shell, &CasesPage { shell: &shell, cases, phase, text, sort, query })
}

/// As a query takes it.
fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
