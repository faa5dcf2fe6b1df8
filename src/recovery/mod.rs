//! Carrying cases through their strategies: steps, messages, calls, and what became of them.
//!
//! What may never happen here: a contact that the policy did not allow at the moment it left; a step lost because a server
//! was down, taken twice, or fired in a burst with others; a message sent twice; one creditor learning of another through
//! the cap they share; a case that nobody looks at again.
//!
//! Lock order: case, delivery or task, then the debtor's contacts (an advisory lock, `store::contacts::lock_debtor`).

pub mod absences;
mod act;
pub mod addresses;
pub mod addresses_api;
pub mod answers;
pub mod api;
pub mod approvals;
pub mod assignments;
mod channels;
pub mod debtor_terms;
mod delivery;
mod demand;
pub mod desk;
mod dossier;
pub mod engine;
mod error;
pub mod evaluation;
pub mod hours;
pub mod inbound;
pub mod inbound_api;
pub mod inbound_text;
pub mod jobs;
pub mod legal_content;
pub mod letterheads;
pub mod letterheads_api;
pub mod letters;
pub mod letters_api;
pub mod line;
pub mod opt_out_page;
pub mod opt_outs;
pub mod opt_outs_api;
pub mod playbooks;
pub mod policy;
pub mod print_room;
pub mod private_notes;
pub mod records;
pub mod rehearsal;
pub mod rehearsals;
pub mod replies;
mod runs;
pub mod situation;
pub mod standing;
mod store;
pub mod strategies;
pub mod strategies_api;
pub mod strategy;
mod task_title;
mod tasks;
pub mod wordings;
pub mod wordings_api;
pub mod work;
pub mod work_api;

pub use error::RecoveryError;
pub use records::{Action, Delivery, Task};
pub use tasks::{Completion, complete};
