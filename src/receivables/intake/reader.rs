//! One trait for every syntax, and the list of those that are read: a file belongs to the first that recognises its content.
//!
//! What may never happen here: a name or a declared media type that decides anything.

use std::cell::Cell;

use super::{
    Row,
    encoding::{decode, decode_xml, peek_xml},
    facts::Facts,
    fault::{FileRefusal, Note},
    row::Defaults,
    xml::{self, Root},
};
use crate::types::text_enum;

text_enum! {
    /// How receivables arrive.
    pub enum Format {
        Json => "json",
        Csv => "csv",
        Ubl => "ubl",
        Cii => "cii",
        Facturae => "facturae",
        FatturaPa => "fatturapa",
        Pdf => "pdf",
        Xlsx => "xlsx",
        Ods => "ods",
        Zip => "zip",
    }
}

impl Format {
    /// The file is the invoice itself, and evidence of it; a list or an archive is not.
    #[must_use]
    pub const fn is_one_document(self) -> bool {
        match self {
            Self::Ubl | Self::Cii | Self::Facturae | Self::FatturaPa | Self::Pdf => true,
            Self::Json | Self::Csv | Self::Xlsx | Self::Ods | Self::Zip => false,
        }
    }
}

/// A syntax in which invoices come.
pub trait Reader: Sync {
    fn name(&self) -> &'static str;

    fn recognises(&self, content: &Content<'_>) -> bool;

    /// # Errors
    /// The file as a whole cannot be read. What is wrong with one invoice in it is an answer of its row.
    fn read(&self, content: &Content<'_>, context: &Context<'_>) -> Result<Contents, FileRefusal>;
}

/// Every reader, those that are surest of their content first.
const READERS: &[&dyn Reader] = &[
    &super::pdf::Pdf,
    &super::sheet::Xlsx,
    &super::sheet::Ods,
    &super::archive::Zip,
    &super::p7m::P7m,
    &super::ubl::Ubl,
    &super::cii::Cii,
    &super::facturae::Facturae,
    &super::fatturapa::FatturaPa,
    &super::csv::Csv,
];

const XML_READERS: &[&dyn Reader] =
    &[&super::ubl::Ubl, &super::cii::Cii, &super::facturae::Facturae, &super::fatturapa::FatturaPa];

/// Bytes, and what their beginning tells.
pub struct Content<'a> {
    pub bytes: &'a [u8],
    /// The root element, where the content is XML.
    pub root: Option<Root>,
    /// The first character that is not blank, where the content is text.
    pub first: Option<char>,
}

impl<'a> Content<'a> {
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        // The head is enough, and may be cut in the middle of a character.
        let head = bytes.get(..bytes.len().min(HEAD_BYTES)).unwrap_or(bytes);
        let text = (0..4).find_map(|cut| decode(head.get(..head.len().checked_sub(cut)?)?).ok());
        // Pictures and programs decode as Western text, too: no list has their control characters.
        let written = text.filter(|decoded| !decoded.text.chars().any(|c| c.is_control() && !c.is_whitespace()));
        let first = written.and_then(|decoded| decoded.text.trim_start().chars().next());
        let root = if first == Some('<') { xml::root(&peek_xml(head)) } else { None };
        Self { bytes, root, first }
    }
}

/// Invoices in one XML file: each repeats what its header says of both parties.
pub const MOST_DOCUMENTS: usize = 5_000;
/// Licences and comments may stand before a root.
pub const HEAD_BYTES: usize = 16 * 1024;

/// What holds for a file and for everything inside it.
pub struct Context<'a> {
    pub defaults: &'a Defaults,
    /// How many archives this file lies in.
    pub depth: usize,
    /// Bytes that may still be unpacked, for all files of one upload together.
    pub budget: &'a Cell<usize>,
}

impl Context<'_> {
    /// The same, for a file that lies in this one.
    #[must_use]
    pub fn deeper(&self) -> Context<'_> {
        Context { depth: self.depth.saturating_add(1), ..*self }
    }
}

/// What was read of a file.
#[derive(Debug)]
pub struct Contents {
    pub format: Format,
    pub rows: Vec<Row>,
    pub notes: Vec<Note>,
}

impl Contents {
    #[must_use]
    pub const fn empty(format: Format) -> Self {
        Self { format, rows: Vec::new(), notes: Vec::new() }
    }

    /// Documents in the order of the file, numbered from 1.
    ///
    /// # Errors
    /// None, or more than a file may hold.
    pub fn of_documents(format: Format, found: Vec<Facts>) -> Result<Self, FileRefusal> {
        if found.is_empty() {
            return Err(FileRefusal::NoInvoice);
        }
        if found.len() > MOST_DOCUMENTS {
            return Err(FileRefusal::TooManyRows(MOST_DOCUMENTS));
        }
        let rows = (1..).zip(found).map(|(row, facts)| match facts.document() {
            Ok(document) => Row { row, file: None, format, draft: document.draft(), document: Some(Box::new(document)) },
            Err(refusal) => Row { row, file: None, format, draft: Err(refusal), document: None },
        });
        Ok(Self { format, rows: rows.collect(), notes: Vec::new() })
    }
}

/// Reads content by the first reader that recognises it.
///
/// # Errors
/// Nobody reads it, or the one who does refuses the whole.
pub fn read(bytes: &[u8], context: &Context<'_>) -> Result<Contents, FileRefusal> {
    let content = Content::new(bytes);
    match READERS.iter().find(|reader| reader.recognises(&content)) {
        Some(reader) => reader.read(&content, context),
        None => Err(unread(&content)),
    }
}

/// The name of the reader that takes these bytes.
#[must_use]
pub fn reader_of(bytes: &[u8]) -> Option<&'static str> {
    let content = Content::new(bytes);
    READERS.iter().find(|reader| reader.recognises(&content)).map(|reader| reader.name())
}

/// Whether the content is an invoice in one of the XML syntaxes.
pub fn is_xml_invoice(content: &Content<'_>) -> bool {
    XML_READERS.iter().any(|reader| reader.recognises(content))
}

/// Why nobody reads it: what can be named is refused by its name.
fn unread(content: &Content<'_>) -> FileRefusal {
    const OLE: &[u8] = b"\xd0\xcf\x11\xe0";
    if content.bytes.iter().all(u8::is_ascii_whitespace) {
        return FileRefusal::Empty;
    }
    if content.bytes.starts_with(OLE) {
        return FileRefusal::OldSpreadsheet;
    }
    match (&content.root, content.first) {
        (Some(root), _) => FileRefusal::NotAnInvoice(root.name.clone()),
        (None, Some('<')) => why_no_root(content.bytes),
        (None, Some('{' | '[')) => FileRefusal::Json,
        (None, _) => FileRefusal::NotText,
    }
}

/// XML without a root that can be seen is broken, or begins with a document type.
fn why_no_root(bytes: &[u8]) -> FileRefusal {
    match decode_xml(bytes).and_then(|decoded| xml::walk(&decoded.text, &mut ())) {
        Ok(()) => FileRefusal::NoInvoice,
        Err(refusal) => refusal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_their_content() {
        let ubl = "<Invoice xmlns='urn:oasis:names:specification:ubl:schema:xsd:Invoice-2'/>";
        let utf16: Vec<u8> = ubl.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(reader_of(ubl.as_bytes()), Some("ubl"));
        assert_eq!(reader_of(format!("\u{feff}<!-- {} -->{ubl}", "a".repeat(2000)).as_bytes()), Some("ubl"));
        assert_eq!(reader_of(&utf16), Some("ubl"));
        assert_eq!(reader_of(b"number;amount"), Some("csv"));
        assert_eq!(reader_of(b"%PDF-1.7\n"), Some("pdf"));
        assert_eq!(reader_of(b"PK\x03\x04rest"), Some("zip"));
    }

    #[test]
    fn what_nobody_reads_is_refused_by_its_name() {
        let refusal = |bytes: &[u8]| unread(&Content::new(bytes)).code();
        assert_eq!(refusal(b"<Catalogue/>"), "not_an_invoice");
        assert_eq!(refusal(b"<Invoice"), "broken_xml");
        assert_eq!(refusal(b"<!DOCTYPE a [<!ENTITY b \"bbb\">]><a>&b;</a>"), "document_type");
        assert_eq!(refusal(b"[1]"), "json");
        assert_eq!(refusal(b" \n"), "empty_file");
        assert_eq!(refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "old_spreadsheet");
        assert_eq!(refusal(b"\x89PNG\r\n\x1a\n"), "not_text");
        assert_eq!(reader_of(b"\x89PNG\r\n\x1a\n"), None);
        assert_eq!(refusal(&[0x4d, 0, 0, 0, 7, 0, 0]), "not_text");
    }
}
