//! What a file is, by its content: its name and its declared media type are hearsay.

use super::{encoding::decode, fault::FileRefusal};
use crate::types::text_enum;

text_enum! {
    /// How receivables arrive.
    pub enum Format {
        Json => "json",
        Csv => "csv",
        Ubl => "ubl",
    }
}

/// CSV or XML; what we can name but not read is refused by name.
///
/// # Errors
/// Empty, a PDF, a spreadsheet, JSON, or no text at all.
pub fn detect(bytes: &[u8]) -> Result<Format, FileRefusal> {
    const ZIP: &[u8] = b"PK\x03\x04";
    const OLE: &[u8] = b"\xd0\xcf\x11\xe0";
    if bytes.starts_with(b"%PDF") {
        return Err(FileRefusal::Pdf);
    }
    if bytes.starts_with(ZIP) || bytes.starts_with(OLE) {
        return Err(FileRefusal::Spreadsheet);
    }
    if bytes.is_empty() {
        return Err(FileRefusal::Empty);
    }
    // The head is enough, and may be cut in the middle of a character.
    let head = bytes.get(..bytes.len().min(1024)).unwrap_or(bytes);
    let first = (0..4).find_map(|cut| decode(head.get(..head.len().checked_sub(cut)?)?).ok());
    match first.and_then(|decoded| decoded.text.trim_start().chars().next()) {
        Some('<') => Ok(Format::Ubl),
        Some('{' | '[') => Err(FileRefusal::Json),
        Some(_) => Ok(Format::Csv),
        None => Err(if bytes.iter().all(u8::is_ascii_whitespace) { FileRefusal::Empty } else { FileRefusal::NotText }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_their_content() {
        assert_eq!(detect(b"\xef\xbb\xbf<Invoice/>"), Ok(Format::Ubl));
        assert_eq!(detect(b"\xff\xfe<\0I\0/\0>\0"), Ok(Format::Ubl));
        assert_eq!(detect(b"number;amount"), Ok(Format::Csv));
        assert_eq!(detect(b"[1]"), Err(FileRefusal::Json));
        assert_eq!(detect(b"%PDF-1.7"), Err(FileRefusal::Pdf));
        assert_eq!(detect(b"PK\x03\x04rest"), Err(FileRefusal::Spreadsheet));
        assert_eq!(detect(b""), Err(FileRefusal::Empty));
        assert_eq!(detect(&[0x4d, 0, 0, 0, 7, 0, 0]), Err(FileRefusal::NotText));
    }
}
