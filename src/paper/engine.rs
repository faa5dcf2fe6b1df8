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
            ("framework.typ", include_str!("../../templates/paper/framework.typ")),
            ("letter.typ", include_str!("../../templates/paper/letter.typ")),
            ("logo.typ", include_str!("../../templates/paper/logo.typ")),
            ("case_file.typ", include_str!("../../templates/paper/case_file.typ")),
            ("fee_invoice.typ", include_str!("../../templates/paper/fee_invoice.typ")),
            ("statement.typ", include_str!("../../templates/paper/statement.typ")),
            ("bad_debt.typ", include_str!("../../templates/paper/bad_debt.typ")),
            ("treasury.typ", include_str!("../../templates/paper/treasury.typ")),
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

#[cfg(test)]
mod tests {
    use crate::{
        paper::samples::{self, text_of},
        types::Language,
    };

    /// Whatever stands in a name is set as it stands.
    #[test]
    fn text_from_users_is_never_read_as_template_code() {
        for name in [
            "#panic(\"taken\")",
            "$ x^2 $ & #{ 1 + 1 }",
            "*bold* _italic_ `raw` = Heading",
            "@someone <label> // gone",
            "\\ #sys.inputs \u{2014} ~ \\u{41}",
            "{creditor} {{debtor}} }{",
            "#image(\"/etc/passwd\") #read(\"x\")",
            "<script>alert(1)</script>",
        ] {
            let mut letter = samples::letter(Language::English);
            letter.demand.debtor.name = name.to_owned();
            letter.demand.acts_for = Some(crate::paper::Party { name: name.to_owned(), ..samples::creditor() });
            letter.demand.claim.rows[0].invoice = Some(name.to_owned());
            let text = text_of(&letter.pdf().expect(name));
            let squeezed = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            assert!(squeezed(&text).matches(&squeezed(name)).count() >= 3, "{name} is not set as it stands in:\n{text}");
        }
    }

    #[test]
    fn the_same_sheet_gives_the_same_bytes() {
        let once = samples::mandate(Language::French).pdf().expect("a mandate");
        assert_eq!(once, samples::mandate(Language::French).pdf().expect("a mandate"));
    }

    #[test]
    fn sheets_are_archival_tagged_and_name_their_title_and_language() {
        for language in Language::ALL {
            for pdf in [
                samples::letter(*language).pdf(),
                samples::mandate(*language).pdf(),
                samples::receipt(*language).pdf(),
                samples::bad_debt(*language).certificate(),
                samples::statement(*language).pdf(),
                samples::fee_invoice(*language).pdf(),
                samples::case_file(*language).pdf(),
            ] {
                let pdf = pdf.expect("a sheet");
                let document = lopdf::Document::load_mem(&pdf).expect("a PDF");
                let catalog = document.catalog().expect("a catalogue");
                assert_eq!(catalog.get(b"Lang").and_then(lopdf::Object::as_str).ok(), Some(language.as_str().as_bytes()));
                assert!(catalog.get(b"StructTreeRoot").is_ok(), "tagged");
                let metadata = String::from_utf8_lossy(&pdf);
                assert!(metadata.contains("pdfaid:part") && metadata.contains("pdfuaid:part") && metadata.contains("dc:title"));
            }
        }
    }

    #[test]
    fn a_name_in_a_script_without_a_font_still_makes_a_letter() {
        let mut letter = samples::letter(Language::English);
        letter.demand.debtor.name = "株式会社 東京 🙂".to_owned();
        assert!(letter.pdf().is_ok());
    }

    #[test]
    fn absurdly_long_texts_make_a_letter_too() {
        let mut letter = samples::letter(Language::Spanish);
        letter.demand.debtor.name = "Muy larga ".repeat(60);
        letter.demand.claim.rows = std::iter::repeat_n(letter.demand.claim.rows[0].clone(), 300).collect();
        assert!(letter.pdf().is_ok());
    }
}
