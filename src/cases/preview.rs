//! The fit check: whether invoices make a case, what is missing, and what similar cases came to. Nothing is stored.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Case, CasesError, Posting, posting, store};
use crate::{
    db::{By, Conn},
    receivables::{self, ChecklistItem, Debtor, Enforceability, Receivable, ReceivablesError},
    types::{BasisPoints, Country, Money, clock::day_in},
};

/// Fewer closed cases than this say nothing, and could say whose they were.
const LEAST_CASES: i64 = 5;

/// Why invoices make no case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Obstacle {
    #[schema(example = "not_due")]
    pub code: &'static str,
    pub detail: String,
}

/// What similar cases came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Expected {
    /// Closed cases behind the figure: same country and kind of debtor, same currency, a quarter to four times the amount.
    pub cases: i64,
    /// What was recovered of their principal. None where fewer than five closed.
    pub recovered_bp: Option<BasisPoints>,
}

/// What a case over these invoices would be.
#[derive(Debug)]
pub struct Preview {
    pub case: Result<Case, Obstacle>,
    pub debtor: Option<Debtor>,
    pub invoices: Vec<Receivable>,
    pub checklist: Vec<ChecklistItem>,
    /// Until when the oldest of the invoices can be enforced.
    pub limitation: Option<Enforceability>,
}

impl Preview {
    const fn of_nothing(obstacle: Obstacle) -> Self {
        Self { case: Err(obstacle), debtor: None, invoices: Vec::new(), checklist: Vec::new(), limitation: None }
    }
}

/// Looks at what posting would do, and does not do it.
///
/// # Errors
/// The database fails, or an invoice is not the creditor's. What stands in the way of a case is an answer.
pub async fn preview(conn: &mut Conn<'_>, by: &By, posting: &Posting) -> Result<Preview, CasesError> {
    let invoices = match receivables::lock_open_receivables(conn, by, &posting.receivables).await {
        Ok(invoices) => invoices,
        Err(refusal @ ReceivablesError::InACase { .. }) => {
            let obstacle = Obstacle { code: "in_a_case", detail: refusal.to_string() };
            return Ok(Preview::of_nothing(obstacle));
        }
        Err(error) => return Err(error.into()),
    };
    let debtor = match invoices.first() {
        Some(first) => Some(receivables::find_debtor(conn, by, first.debtor_id).await?),
        None => None,
    };
    let checklist = match &debtor {
        Some(debtor) => receivables::checklist_of(conn, by, debtor, &invoices).await?,
        None => Vec::new(),
    };
    let today = day_in(chrono_tz::UTC, by.at);
    let barred = match receivables::check_enforceable(conn, by, &invoices, today).await {
        Ok(()) => None,
        Err(refusal @ ReceivablesError::TimeBarred(_)) => Some(Obstacle { code: "time_barred", detail: refusal.to_string() }),
        Err(error) => return Err(error.into()),
    };
    let oldest = invoices.iter().min_by_key(|invoice| invoice.due_on).map(|invoice| invoice.id);
    let limitation = match oldest {
        Some(oldest) => Some(receivables::enforceability_of(conn, by, oldest).await?),
        None => None,
    };
    let case = posting::assemble(by, posting, &invoices).map_err(|refusal| obstacle(&refusal));
    let case = barred.map_or(case, Err);
    Ok(Preview { case, debtor, invoices, checklist, limitation })
}

fn obstacle(refusal: &CasesError) -> Obstacle {
    let code = match refusal {
        CasesError::NoReceivables => "no_receivables",
        CasesError::SeveralDebtors => "several_debtors",
        CasesError::SeveralCurrencies => "several_currencies",
        CasesError::NothingOwed => "nothing_owed",
        CasesError::NotDue(_) => "not_due",
        CasesError::TimeBarred(_) => "time_barred",
        CasesError::NotFound
        | CasesError::NoSuch(_)
        | CasesError::WrongPhase(_)
        | CasesError::PromiseDay(_)
        | CasesError::PromiseAmount(_)
        | CasesError::Plan(_)
        | CasesError::Disputed
        | CasesError::Extent(_)
        | CasesError::Settlement(_)
        | CasesError::TheCreditors
        | CasesError::Money(_)
        | CasesError::Setting(..)
        | CasesError::StalePolicy(_)
        | CasesError::HoldEnd
        | CasesError::AlreadyDone(_)
        | CasesError::Reduction(_)
        | CasesError::TextLength(_)
        | CasesError::Parties(_)
        | CasesError::Receivables(_)
        | CasesError::NotUncollectable
        | CasesError::Db(_) => "cannot_be_posted",
    };
    Obstacle { code, detail: refusal.to_string() }
}

/// What closed cases of this kind came to, over all creditors: a figure that names nobody.
///
/// # Errors
/// The database fails.
pub async fn expected(
    conn: &mut Conn<'_>,
    country: Country,
    kind: receivables::DebtorKind,
    principal: Money,
) -> Result<Expected, CasesError> {
    let history = store::history::similar(conn, country, kind, principal).await?;
    let recovered_bp = (history.cases >= LEAST_CASES).then_some(BasisPoints(history.recovered_bp));
    Ok(Expected { cases: history.cases, recovered_bp })
}
