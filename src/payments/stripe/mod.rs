//! Card and direct debit through Stripe: the debtor pays on Stripe's page, the platform's balance there holds the money, Connect
//! transfers bring each party its part (separate charges and transfers).
//!
//! What may never happen here: Stripe told of something that no row of ours stands for; money moved twice because an answer
//! did not arrive; an event that decides something by itself. An event only says where to look: the books follow what Stripe
//! says of the payment *now* ([`seen`]), so events may come twice, late, in any order or not at all.
//!
//! Every call is made outside a transaction and under an idempotency key of ours; what has no answer is looked up before it is
//! sent again. Lock order: the case, then the checkout; a payout after its case.

pub mod accounts;
mod answers;
pub mod api;
mod books;
mod checkouts;
mod events;
mod gateway;
pub mod jobs;
mod movements;
pub mod pages;
pub mod refunds;
mod seen;
mod signature;
mod store;
mod transfers;

pub use jobs::round;
