//! A bank's report on the file of payouts that it was sent (pain.002).

use super::{BankError, readers::pain002::StatusReport};
use crate::{
    db::{By, Conn},
    settlement::{
        SettlementError,
        batches::{self, PayoutBatch, batch_of, payout_of},
    },
    types::OrgId,
};

/// Writes down what the bank of `payer` says of a batch of its payouts. Sent again it changes nothing. Under `Scope::System`.
///
/// # Errors
/// It names no batch of the payer, or one that is not approved.
pub async fn report(conn: &mut Conn<'_>, by: &By, payer: OrgId, report: &StatusReport) -> Result<PayoutBatch, BankError> {
    let batch = batch_of(&report.message_id).ok_or(SettlementError::NoSuchBatch)?;
    let orders: Vec<_> =
        report.orders.iter().filter_map(|(id, said)| payout_of(id).map(|payout| (payout, said.clone()))).collect();
    Ok(batches::tell(conn, by, payer, batch, (report.whole.as_ref(), &orders)).await?)
}
