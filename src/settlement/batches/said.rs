//! What a bank says of the orders that it was given.

use crate::types::text_enum;

text_enum! {
    /// How far the bank is with an order.
    pub enum OrderStatus {
        Pending => "pending",
        /// It will be carried out.
        Accepted => "accepted",
        /// The money has gone.
        Settled => "settled",
        /// It will not be; its payout is free again.
        Rejected => "rejected",
    }
}

/// What a bank said, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    pub status: OrderStatus,
    /// The bank's code and words.
    pub reason: Option<String>,
}
