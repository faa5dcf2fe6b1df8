//! A walk over untrusted XML that hands out leaves: path and text.
//!
//! What may never happen here: a document type or an entity that is expanded, a depth or a size that costs more than the file,
//! a truncated file that passes for a whole one.

use quick_xml::{
    events::{BytesDecl, BytesStart, Event},
    name::ResolveResult,
    reader::NsReader,
};

use super::fault::FileRefusal;

const DEEPEST: usize = 64;
const MOST_ELEMENTS: usize = 1_000_000;
/// Longer texts (embedded files) are cut: no field of an invoice is as long.
const LONGEST_TEXT: usize = 1_000;

/// An element that holds text, without its root: `LegalMonetaryTotal/PayableAmount`.
#[derive(Debug)]
pub struct Leaf<'a> {
    pub path: &'a str,
    pub text: &'a str,
    /// Its `currencyID`; `Ccy` in messages of banks.
    pub currency: Option<&'a str>,
    /// Its `schemeID`: whose number it is.
    pub scheme: Option<&'a str>,
}

/// What a syntax does with the leaves of a document.
pub trait Visitor {
    fn leaf(&mut self, leaf: &Leaf<'_>);
    /// An element and everything in it was read; the path is without the root, and empty for the root itself.
    fn closed(&mut self, path: &str);
}

/// The root of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    pub namespace: String,
    pub name: String,
}

/// Looks at nothing.
impl Visitor for () {
    fn leaf(&mut self, _leaf: &Leaf<'_>) {}

    fn closed(&mut self, _path: &str) {}
}

/// The root's namespace and name, read from the beginning of a file. None where no element begins there, or a document type does.
pub fn root(text: &str) -> Option<Root> {
    let mut reader = NsReader::from_str(text);
    loop {
        match reader.read_resolved_event().ok()? {
            (namespace, Event::Start(element) | Event::Empty(element)) => return Some(root_of(&namespace, &element)),
            (_, Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::Text(_)) => {}
            (_, Event::DocType(_) | Event::End(_) | Event::CData(_) | Event::GeneralRef(_) | Event::Eof) => return None,
        }
    }
}

fn root_of(namespace: &ResolveResult<'_>, element: &BytesStart<'_>) -> Root {
    let namespace = match namespace {
        ResolveResult::Bound(namespace) => namespace.0.chars().take(200).collect(),
        ResolveResult::Unbound | ResolveResult::Unknown(_) => String::new(),
    };
    Root { namespace, name: element.local_name().as_ref().chars().take(60).collect() }
}

/// Hands every leaf to the visitor in document order.
///
/// # Errors
/// Broken, truncated, too deep, too many elements, a document type, or an entity.
pub fn walk(text: &str, visitor: &mut impl Visitor) -> Result<(), FileRefusal> {
    let mut reader = NsReader::from_str(text);
    reader.config_mut().check_end_names = true;
    let mut walker = Walker {
        visitor,
        path: String::new(),
        depth: 0,
        elements: 0,
        text: String::new(),
        currency: None,
        scheme: None,
        closed: false,
    };
    loop {
        let at = reader.buffer_position();
        let broken = |detail: String| FileRefusal::BrokenXml { at, detail: detail.chars().take(200).collect() };
        match reader.read_event().map_err(|error| broken(error.to_string()))? {
            Event::Start(element) | Event::Empty(element) if walker.closed => {
                return Err(broken(format!("`{}` after the end of the document", element.name().as_ref())));
            }
            Event::Start(element) => walker.open(&element)?,
            Event::Empty(element) => {
                walker.open(&element)?;
                walker.close();
            }
            Event::End(_) => walker.close(),
            Event::Text(text) => walker.push(&text.xml10_content()),
            Event::CData(text) => walker.push(&text.xml10_content()),
            Event::GeneralRef(reference) => walker.push(&character(&reference)?),
            Event::DocType(_) => return Err(FileRefusal::DocumentType),
            Event::Decl(declaration) => declared(&declaration).map_err(broken)?,
            Event::Comment(_) | Event::PI(_) => {}
            Event::Eof if walker.closed => return Ok(()),
            Event::Eof => return Err(broken("the file ends before its root element does".to_owned())),
        }
    }
}

/// A declaration that is cut or garbled is no beginning of a document, though what follows may look like one.
fn declared(declaration: &BytesDecl<'_>) -> Result<(), String> {
    declaration.version().map_err(|error| error.to_string())?;
    let encoding = declaration.encoding().transpose().map_err(|error| error.to_string())?;
    let named = encoding.is_none_or(|name| name.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c)));
    if named { Ok(()) } else { Err("its declaration names no encoding".to_owned()) }
}

/// A character reference or one of the five entities that XML itself defines.
pub fn character(reference: &quick_xml::events::BytesRef<'_>) -> Result<String, FileRefusal> {
    let refused = || FileRefusal::Entity(reference.chars().take(40).collect());
    if reference.is_char_ref() {
        return reference.resolve_char_ref().ok().flatten().map(String::from).ok_or_else(refused);
    }
    quick_xml::escape::resolve_xml_entity(reference).map(str::to_owned).ok_or_else(refused)
}

struct Walker<'v, V> {
    visitor: &'v mut V,
    /// Without the root's name.
    path: String,
    depth: usize,
    elements: usize,
    text: String,
    currency: Option<String>,
    scheme: Option<String>,
    closed: bool,
}

impl<V: Visitor> Walker<'_, V> {
    fn open(&mut self, element: &BytesStart<'_>) -> Result<(), FileRefusal> {
        self.depth += 1;
        self.elements += 1;
        if self.depth > DEEPEST {
            return Err(FileRefusal::TooDeep(DEEPEST));
        }
        if self.elements > MOST_ELEMENTS {
            return Err(FileRefusal::TooManyElements(MOST_ELEMENTS));
        }
        if self.depth > 1 {
            if !self.path.is_empty() {
                self.path.push('/');
            }
            self.path.extend(element.local_name().as_ref().chars().take(100));
        }
        self.text.clear();
        (self.currency, self.scheme) = (None, None);
        for attribute in element.attributes().filter_map(Result::ok) {
            match attribute.key.as_ref() {
                "currencyID" | "Ccy" => self.currency = Some(attribute.value.chars().take(12).collect()),
                "schemeID" => self.scheme = Some(attribute.value.chars().take(40).collect()),
                _ => {}
            }
        }
        Ok(())
    }

    fn push(&mut self, text: &str) {
        let room = LONGEST_TEXT.saturating_sub(self.text.len());
        self.text.extend(text.chars().take(room));
    }

    fn close(&mut self) {
        let text = self.text.trim();
        if !text.is_empty() {
            let (currency, scheme) = (self.currency.as_deref(), self.scheme.as_deref());
            self.visitor.leaf(&Leaf { path: &self.path, text, currency, scheme });
        }
        self.visitor.closed(&self.path);
        self.text.clear();
        self.path.truncate(self.path.rfind('/').unwrap_or(0));
        self.depth = self.depth.saturating_sub(1);
        self.closed = self.depth == 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Leaves(Vec<(String, String)>);

    impl Visitor for Leaves {
        fn leaf(&mut self, leaf: &Leaf<'_>) {
            self.0.push((leaf.path.to_owned(), leaf.text.to_owned()));
        }

        fn closed(&mut self, _path: &str) {}
    }

    fn leaves(text: &str) -> Result<Vec<(String, String)>, FileRefusal> {
        let mut leaves = Leaves::default();
        walk(text, &mut leaves)?;
        Ok(leaves.0)
    }

    #[test]
    fn a_root_is_known_by_its_namespace() {
        let of = |text| root(text).map(|root| (root.namespace, root.name));
        let bound = Some(("urn:x".to_owned(), "Invoice".to_owned()));
        assert_eq!(of("<?xml version='1.0'?><!-- a --><p:Invoice xmlns:p='urn:x'><p:ID"), bound);
        assert_eq!(of("<Invoice xmlns='urn:x'/>"), bound);
        assert_eq!(of("<Invoice"), None);
        assert_eq!(of("number;amount"), None);
    }

    #[test]
    fn leaves_come_with_their_paths_and_decoded_text() {
        let found = leaves("<a><b:c xmlns:b='x'> M &amp; S&#33; <![CDATA[<ok>]]></b:c><d/><e><f>1</f></e></a>").unwrap();
        assert_eq!(found, [("c".to_owned(), "M & S! <ok>".to_owned()), ("e/f".to_owned(), "1".to_owned())]);
    }

    #[test]
    fn an_entity_bomb_is_refused_before_it_goes_off() {
        let bomb = "<!DOCTYPE a [<!ENTITY b 'bbbb'><!ENTITY c '&b;&b;&b;'>]><a>&c;</a>";
        assert_eq!(leaves(bomb), Err(FileRefusal::DocumentType));
        assert_eq!(leaves("<a>&c;</a>"), Err(FileRefusal::Entity("c".to_owned())));
    }

    #[test]
    fn depth_and_brokenness_are_refused() {
        assert_eq!(leaves(&"<a>".repeat(100)), Err(FileRefusal::TooDeep(DEEPEST)));
        for broken in [
            "<?xml version='1.0' encoding='UTF-8?><a/>",
            "<?xml encoding='UTF-8'?><a/>",
            "<a>",
            "<a><b></a></b>",
            "<a></a><b/>",
            "<a",
            "</a>",
            "<a></a",
            "&",
            "<a>&#0;</a>",
        ] {
            assert!(leaves(broken).is_err(), "{broken}");
        }
    }
}
