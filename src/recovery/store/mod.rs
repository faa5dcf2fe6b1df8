//! SQL of recovery.

pub mod absences;
pub mod actions;
pub mod addresses;
pub mod contacts;
pub mod debtor_terms;
pub mod deliveries;
pub mod desk;
pub mod inbound;
pub mod letterheads;
pub mod letters;
pub mod line;
pub mod opt_outs;
pub mod private_notes;
pub mod rehearsals;
pub mod runs;
pub mod strategies;
pub mod tasks;
pub mod wordings;
pub mod work;
