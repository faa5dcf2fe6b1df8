//! Files of invoices on their way in: spooled as they arrive, read by a job, taken batch by batch, answered row by row.
//!
//! What may never happen here: a file whole in memory; a row without an answer, or answered twice; a batch that is repeated or
//! left out because somebody was killed. The row of an upload moves on in the transaction of each batch, from where the reader
//! of that batch began and from nowhere else, so of two who take the same upload one gives way.
//!
//! Lock order: debtors by identity key, receivables by issuer and number, new cases; the upload last.

pub mod api;
mod crediting;
mod error;
mod following;
pub mod jobs;
mod mapping;
mod opening;
mod reading;
mod receiving;
mod results;
mod store;
mod taking;
mod upload;

pub use error::UploadsError;
pub use mapping::{Heading, mapping_of, set_mapping};
pub use receiving::{ReceivedForm, discard, receive_form};
pub use results::read as read_results;
pub use taking::{Turn, take_turn};
pub use upload::{
    CasesWanted, Options, SpooledFile, Upload, UploadFile, UploadStatus, UploadView, cancel, commit, find, list, list_files,
    register,
};
