//! Tools of the API: problems, envelopes of commands, pages of lists. Knows no slice; `routes.rs` brings them together.

pub mod docs;
pub mod envelope;
mod form;
pub mod idempotency;
pub mod limits;
pub mod middleware;
pub mod pagination;
pub mod problem;

pub use envelope::{Command, IfMatch, Json, Nothing, OneOf, Query, pdf_file, resource};
pub use form::{FormFile, FormWithFile};
pub use idempotency::{AsSystem, Caller, answer, is_first};
pub use pagination::{Cursor, Page, PageQuery};
pub use problem::{Code, FieldError, Problem};
