//! Signed envelopes (CMS, RFC 5652): Italian invoices travel as `invoice.xml.p7m`, binary or in base64.
//!
//! The content is taken out and read; whether the signature is good is for the tax office, and the intake says that nobody
//! checked it. Envelopes in the wild use the indefinite lengths of BER, which readers of DER refuse: hence this small one.
//!
//! What may never happen here: a length that is believed beyond the bytes that are there.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{
    archive::DEEPEST,
    fault::{FileRefusal, Note},
    reader::{self, Content, Contents, Context, Reader},
};

/// `1.2.840.113549.1.7.2`, signedData.
const SIGNED_DATA: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const INTEGER: u8 = 0x02;
const OBJECT_IDENTIFIER: u8 = 0x06;
const OCTET_STRING: u8 = 0x04;
const CONSTRUCTED: u8 = 0x20;
const EXPLICIT_0: u8 = 0xa0;
/// Octet strings in octet strings, and the envelope around them.
const MOST_NESTED: usize = 16;

pub struct P7m;

impl Reader for P7m {
    fn name(&self) -> &'static str {
        "p7m"
    }

    fn recognises(&self, content: &Content<'_>) -> bool {
        binary(content).is_some()
    }

    fn read(&self, content: &Content<'_>, context: &Context<'_>) -> Result<Contents, FileRefusal> {
        if context.depth > DEEPEST {
            return Err(FileRefusal::NestedTooDeep(DEEPEST));
        }
        let envelope = binary(content).unwrap_or_default();
        let inside = signed_content(&envelope).ok_or(FileRefusal::Envelope)?;
        let mut contents = reader::read(&inside, &context.deeper())?;
        contents.notes.push(Note::SignatureUnchecked);
        Ok(contents)
    }
}

/// The envelope in binary, where the content is one.
fn binary(content: &Content<'_>) -> Option<Vec<u8>> {
    if is_envelope(content.bytes) {
        return Some(content.bytes.to_vec());
    }
    // Base64 of a sequence begins with an M.
    if !matches!(content.first, Some('M' | '-')) {
        return None;
    }
    let text = std::str::from_utf8(content.bytes).ok()?;
    let lines = text.lines().filter(|line| !line.starts_with("-----")).flat_map(str::split_whitespace);
    let decoded = STANDARD.decode(lines.collect::<String>()).ok()?;
    is_envelope(&decoded).then_some(decoded)
}

fn is_envelope(bytes: &[u8]) -> bool {
    let head = bytes.get(..bytes.len().min(32)).unwrap_or_default();
    head.first() == Some(&SEQUENCE) && head.windows(SIGNED_DATA.len()).any(|window| window == SIGNED_DATA)
}

/// An element of BER: its tag, what is in it, and what follows it.
struct Element<'a> {
    tag: u8,
    content: &'a [u8],
    rest: &'a [u8],
}

/// `ContentInfo { signedData, [0] SignedData { version, digestAlgorithms, EncapsulatedContentInfo { type, [0] content } } }`
fn signed_content(envelope: &[u8]) -> Option<Vec<u8>> {
    let info = expect(envelope, SEQUENCE)?;
    let kind = expect(info.content, OBJECT_IDENTIFIER)?;
    let outer = expect(kind.rest, EXPLICIT_0)?;
    let signed = expect(outer.content, SEQUENCE)?;
    let version = expect(signed.content, INTEGER)?;
    let digests = expect(version.rest, SET)?;
    let encapsulated = expect(digests.rest, SEQUENCE)?;
    let content_kind = expect(encapsulated.content, OBJECT_IDENTIFIER)?;
    // Absent where the signature is detached.
    let content = expect(content_kind.rest, EXPLICIT_0)?;
    let octets = element(content.content, MOST_NESTED)?;
    let mut gathered = Vec::new();
    gather(&octets, MOST_NESTED, &mut gathered)?;
    Some(gathered)
}

/// An octet string is whole, or made of pieces that are octet strings themselves.
fn gather(octets: &Element<'_>, deeper: usize, gathered: &mut Vec<u8>) -> Option<()> {
    if octets.tag == OCTET_STRING {
        gathered.extend_from_slice(octets.content);
        return Some(());
    }
    if octets.tag != OCTET_STRING | CONSTRUCTED {
        return None;
    }
    let deeper = deeper.checked_sub(1)?;
    let mut rest = octets.content;
    while !rest.is_empty() {
        let piece = element(rest, deeper)?;
        gather(&piece, deeper, gathered)?;
        rest = piece.rest;
    }
    Some(())
}

fn expect(bytes: &[u8], tag: u8) -> Option<Element<'_>> {
    element(bytes, MOST_NESTED).filter(|element| element.tag == tag)
}

fn element(bytes: &[u8], deeper: usize) -> Option<Element<'_>> {
    let (&tag, after_tag) = bytes.split_first()?;
    // Tags of several bytes do not occur in what is read here.
    if tag & 0x1f == 0x1f {
        return None;
    }
    let (&length, after_length) = after_tag.split_first()?;
    match length {
        0x80 if tag & CONSTRUCTED != 0 => until_end(tag, after_length, deeper.checked_sub(1)?),
        0x00..=0x7f => split(tag, after_length, usize::from(length)),
        0x81..=0x88 => {
            let (digits, content) = after_length.split_at_checked(usize::from(length & 0x7f))?;
            let length = digits.iter().try_fold(0_usize, |sum, digit| sum.checked_mul(256)?.checked_add(usize::from(*digit)))?;
            split(tag, content, length)
        }
        _ => None,
    }
}

fn split(tag: u8, bytes: &[u8], length: usize) -> Option<Element<'_>> {
    let (content, rest) = bytes.split_at_checked(length)?;
    Some(Element { tag, content, rest })
}

/// An indefinite length ends with two zeros, found by reading every element before them.
fn until_end(tag: u8, bytes: &[u8], deeper: usize) -> Option<Element<'_>> {
    let mut rest = bytes;
    loop {
        if let Some(after) = rest.strip_prefix(&[0, 0]) {
            let length = bytes.len().checked_sub(rest.len())?;
            return Some(Element { tag, content: bytes.get(..length)?, rest: after });
        }
        rest = element(rest, deeper)?.rest;
    }
}
