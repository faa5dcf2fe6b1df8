//! What a bundle of letters is printed from: all of them as one PDF, and their addresses as a list.

use actix_web::HttpResponse;

use super::{
    RecoveryError,
    letters::{self, Letter, Recipient},
    store::deliveries,
};
use crate::{
    app::App,
    db::By,
    http::{Problem, pdf_file},
    paper, receivables,
    types::{LetterBundleId, spreadsheet::harmless},
};

const HEADINGS: [&str; 9] = ["position", "pages", "reference", "case", "name", "street", "postal_code", "city", "country"];

/// A bundle as it goes to the printer.
struct Printable {
    letters: Vec<Letter>,
    bundle: paper::bundle::Bundle,
}

/// The letters of a bundle as one PDF, in the order of the list.
///
/// # Errors
/// Not visible; the file store is away.
pub async fn pdf(app: &App, by: &By, id: LetterBundleId) -> Result<HttpResponse, Problem> {
    Ok(pdf_file(&format!("{id}.pdf"), printable(app, by, id).await?.bundle.pdf))
}

/// The addresses of a bundle: CSV in UTF-8, separated by semicolons, a line for each letter with the pages it takes in the PDF.
///
/// # Errors
/// As [`pdf`].
pub async fn csv(app: &App, by: &By, id: LetterBundleId) -> Result<HttpResponse, Problem> {
    let lines = lines(&printable(app, by, id).await?).map_err(Problem::internal)?;
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header(("Content-Disposition", format!("attachment; filename=\"{id}.csv\"")))
        .insert_header(("Cache-Control", "private, no-store"))
        .body(lines))
}

async fn printable(app: &App, by: &By, id: LetterBundleId) -> Result<Printable, Problem> {
    let read = app.db.transaction(by.scope, async |conn| {
        let double_sided = letters::find_bundle(conn, by, id).await?.double_sided;
        let letters = letters::letters_of(conn, by, id).await?;
        let mut documents = Vec::with_capacity(letters.len());
        for letter in &letters {
            let document = deliveries::document_of(conn, letter.id).await?.ok_or(RecoveryError::NotFound("letter"))?;
            documents.push(receivables::find_document(conn, by, document).await?);
        }
        Ok::<_, RecoveryError>((double_sided, letters, documents))
    });
    let (double_sided, letters, documents) = read.await?;
    let mut drawn = Vec::with_capacity(documents.len());
    for document in documents {
        drawn.push(receivables::read_content(app, document.content).await?);
    }
    // Two hundred letters take a while: off the thread that answers requests.
    let bound = tokio::task::spawn_blocking(move || paper::bundle::bundle(&drawn, double_sided)).await;
    let bundle = bound.map_err(Problem::internal)?.map_err(Problem::internal)?;
    Ok(Printable { letters, bundle })
}

/// With a byte-order mark, so that spreadsheets read the accents.
fn lines(printable: &Printable) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::WriterBuilder::new().delimiter(b';').terminator(csv::Terminator::CRLF).from_writer("\u{feff}".into());
    writer.write_record(HEADINGS)?;
    for (position, (letter, pages)) in (1..).zip(printable.letters.iter().zip(&printable.bundle.pages)) {
        let to = serde_json::from_value::<Recipient>(letter.recipient.clone()).ok();
        let part = |of: fn(&Recipient) -> &str| harmless(to.as_ref().map(of).unwrap_or_default());
        writer.write_record([
            position.to_string().as_str(),
            &pages.to_string(),
            &letter.reference,
            &letter.case_reference,
            &part(|to| &to.name),
            &part(|to| &to.street),
            &part(|to| &to.postal_code),
            &part(|to| &to.city),
            &part(|to| &to.country),
        ])?;
    }
    writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}
