//! Credit notes among the rows of a file: each lowers the invoice that it names, or waits for it.
//!
//! They go before the invoices of their batch, so that an invoice finds the credit note that came with it.

use super::UploadsError;
use crate::{
    cases::{self, CasesError},
    db::{By, Conn},
    receivables::{self, CheckedRow, NewCredit, ReceivablesError, RowAnswer, RowStatus},
};

/// Answers the rows that are credit notes.
///
/// # Errors
/// The database fails. A credit note that does not fit is an answer, not an error.
pub async fn credit_rows(conn: &mut Conn<'_>, by: &By, rows: &mut [CheckedRow]) -> Result<(), UploadsError> {
    for row in rows {
        if let Some(credit) = row.credit.take() {
            row.answered = Some(credit_row(conn, by, row, &credit).await?);
        }
    }
    Ok(())
}

async fn credit_row(conn: &mut Conn<'_>, by: &By, row: &CheckedRow, credit: &NewCredit) -> Result<RowAnswer, UploadsError> {
    let credited = credit.credited_number.as_deref().unwrap_or_default();
    let (code, blank) = (Some("credit_note"), RowAnswer { number: Some(credit.number.clone()), ..row.blank_answer() });
    let status = |fresh| if fresh { RowStatus::Accepted } else { RowStatus::Known };
    let Some(invoice) = receivables::find_by_number(conn, by, &credit.issuer, credited).await? else {
        let creditor = by.scope.org().ok_or(UploadsError::NotFound)?;
        let fresh = receivables::keep_waiting(conn, by, creditor, credit).await?;
        let reason = Some(format!("a credit note that waits for invoice `{credited}`"));
        return Ok(RowAnswer { status: status(fresh), code, reason, ..blank });
    };
    match cases::credit_invoice(conn, by, invoice, credit).await {
        Ok(given) => {
            let reason = Some(format!("a credit note: invoice `{credited}` is {} less", given.note.applied));
            Ok(RowAnswer { status: status(given.fresh), receivable_id: Some(invoice), code, reason, ..blank })
        }
        Err(CasesError::Receivables(
            refused @ (ReceivablesError::CreditCurrency { .. } | ReceivablesError::CreditNumberTaken(_)),
        )) => Ok(RowAnswer { code, reason: Some(refused.to_string()), ..blank }),
        Err(error) => Err(error.into()),
    }
}
