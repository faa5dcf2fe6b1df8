//! The values every slice speaks in: ids, money, rates, days, places, numbers of record.
//!
//! Pure: nothing here reads a clock (but `clock`), a file, the network or a database.
//! A value that exists is valid; the only way to make one is to parse it.

pub mod calendar;
pub mod clock;
pub mod company_number;
pub mod condition;
pub mod contact;
pub mod country;
pub mod creditor_reference;
pub mod fee;
pub mod fold;
pub mod iban;
pub mod ids;
pub mod language;
pub mod money;
pub mod phone;
pub mod rates;
pub mod reading;
mod spelled;
pub mod spreadsheet;
pub mod term;
mod text_enum;

pub use calendar::Calendar;
pub use clock::Clock;
pub use company_number::CompanyNumber;
pub use contact::{Channel, Tone};
pub use country::Country;
pub use creditor_reference::CreditorReference;
pub use fee::FeeSchedule;
pub use iban::Iban;
pub use ids::*;
pub use language::Language;
pub use money::{Currency, Money, MoneyError, Rounding};
pub use rates::BasisPoints;
pub(crate) use text_enum::text_enum;
