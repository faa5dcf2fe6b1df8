//! PDFs that carry their invoice as an embedded file: Factur-X, ZUGFeRD 1 and 2, and any other with a readable one inside.
//!
//! What may never happen here: what is printed on a page taken for the invoice, or a stream unpacked beyond its bound.

use lopdf::{Dictionary, Document, LoadOptions, Object, ObjectId, decode_text_string};

use super::{
    fault::FileRefusal,
    reader::{self, Content, Contents, Context, Format, Reader},
};

/// What readers call the invoice: Factur-X and ZUGFeRD 2, ZUGFeRD 1, XRechnung in a PDF.
const NAMES: &[&str] = &["factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml"];
/// Tables of objects are far smaller.
const LARGEST_TABLE_BYTES: usize = 8 * 1024 * 1024;
const LARGEST_ATTACHMENT_BYTES: usize = 20 * 1024 * 1024;
const MOST_ATTACHMENTS: usize = 1_000;
const DEEPEST_NAME_TREE: usize = 16;
/// The header may stand a little into the file (ISO 32000-1 annex H.3.4.1).
const HEADER_WITHIN_BYTES: usize = 1024;

pub struct Pdf;

impl Reader for Pdf {
    fn name(&self) -> &'static str {
        "pdf"
    }

    fn recognises(&self, content: &Content<'_>) -> bool {
        from_header(content.bytes).is_some()
    }

    fn read(&self, content: &Content<'_>, context: &Context<'_>) -> Result<Contents, FileRefusal> {
        let bytes = from_header(content.bytes).unwrap_or(content.bytes);
        let document = load(bytes)?;
        let mut attachments = attachments(&document);
        // Those with an agreed name first; the order is otherwise the file's.
        attachments.sort_by_key(|attachment| NAMES.iter().position(|name| attachment.is_called(name)).unwrap_or(NAMES.len()));
        let mut named = Vec::new();
        for attachment in &attachments {
            let agreed = NAMES.iter().any(|name| attachment.is_called(name));
            let xml = attachment.content(&document, context)?;
            let inside = Content::new(&xml);
            if agreed || reader::is_xml_invoice(&inside) {
                let contents = reader::read(&xml, &context.deeper())?;
                return Ok(Contents { format: Format::Pdf, ..contents });
            }
            named.push(attachment.name.chars().filter(|c| !c.is_control()).take(60).collect::<String>());
        }
        Err(FileRefusal::PdfWithoutXml(if named.is_empty() { "no file at all".to_owned() } else { named.join(", ") }))
    }
}

fn from_header(bytes: &[u8]) -> Option<&[u8]> {
    const HEADER: &[u8] = b"%PDF-";
    let head = bytes.get(..bytes.len().min(HEADER_WITHIN_BYTES))?;
    let at = head.windows(HEADER.len()).position(|window| window == HEADER)?;
    // A header in the middle of a text is a text about PDFs.
    let before = bytes.get(..at)?;
    (at == 0 || !before.iter().any(u8::is_ascii_alphabetic)).then_some(bytes.get(at..)?)
}

fn load(bytes: &[u8]) -> Result<Document, FileRefusal> {
    let options = LoadOptions::with_max_decompressed_size(LARGEST_TABLE_BYTES);
    let document = Document::load_mem_with_options(bytes, options)
        .map_err(|error| FileRefusal::BrokenPdf(error.to_string().chars().take(200).collect()))?;
    if document.is_encrypted() { Err(FileRefusal::Encrypted) } else { Ok(document) }
}

struct Attachment {
    name: String,
    stream: ObjectId,
}

impl Attachment {
    fn is_called(&self, name: &str) -> bool {
        self.name.trim().eq_ignore_ascii_case(name)
    }

    fn content(&self, document: &Document, context: &Context<'_>) -> Result<Vec<u8>, FileRefusal> {
        let bound = LARGEST_ATTACHMENT_BYTES.min(context.budget.get());
        let stream = document.get_object(self.stream).and_then(Object::as_stream);
        let content = stream.and_then(|stream| stream.get_plain_content_with_limit(bound));
        let content = content.map_err(|error| FileRefusal::BrokenPdf(format!("its attachment `{}`: {error}", self.name)))?;
        context.budget.set(context.budget.get().saturating_sub(content.len()));
        Ok(content)
    }
}

/// Embedded files by the catalogue's name tree and its associated files; where neither names any, by looking at every object.
fn attachments(document: &Document) -> Vec<Attachment> {
    let mut found = Vec::new();
    if let Ok(catalogue) = document.catalog() {
        if let Some(tree) =
            dictionary(document, catalogue, b"Names").and_then(|names| dictionary(document, names, b"EmbeddedFiles"))
        {
            name_tree(document, tree, DEEPEST_NAME_TREE, &mut found);
        }
        if let Ok(associated) = catalogue.get_deref(b"AF", document).and_then(Object::as_array) {
            file_specifications(document, associated, &mut found);
        }
    }
    if found.is_empty() {
        let all = document.objects.values().filter_map(|object| object.as_dict().ok());
        found.extend(all.filter_map(|dictionary| attachment(document, dictionary)).take(MOST_ATTACHMENTS));
    }
    found.dedup_by_key(|attachment| attachment.stream);
    found
}

fn dictionary<'a>(document: &'a Document, parent: &'a Dictionary, key: &[u8]) -> Option<&'a Dictionary> {
    parent.get_deref(key, document).and_then(Object::as_dict).ok()
}

fn name_tree(document: &Document, node: &Dictionary, deeper: usize, found: &mut Vec<Attachment>) {
    if let Ok(names) = node.get_deref(b"Names", document).and_then(Object::as_array) {
        file_specifications(document, names, found);
    }
    let Some(deeper) = deeper.checked_sub(1) else { return };
    let Ok(kids) = node.get_deref(b"Kids", document).and_then(Object::as_array) else { return };
    for kid in kids {
        if found.len() >= MOST_ATTACHMENTS {
            return;
        }
        if let Ok((_, Object::Dictionary(kid))) = document.dereference(kid) {
            name_tree(document, kid, deeper, found);
        }
    }
}

/// In a name tree names and specifications alternate; the names are of no account, the specifications have their own.
fn file_specifications(document: &Document, objects: &[Object], found: &mut Vec<Attachment>) {
    let specifications = objects.iter().filter_map(|object| match document.dereference(object) {
        Ok((_, Object::Dictionary(specification))) => attachment(document, specification),
        _ => None,
    });
    let room = MOST_ATTACHMENTS.saturating_sub(found.len());
    found.extend(specifications.take(room));
}

fn attachment(document: &Document, specification: &Dictionary) -> Option<Attachment> {
    let files = dictionary(document, specification, b"EF")?;
    let stream = files.get(b"UF").or_else(|_| files.get(b"F")).and_then(Object::as_reference).ok()?;
    let name = [&b"UF"[..], b"F"].iter().find_map(|key| decode_text_string(specification.get_deref(key, document).ok()?).ok());
    Some(Attachment { name: name.unwrap_or_default(), stream })
}
