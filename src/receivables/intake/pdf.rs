//! PDFs that carry their invoice as an embedded file: Factur-X, ZUGFeRD 1 and 2, and any other with a readable one inside.
//!
//! A reader of our own ([`objects`]) instead of a library for PDFs: whoever loads all of a document can be made to do a million
//! times the work that its size suggests.
//!
//! What may never happen here: what is printed on a page taken for the invoice, or a stream unpacked beyond its bound.

use std::collections::{BTreeSet, VecDeque};

use encoding_rs::UTF_16BE;

use super::{
    fault::FileRefusal,
    reader::{self, Content, Contents, Context, Format, Reader},
};
use objects::Objects;
use values::{Dictionary, Value, get};

mod objects;
mod values;

/// What readers call the invoice: Factur-X and ZUGFeRD 2, ZUGFeRD 1, XRechnung in a PDF.
const NAMES: &[&str] = &["factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml"];
const LARGEST_ATTACHMENT_BYTES: usize = 20 * 1024 * 1024;
const MOST_ATTACHMENTS: usize = 1_000;
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
        let objects = Objects::read(bytes)?;
        if objects.trailers.is_empty() {
            return Err(FileRefusal::BrokenPdf("it is cut off before its trailer".to_owned()));
        }
        if objects.trailers.iter().any(|trailer| get(trailer, b"Encrypt").is_some()) {
            return Err(FileRefusal::Encrypted);
        }
        let mut attachments = attachments(&objects);
        // Those with an agreed name first; the order is otherwise the file's.
        attachments.sort_by_key(|attachment| NAMES.iter().position(|name| attachment.is_called(name)).unwrap_or(NAMES.len()));
        let mut named = Vec::new();
        for attachment in &attachments {
            let agreed = NAMES.iter().any(|name| attachment.is_called(name));
            let xml = attachment.content(&objects, bytes, context)?;
            if agreed || reader::is_xml_invoice(&Content::new(&xml)) {
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

struct Attachment {
    name: String,
    stream: u32,
}

impl Attachment {
    fn is_called(&self, name: &str) -> bool {
        self.name.trim().eq_ignore_ascii_case(name)
    }

    fn content(&self, objects: &Objects, bytes: &[u8], context: &Context<'_>) -> Result<Vec<u8>, FileRefusal> {
        let bound = LARGEST_ATTACHMENT_BYTES.min(context.budget.get());
        let object = objects.by_number(self.stream);
        let content = object.map_or(Ok(None), |object| objects::content(object, bytes, bound))?;
        let broken = || {
            FileRefusal::BrokenPdf(format!(
                "its attachment `{}` cannot be unpacked",
                self.name.chars().take(60).collect::<String>()
            ))
        };
        let content = content.ok_or_else(broken)?;
        context.budget.set(context.budget.get().saturating_sub(content.len()));
        Ok(content)
    }
}

/// Embedded files by the catalogue's name tree and its associated files; where neither names any, by looking at every object.
fn attachments(objects: &Objects) -> Vec<Attachment> {
    let mut found = Vec::new();
    let catalogue = objects.trailers.iter().rev().find_map(|trailer| objects.dictionary(trailer, b"Root"));
    if let Some(catalogue) = catalogue {
        let names = objects.dictionary(catalogue, b"Names").and_then(|names| objects.dictionary(names, b"EmbeddedFiles"));
        found.extend(names.into_iter().flat_map(|tree| name_tree(objects, tree)));
        found.extend(objects.array(catalogue, b"AF").into_iter().flat_map(|values| file_specifications(objects, values)));
    }
    if found.is_empty() {
        let all = objects.all().filter_map(Value::as_dictionary);
        found.extend(all.filter_map(|dictionary| attachment(objects, dictionary)).take(MOST_ATTACHMENTS));
    }
    let mut seen = BTreeSet::new();
    found.retain(|attachment| seen.insert(attachment.stream));
    found
}

/// Every node once, so that a tree that bites its tail ends.
fn name_tree(objects: &Objects, root: &Dictionary) -> Vec<Attachment> {
    let (mut found, mut nodes, mut seen) = (Vec::new(), VecDeque::from([root]), BTreeSet::new());
    while let Some(node) = nodes.pop_front() {
        found.extend(objects.array(node, b"Names").into_iter().flat_map(|values| file_specifications(objects, values)));
        for kid in objects.array(node, b"Kids").unwrap_or_default() {
            let again = matches!(kid, Value::Reference(number) if !seen.insert(*number));
            nodes.extend(if again { None } else { objects.follow(kid).and_then(Value::as_dictionary) });
        }
    }
    found
}

/// In a name tree names and specifications alternate; the names are of no account, the specifications have their own.
fn file_specifications<'a>(objects: &'a Objects, values: &'a [Value]) -> impl Iterator<Item = Attachment> + 'a {
    let specifications = values.iter().filter_map(|value| objects.follow(value)?.as_dictionary());
    specifications.filter_map(|specification| attachment(objects, specification)).take(MOST_ATTACHMENTS)
}

fn attachment(objects: &Objects, specification: &Dictionary) -> Option<Attachment> {
    let files = objects.dictionary(specification, b"EF")?;
    let stream = match get(files, b"UF").or_else(|| get(files, b"F"))? {
        Value::Reference(number) => *number,
        Value::Name(_) | Value::Text(_) | Value::Integer(_) | Value::Array(_) | Value::Dictionary(_) | Value::Other => {
            return None;
        }
    };
    let name = |key: &[u8]| match objects.follow(get(specification, key)?)? {
        Value::Text(text) => Some(decoded(text)),
        Value::Name(_) | Value::Integer(_) | Value::Reference(_) | Value::Array(_) | Value::Dictionary(_) | Value::Other => None,
    };
    Some(Attachment { name: name(b"UF").or_else(|| name(b"F")).unwrap_or_default(), stream })
}

/// UTF-16 where a byte-order mark says so, else the Latin letters of a file name.
fn decoded(text: &[u8]) -> String {
    match text.strip_prefix(b"\xfe\xff") {
        Some(wide) => UTF_16BE.decode_without_bom_handling(wide).0.into_owned(),
        None => text.iter().map(|byte| char::from(*byte)).collect(),
    }
}
