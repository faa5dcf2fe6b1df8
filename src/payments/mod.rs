//! Money that arrived or was declared, and how it is spent on what is owed.
//!
//! What may never happen here: a payment lost or counted twice, more spent than was paid or owed, a reminder sent after the
//! money came.

pub mod allocation;
