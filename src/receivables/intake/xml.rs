//! A walk over untrusted XML that hands out leaves: path and text.
//!
//! What may never happen here: a document type or an entity that is expanded, a depth or a size that costs more than the file,
//! a truncated file that passes for a whole one.

use quick_xml::{
    events::{BytesStart, Event},
    name::ResolveResult,
    reader::NsReader,
};

use super::fault::FileRefusal;

const DEEPEST: usize = 64;
const MOST_ELEMENTS: usize = 1_000_000;
/// Longer texts (embedded files) are cut: no field of an invoice is as long.
const LONGEST_TEXT: usize = 2_000;

/// An element that holds text: `Invoice/LegalMonetaryTotal/PayableAmount`, its text, and its `currencyID`.
#[derive(Debug)]
pub struct Leaf<'a> {
    pub path: &'a str,
    pub text: &'a str,
    pub currency: Option<&'a str>,
}

/// Calls `on_root` with the namespace and the name of the root, then `on_leaf` for every leaf in document order.
///
/// # Errors
/// Broken, truncated, too deep, too many elements, a document type, an entity, or what `on_root` refuses.
pub fn walk(
    text: &str,
    on_root: impl FnOnce(&str, &str) -> Result<(), FileRefusal>,
    on_leaf: impl FnMut(&Leaf<'_>),
) -> Result<(), FileRefusal> {
    let mut reader = NsReader::from_str(text);
    reader.config_mut().check_end_names = true;
    let mut walker =
        Walker { on_leaf, path: String::new(), depth: 0, elements: 0, text: String::new(), currency: None, closed: false };
    let mut on_root = Some(on_root);
    loop {
        let at = reader.buffer_position();
        let broken = |detail: String| FileRefusal::BrokenXml { at, detail: detail.chars().take(200).collect() };
        let (namespace, event) = reader.read_resolved_event().map_err(|error| broken(error.to_string()))?;
        match event {
            Event::Start(element) | Event::Empty(element) if walker.closed => {
                return Err(broken(format!("`{}` after the end of the document", element.name().as_ref())));
            }
            Event::Start(element) => {
                enter_root(&mut on_root, &namespace, &element)?;
                walker.open(&element)?;
            }
            Event::Empty(element) => {
                enter_root(&mut on_root, &namespace, &element)?;
                walker.open(&element)?;
                walker.close();
            }
            Event::End(_) => walker.close(),
            Event::Text(text) => walker.push(&text.xml10_content()),
            Event::CData(text) => walker.push(&text.xml10_content()),
            Event::GeneralRef(reference) => walker.push(&character(&reference)?),
            Event::DocType(_) => return Err(FileRefusal::DocumentType),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::Eof if walker.closed => return Ok(()),
            Event::Eof => return Err(broken("the file ends before its root element does".to_owned())),
        }
    }
}

fn enter_root<F: FnOnce(&str, &str) -> Result<(), FileRefusal>>(
    on_root: &mut Option<F>,
    namespace: &ResolveResult<'_>,
    element: &BytesStart<'_>,
) -> Result<(), FileRefusal> {
    let namespace = match namespace {
        ResolveResult::Bound(namespace) => namespace.0,
        ResolveResult::Unbound | ResolveResult::Unknown(_) => "",
    };
    on_root.take().map_or(Ok(()), |on_root| on_root(namespace, element.local_name().as_ref()))
}

/// A character reference or one of the five entities that XML itself defines.
fn character(reference: &quick_xml::events::BytesRef<'_>) -> Result<String, FileRefusal> {
    let refused = || FileRefusal::Entity(reference.chars().take(40).collect());
    if reference.is_char_ref() {
        return reference.resolve_char_ref().ok().flatten().map(String::from).ok_or_else(refused);
    }
    quick_xml::escape::resolve_xml_entity(reference).map(str::to_owned).ok_or_else(refused)
}

struct Walker<F> {
    on_leaf: F,
    path: String,
    depth: usize,
    elements: usize,
    text: String,
    currency: Option<String>,
    closed: bool,
}

impl<F: FnMut(&Leaf<'_>)> Walker<F> {
    fn open(&mut self, element: &BytesStart<'_>) -> Result<(), FileRefusal> {
        self.depth += 1;
        self.elements += 1;
        if self.depth > DEEPEST {
            return Err(FileRefusal::TooDeep(DEEPEST));
        }
        if self.elements > MOST_ELEMENTS {
            return Err(FileRefusal::TooManyElements(MOST_ELEMENTS));
        }
        if !self.path.is_empty() {
            self.path.push('/');
        }
        self.path.extend(element.local_name().as_ref().chars().take(100));
        self.text.clear();
        self.currency =
            element.try_get_attribute("currencyID").ok().flatten().map(|found| found.value.chars().take(12).collect());
        Ok(())
    }

    fn push(&mut self, text: &str) {
        let room = LONGEST_TEXT.saturating_sub(self.text.len());
        self.text.extend(text.chars().take(room));
    }

    fn close(&mut self) {
        let text = self.text.trim();
        if !text.is_empty() {
            (self.on_leaf)(&Leaf { path: &self.path, text, currency: self.currency.as_deref() });
        }
        self.text.clear();
        self.path.truncate(self.path.rfind('/').unwrap_or(0));
        self.depth = self.depth.saturating_sub(1);
        self.closed = self.depth == 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaves(text: &str) -> Result<Vec<(String, String)>, FileRefusal> {
        let mut found = Vec::new();
        walk(text, |_, _| Ok(()), |leaf| found.push((leaf.path.to_owned(), leaf.text.to_owned())))?;
        Ok(found)
    }

    #[test]
    fn leaves_come_with_their_paths_and_decoded_text() {
        let found = leaves("<a><b:c xmlns:b='x'> M &amp; S&#33; <![CDATA[<ok>]]></b:c><d/><e><f>1</f></e></a>").unwrap();
        assert_eq!(found, [("a/c".to_owned(), "M & S! <ok>".to_owned()), ("a/e/f".to_owned(), "1".to_owned())]);
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
        for broken in ["<a>", "<a><b></a></b>", "<a></a><b/>", "<a", "</a>", "<a></a", "&", "<a>&#0;</a>"] {
            assert!(leaves(broken).is_err(), "{broken}");
        }
    }
}
