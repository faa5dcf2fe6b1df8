//! An agency's first page: mandates to sign and payments to answer, then its tasks as they fall due, then what it holds in sums.

use actix_web::HttpResponse;
use askama::Template;

use super::{
    Refused, Shell,
    overview::{AT_MOST, Sums, ToAnswer, first, sums, to_answer},
    visitor::Visitor,
};
use crate::{
    app::App,
    cases::{self, desk::OpenDispute},
    http::Problem,
    market::{
        self,
        desk::{Deciding, ToSign},
    },
    recovery::{self, desk::Work},
    settlement::{self, Payout, PayoutStatus},
    types::clock::day_in,
};

/// Tasks that one sits before.
const TASKS_AT_MOST: i64 = 100;

#[derive(Template)]
#[template(path = "portal/work.html")]
struct WorkPage<'a> {
    shell: &'a Shell,
    /// Creditors decide and answer objections: none here, in the list that both share.
    deciding: Vec<Deciding>,
    disputes: Vec<OpenDispute>,
    to_sign: Vec<ToSign>,
    to_answer: Vec<ToAnswer>,
    work: Vec<Work>,
    to_remit: Vec<Payout>,
    sums: Vec<Sums>,
    now: chrono::DateTime<chrono::Utc>,
}

impl WorkPage<'_> {
    fn nothing_presses(&self) -> bool {
        self.to_sign.is_empty() && self.to_answer.is_empty() && self.to_remit.is_empty()
    }
}

/// # Errors
/// The database fails.
pub async fn show(app: &App, visitor: &Visitor) -> Result<HttpResponse, Problem> {
    let by = visitor.by_now();
    let shell = visitor.shell("portal.work.title", Refused::nothing());
    let on = day_in(visitor.country.time_zone(), by.at);
    let page = app.db.transaction(by.scope, async |conn| {
        let due = settlement::list_payouts(conn, &by, Some(PayoutStatus::Due), first(200)?).await?;
        Ok::<_, Problem>(WorkPage {
            shell: &shell,
            deciding: Vec::new(),
            disputes: Vec::new(),
            to_sign: market::desk::to_sign(conn, &by, AT_MOST).await?,
            to_answer: to_answer(conn, &by, visitor).await?,
            work: recovery::desk::work(conn, &by, TASKS_AT_MOST).await?,
            to_remit: due.into_iter().filter(|payout| payout.payer_id == visitor.org).collect(),
            sums: sums(&cases::desk::portfolio(conn, &by, on).await?),
            now: by.at,
        })
    });
    visitor.show(&shell, &page.await?)
}
