//! The result file: one line per invoice, in the order of the files, kept in parts as the batches are taken.

use std::io;

use futures_util::{Stream, StreamExt, stream};

use super::UploadsError;
use crate::{
    receivables::RowAnswer,
    types::{UploadId, spreadsheet::harmless},
    vault::{Vault, VaultError},
};

const HEADINGS: [&str; 11] =
    ["file", "row", "status", "number", "receivable_id", "debtor_id", "case_id", "due_on_assumed", "column", "code", "reason"];

fn key(upload: UploadId, part: i32) -> String {
    format!("uploads/{upload}/results/{part:06}")
}

/// Keeps the answers of a batch as part `part` of the result file, from 1.
///
/// # Errors
/// The file store fails.
pub async fn keep(vault: &Vault, upload: UploadId, part: i32, answers: &[RowAnswer]) -> Result<(), UploadsError> {
    let written = lines(answers).map_err(|error| VaultError::Folder(io::Error::other(error)))?;
    Ok(vault.put(&key(upload, part), &written).await?)
}

fn lines(answers: &[RowAnswer]) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::WriterBuilder::new().delimiter(b';').terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for answer in answers {
        let id = |id: Option<String>| id.unwrap_or_default();
        writer.write_record([
            harmless(answer.file.as_deref().unwrap_or_default()).as_ref(),
            &answer.row.to_string(),
            answer.status.as_str(),
            harmless(answer.number.as_deref().unwrap_or_default()).as_ref(),
            &id(answer.receivable_id.map(|id| id.to_string())),
            &id(answer.debtor_id.map(|id| id.to_string())),
            &id(answer.case_id.map(|id| id.to_string())),
            if answer.due_on_assumed { "yes" } else { "" },
            answer.column.as_deref().unwrap_or_default(),
            answer.code.unwrap_or_default(),
            harmless(answer.reason.as_deref().unwrap_or_default()).as_ref(),
        ])?;
    }
    writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}

/// The result file of `parts` parts, part by part. With a byte-order mark, so that spreadsheets read the accents.
pub fn read(vault: Vault, upload: UploadId, parts: i32) -> impl Stream<Item = Result<actix_web::web::Bytes, VaultError>> {
    let head = format!("\u{feff}{}\r\n", HEADINGS.join(";"));
    let parts = stream::iter(1..=parts).then(move |part| {
        let vault = vault.clone();
        async move { vault.get(&key(upload, part)).await.map(Into::into) }
    });
    stream::once(std::future::ready(Ok(head.into()))).chain(parts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receivables::RowStatus;

    #[test]
    fn one_line_per_invoice_and_none_that_a_spreadsheet_runs() {
        let answer = RowAnswer {
            row: 7,
            file: Some("enero.csv".into()),
            status: RowStatus::Refused,
            number: Some("=1+1".into()),
            receivable_id: None,
            debtor_id: None,
            case_id: None,
            due_on_assumed: false,
            column: Some("amount".into()),
            code: Some("not_an_amount"),
            reason: Some("`1;2` is no amount".into()),
        };
        let text = String::from_utf8(lines(&[answer]).unwrap()).unwrap();
        assert_eq!(text, "enero.csv;7;refused;'=1+1;;;;;amount;not_an_amount;\"`1;2` is no amount\"\r\n");
    }
}
