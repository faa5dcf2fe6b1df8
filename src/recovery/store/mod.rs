//! SQL of recovery.

pub mod actions;
pub mod addresses;
pub mod contacts;
pub mod deliveries;
pub mod desk;
pub mod inbound;
pub mod letters;
pub mod line;
pub mod rehearsals;
pub mod runs;
pub mod strategies;
pub mod tasks;
