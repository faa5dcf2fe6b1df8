//! Payments, confirmations, payouts.
