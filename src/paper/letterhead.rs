//! What an organisation prints on its letters beside its name: a logo, and the line that its register wants printed.

use serde_json::{Value, json};

use super::{PaperError, engine};

pub const LINE_MAX_CHARS: usize = 200;
pub const LOGO_MAX_BYTES: usize = 100 * 1024;
/// A small file may hold a picture that fills the memory.
pub const LOGO_MAX_PIXELS: usize = 4_000_000;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Letterhead {
    pub line: Option<String>,
    /// PNG or JPEG.
    pub logo: Option<Vec<u8>>,
}

/// Why a picture is no logo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LogoFault {
    #[error("a logo is a PNG or a JPEG file")]
    OtherKind,
    #[error("a logo has at most {} KiB", LOGO_MAX_BYTES / 1024)]
    TooLarge,
    #[error("a logo has at most {LOGO_MAX_PIXELS} pixels: this has {0} × {1}")]
    TooManyPixels(usize, usize),
    #[error("this picture cannot be read to its end")]
    Broken,
}

/// Reads a logo and draws it once: what is kept can be printed.
///
/// # Errors
/// It is none.
pub fn check_logo(content: &[u8]) -> Result<(), LogoFault> {
    if content.len() > LOGO_MAX_BYTES {
        return Err(LogoFault::TooLarge);
    }
    match infer::get(content).map(|kind| kind.mime_type()) {
        Some("image/png" | "image/jpeg") => {}
        _ => return Err(LogoFault::OtherKind),
    }
    let size = imagesize::blob_size(content).map_err(|_| LogoFault::Broken)?;
    if size.width.saturating_mul(size.height) > LOGO_MAX_PIXELS {
        return Err(LogoFault::TooManyPixels(size.width, size.height));
    }
    let drawn: Result<_, PaperError> = engine::pdf("logo.typ", json!({ "logo": content }));
    drawn.map(drop).map_err(|_| LogoFault::Broken)
}

impl Letterhead {
    pub(super) fn inputs(&self) -> Value {
        json!({ "line": self.line, "logo": self.logo })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        paper::{LetterSheet, samples},
        types::Language,
    };

    /// Two pixels by one, red.
    const PICTURE: &[u8] = b"\x89PNG\x0d\x0a\x1a\x0a\x00\x00\x00\x0dIHDR\x00\x00\x00\x02\x00\x00\x00\x01\x08\x02\x00\x00\x00{@\xe8\xdd\x00\x00\x00\x0dIDATx\x9cc\xf8\xcf\xc0\x00D\x00\x08\xfe\x01\xff\xc6\x9ey\xf7\x00\x00\x00\x00IEND\xaeB`\x82";

    #[test]
    fn a_picture_is_read_before_it_is_kept() {
        assert_eq!(check_logo(PICTURE), Ok(()));
        let broken = &PICTURE[..45];
        assert_eq!(check_logo(broken), Err(LogoFault::Broken));
        let mut vast = PICTURE.to_vec();
        vast[16..24].copy_from_slice(&[0, 0, 0x40, 0, 0, 0, 0x40, 0]);
        assert_eq!(check_logo(&vast), Err(LogoFault::TooManyPixels(16_384, 16_384)));
        assert_eq!(check_logo(b"<svg xmlns='http://www.w3.org/2000/svg'/>"), Err(LogoFault::OtherKind));
        assert_eq!(check_logo(&vec![0; LOGO_MAX_BYTES + 1]), Err(LogoFault::TooLarge));
    }

    #[test]
    fn a_letter_carries_the_letterhead() {
        let plain = samples::letter(Language::Spanish);
        let line = "Registro Mercantil de Sevilla, tomo 4711, hoja SE-1234".to_owned();
        let headed =
            LetterSheet { letterhead: Letterhead { line: Some(line.clone()), logo: Some(PICTURE.to_vec()) }, ..plain.clone() };
        let pdf = headed.pdf().expect("a letter");
        let text = samples::text_of(&pdf);
        assert!(text.contains(&line), "{text}");
        let pictures = |pdf: &[u8]| {
            lopdf::Document::load_mem(pdf).expect("a PDF").objects.values().filter(|object| is_picture(object)).count()
        };
        assert_eq!(pictures(&pdf), pictures(&plain.pdf().expect("a letter")) + 1);
    }

    fn is_picture(object: &lopdf::Object) -> bool {
        object
            .as_stream()
            .is_ok_and(|stream| stream.dict.get(b"Subtype").and_then(lopdf::Object::as_name).is_ok_and(|name| name == b"Image"))
    }
}
