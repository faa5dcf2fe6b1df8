//! Sign-up, log-in, keys, people and vetting, from outside.

mod access;
mod people;
mod proof;
mod sessions;
mod sign_up;
mod vetting;
