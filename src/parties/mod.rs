//! Organisations, the people in them, and how they prove who they are.

pub mod access;
pub mod roles;
mod store;
mod tokens;

pub use access::{AgencyMember, AnyMember, CreditorMember, Identity, OperatorMember};
pub use roles::{OrgKind, Permission, Role};
