//! What a version would do to today's cases, and what it would have done to closed ones. Nothing is done.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;
use serde::Deserialize;

use super::super::{Refused, Shell, Visitor};
use crate::{
    app::App,
    http::{Problem, Query},
    recovery::{
        RecoveryError,
        rehearsals::{self, BackTest, BackTestWish, Contacts, DayOfContacts, DryRun, DryRunWish},
        strategies::{self, StrategyVersion},
        work_api::may_lead,
    },
    types::StrategyId,
};

/// As many as a page can wait for.
const CASES: i64 = 200;

#[derive(Template)]
#[template(path = "portal/rehearsal.html")]
struct RehearsalPage<'a> {
    shell: &'a Shell,
    version: StrategyVersion,
    days: i64,
    dry_run: DryRun,
    back_test: BackTest,
    busiest: u32,
}

impl RehearsalPage<'_> {
    const fn all(contacts: &Contacts) -> u32 {
        contacts.mail + contacts.letter + contacts.call + contacts.sms
    }

    /// Of the busiest day, in percent: the length of its bar.
    fn bar(&self, day: &DayOfContacts) -> u32 {
        (Self::all(&day.contacts) * 100).checked_div(self.busiest).unwrap_or(0)
    }
}

/// `?days=`: 90 unless said.
#[derive(Debug, Default, Deserialize)]
pub struct Wanted {
    pub days: Option<i64>,
}

/// # Errors
/// Not visible; it cannot be carried out; days out of range.
pub async fn show(
    app: Data<App>,
    visitor: Visitor,
    id: Path<StrategyId>,
    Query(wanted): Query<Wanted>,
) -> Result<HttpResponse, Problem> {
    may_lead(&visitor)?;
    let by = visitor.by_now();
    let days = wanted.days.unwrap_or(90);
    let (version, dry_run, back_test) = app
        .db
        .transaction(by.scope, async |conn| {
            let version = strategies::find(conn, &by, *id).await?;
            let wish = DryRunWish { days: Some(days), cases: Some(CASES), applies_to: None };
            let dry_run = rehearsals::dry_run(&app, conn, &by, *id, &wish).await?;
            let wish = BackTestWish { cases: Some(CASES), applies_to: None };
            Ok::<_, RecoveryError>((version, dry_run, rehearsals::back_test(&app, conn, &by, *id, &wish).await?))
        })
        .await?;
    let busiest = dry_run.calendar.iter().map(|day| RehearsalPage::all(&day.contacts)).max().unwrap_or(0);
    let shell = Shell::of(&visitor, version.label(), Refused::nothing());
    visitor.show(&shell, &RehearsalPage { shell: &shell, version, days, dry_run, back_test, busiest })
}
