//! Reports: one of them for a day, its figures, a chart of its table, the table, and all of it as a file.

use actix_web::{HttpResponse, web::Data};
use askama::Template;
use chrono::NaiveDate;
use serde::Deserialize;

use super::{Fields, Refused, Shell, fields::settle, visitor::CreditorVisitor};
use crate::{
    app::App,
    http::{Problem, Query},
    insight::{
        self, Block, InsightError, Measure, Report, ReportKind, Row, Value,
        api::{csv_file, treasury_file},
        treasury_mails::{self, TreasuryMail, TreasuryRhythm},
    },
    parties::Permission,
};

/// `?report=&on=`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Wanted {
    report: String,
    on: String,
}

impl Wanted {
    fn report(&self) -> ReportKind {
        self.report.parse().unwrap_or(ReportKind::Aging)
    }

    fn on(&self) -> Option<NaiveDate> {
        self.on.parse().ok()
    }
}

#[derive(Template)]
#[template(path = "portal/reports.html")]
struct ReportsPage<'a> {
    shell: &'a Shell,
    report: Report,
    mail: TreasuryMail,
}

impl ReportsPage<'_> {
    /// What the bars of a report are as long as, and the measures between which its band lies, where it has one.
    const fn charted(&self) -> (Measure, Option<(Measure, Measure)>) {
        match self.report.report {
            ReportKind::Aging => (Measure::Open, None),
            ReportKind::Dso => (Measure::Receivables, None),
            ReportKind::Cei => (Measure::Cei, None),
            ReportKind::Promises => (Measure::KeptShare, None),
            ReportKind::Disputes => (Measure::DisputedOpen, None),
            ReportKind::Causes | ReportKind::CustomerCauses => (Measure::Affected, None),
            ReportKind::Responses => (Measure::PaidShare, Some((Measure::PaidLow, Measure::PaidHigh))),
            ReportKind::Recovery => (Measure::Recovered, None),
            ReportKind::CustomersKept => (Measure::KeptHalfYear, None),
            ReportKind::Forecast => (Measure::Expected, Some((Measure::Low, Measure::High))),
            ReportKind::Provisions => (Measure::Provision, None),
        }
    }

    fn label(&self, block: &Block, row: &Row) -> String {
        block.label(row, self.shell.language)
    }

    fn leaves(&self, rhythm: &TreasuryRhythm) -> bool {
        self.mail.rhythm == Some(*rhythm)
    }

    /// A number as this reader writes it; a dash where there is none.
    fn number(&self, value: &Option<Value>) -> String {
        value.map_or_else(|| "–".to_owned(), |value| self.shell.value(value))
    }

    /// Where a row's bar ends, in percent of the longest, and where its band begins and how wide it is.
    fn bar(&self, block: &Block, row: &Row) -> Bar {
        let (charted, band) = self.charted();
        let furthest = band.map_or(charted, |(_, high)| high);
        let longest = block.rows.iter().map(|row| Bar::measured(block, row, furthest)).max().unwrap_or(0).max(1);
        let length = |measure| percent(Bar::measured(block, row, measure), longest);
        let band = band.map(|(low, high)| (length(low), length(high)));
        Bar { length: length(charted), band: band.map(|(low, high)| (low, high.saturating_sub(low))) }
    }
}

/// A row's bar, in percent of the chart.
struct Bar {
    length: i64,
    band: Option<(i64, i64)>,
}

impl Bar {
    fn measured(block: &Block, row: &Row, measure: Measure) -> i64 {
        let value = block.columns.iter().zip(&row.values).find(|(column, _)| **column == measure).and_then(|(_, value)| *value);
        match value {
            Some(Value::Money { minor: size, .. } | Value::Days { hundredths: size } | Value::Share { bp: size }) => size,
            Some(Value::Count { count }) => count,
            None => 0,
        }
    }
}

fn percent(part: i64, whole: i64) -> i64 {
    i64::try_from(i128::from(part) * 100 / i128::from(whole.max(1))).unwrap_or(0).clamp(0, 100)
}

/// # Errors
/// A day to come, or before reports begin.
pub async fn show(app: Data<App>, visitor: CreditorVisitor, wanted: Query<Wanted>) -> Result<HttpResponse, Problem> {
    page(&app, &visitor, &wanted.0, Refused::nothing()).await
}

async fn page(app: &App, visitor: &CreditorVisitor, wanted: &Wanted, refused: Refused) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Read)?;
    let by = visitor.by_now();
    let drawn = app.db.transaction(by.scope, async |conn| {
        let report = insight::draw(conn, &by, visitor.org, wanted.report(), wanted.on()).await?;
        Ok::<_, InsightError>((report, treasury_mails::find(conn, visitor.id()).await?))
    });
    let (report, mail) = drawn.await?;
    let shell = visitor.shell("portal.reports.title", refused);
    visitor.show(&shell, &ReportsPage { shell: &shell, report, mail })
}

/// # Errors
/// As [`show`].
pub async fn file(app: Data<App>, visitor: CreditorVisitor, wanted: Query<Wanted>) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Read)?;
    let by = visitor.by_now();
    let drawn =
        app.db.transaction(by.scope, async |conn| insight::draw(conn, &by, visitor.org, wanted.0.report(), wanted.0.on()).await);
    Ok(csv_file(&drawn.await?))
}

/// # Errors
/// As [`show`].
pub async fn treasury(app: Data<App>, visitor: CreditorVisitor, wanted: Query<Wanted>) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Read)?;
    treasury_file(&app, &visitor.by_now(), visitor.org, wanted.0.on(), Some(visitor.language())).await
}

/// Whether one gets the treasury report by mail.
///
/// # Errors
/// What is not the form's fault.
pub async fn set_mail(app: Data<App>, visitor: CreditorVisitor, fields: Fields) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Read)?;
    let wanted = TreasuryMail { rhythm: fields.optional("rhythm").and_then(|rhythm| rhythm.parse().ok()) };
    let person = (visitor.org, visitor.id());
    let refused = fields.perform(&app, &*visitor, async |conn, by| treasury_mails::set(conn, by, person, wanted).await).await?;
    settle(&visitor, refused, ("/portal/reports", "treasury_mail_kept"), async |refused| {
        page(&app, &visitor, &Wanted::default(), refused).await
    })
    .await
}
