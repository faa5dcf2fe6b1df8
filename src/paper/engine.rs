//! Typst as a library: a template and a value in, the bytes of a PDF out.
//!
//! Values reach a template as data (`sys.inputs`), never as source. Fonts and templates are those compiled in; there is
//! no resolver for files of the machine or packages of the network. The same value gives the same bytes.

use std::sync::LazyLock;

use serde_json::Value;
use typst::foundations::Dict;
use typst_as_lib::{TypstEngine, TypstTemplateCollection, typst_kit_options::TypstKitFontOptions};
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

use super::PaperError;

/// Built at the first sheet: most processes never print one, and the fonts take a while to read.
static ENGINE: LazyLock<TypstEngine<TypstTemplateCollection>> = LazyLock::new(|| {
    TypstEngine::builder()
        .search_fonts_with(TypstKitFontOptions::new().include_system_fonts(false).include_embedded_fonts(true))
        .with_static_source_file_resolver([
            ("style.typ", include_str!("../../templates/paper/style.typ")),
            ("law.typ", include_str!("../../templates/paper/law.typ")),
            ("mandate.typ", include_str!("../../templates/paper/mandate.typ")),
            ("letter.typ", include_str!("../../templates/paper/letter.typ")),
            ("case_file.typ", include_str!("../../templates/paper/case_file.typ")),
            ("receipt.typ", include_str!("../../templates/paper/receipt.typ")),
        ])
        .build()
});

/// `template` is one of the file names above; `sheet` what it reads as `sys.inputs`.
///
/// PDF/A-2a and PDF/UA-1, so that it can be archived and read aloud. Only where a text holds characters that no compiled-in
/// font can draw is the PDF tagged but not archival: a name in a rare script must not stop a letter.
///
/// # Errors
/// The template does not compile with this sheet.
pub(super) fn pdf(template: &'static str, sheet: Value) -> Result<Vec<u8>, PaperError> {
    let inputs: Dict = serde_json::from_value(sheet)?;
    let document = ENGINE.compile_with_input(template, inputs).output.map_err(|error| fault(template, &error))?;
    let archival = PdfStandards::new(&[PdfStandard::A_2a, PdfStandard::Ua_1]).map_err(|error| fault(template, &error))?;
    typst_pdf::pdf(&document, &PdfOptions { standards: archival, ..PdfOptions::default() })
        .or_else(|_| typst_pdf::pdf(&document, &PdfOptions::default()))
        .map_err(|error| fault(template, &error))
}

fn fault(template: &'static str, error: &dyn std::fmt::Debug) -> PaperError {
    PaperError::Template { template, diagnostics: format!("{error:?}") }
}
