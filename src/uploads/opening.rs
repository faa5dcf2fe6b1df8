//! Cases by debtor: opened when every row of an upload is in, so that a customer's invoices become one case.

use std::time::{Duration, Instant};

use chrono::NaiveDate;
use uuid::Uuid;

use super::{Turn, UploadsError, store};
use crate::{
    app::App,
    cases::{self, Case, PostingTerms},
    db::{By, Conn},
    receivables::{self, Receivable},
    types::{CaseId, DebtorId, ReceivableId, UploadId, clock::day_in},
};

/// The last invoice that was looked at: its debtor and itself.
pub type After = (DebtorId, ReceivableId);

const PAGE: usize = 5_000;
/// Invoices that one case holds; a customer who owes more gets several.
const LARGEST_CASE: usize = 500;

/// Opens cases page by page, from where the upload stands.
///
/// # Errors
/// The database fails.
pub async fn open_by_debtor(app: &App, by: &By, id: UploadId, patience: Duration) -> Result<Turn, UploadsError> {
    let began = Instant::now();
    loop {
        if !app.db.transaction(by.scope, async |conn| open_page(conn, by, id).await).await? {
            return Ok(Turn::Over);
        }
        if began.elapsed() >= patience {
            return Ok(Turn::Unfinished);
        }
    }
}

/// `false`: there was nothing left, or somebody else does it.
async fn open_page(conn: &mut Conn<'_>, by: &By, id: UploadId) -> Result<bool, UploadsError> {
    let upload = store::find(conn, id).await?.ok_or(UploadsError::NotFound)?;
    let after = upload.after.unwrap_or((DebtorId(Uuid::nil()), ReceivableId(Uuid::nil())));
    let limit = i64::try_from(PAGE).unwrap_or(i64::MAX);
    let invoices = receivables::lock_uploaded(conn, by, id, after, limit).await?;
    let groups = groups(&invoices);
    let Some(last) = groups.last().and_then(|group| group.last()) else { return Ok(false) };
    let (cases, into) = prospects(by, upload.options.terms(), &groups);
    let opened = i32::try_from(cases.len()).unwrap_or(i32::MAX);
    cases::post_many(conn, cases).await?;
    receivables::assign_many(conn, by, &into).await?;
    Ok(store::advance_opening(conn, id, (upload.after, (last.debtor_id, last.id)), opened).await?)
}

/// Invoices of one debtor and currency. The last group of a full page may go on behind it and is left for the next one.
fn groups(invoices: &[Receivable]) -> Vec<&[Receivable]> {
    let one = |a: &Receivable, b: &Receivable| a.debtor_id == b.debtor_id;
    let mut groups: Vec<&[Receivable]> = invoices.chunk_by(one).flat_map(|group| group.chunks(LARGEST_CASE)).collect();
    if invoices.len() == PAGE && groups.len() > 1 {
        groups.pop();
    }
    groups
}

/// What is still owed and not so old that a person looks at it first.
fn fits(invoice: &Receivable, today: NaiveDate) -> bool {
    invoice.open_principal().is_positive() && !receivables::may_be_barred(invoice.due_on, today)
}

/// The cases, and which invoice goes into which. What is not due, paid, credited or very old stays outside.
fn prospects(by: &By, terms: PostingTerms, groups: &[&[Receivable]]) -> (Vec<Case>, Vec<(ReceivableId, CaseId)>) {
    let (mut cases, mut into) = (Vec::new(), Vec::new());
    let today = day_in(chrono_tz::UTC, by.at);
    for group in groups {
        let mut left: Vec<Receivable> = group.iter().filter(|invoice| fits(invoice, today)).cloned().collect();
        while let Some(currency) = left.first().map(|invoice| invoice.principal.currency) {
            let (own, others): (Vec<_>, Vec<_>) = left.into_iter().partition(|invoice| invoice.principal.currency == currency);
            if let Ok(case) = cases::prospect(by, terms, &own) {
                into.extend(own.iter().map(|invoice| (invoice.id, case.id)));
                cases.push(case);
            }
            left = others;
        }
    }
    (cases, into)
}
