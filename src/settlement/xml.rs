//! Writing XML element by element, as the files for banks and the invoices need it.

use std::io;

use quick_xml::{
    Writer,
    events::{BytesEnd, BytesStart, BytesText, Event},
};

pub(super) type Xml = Writer<Vec<u8>>;

/// A document that is to be filled.
pub(super) fn document() -> Xml {
    Writer::new(b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_vec())
}

/// An element with nothing but a text.
pub(super) fn leaf(xml: &mut Xml, name: &str, text: &str) -> io::Result<()> {
    xml.create_element(name).write_text_content(BytesText::new(text)).map(|_| ())
}

/// An element with a text and one attribute.
pub(super) fn leaf_with(xml: &mut Xml, name: &str, attribute: (&str, &str), text: &str) -> io::Result<()> {
    xml.create_element(name).with_attribute(attribute).write_text_content(BytesText::new(text)).map(|_| ())
}

/// Elements in each other, and in the innermost one whatever `inner` writes.
pub(super) fn nested(xml: &mut Xml, names: &[&str], inner: impl FnOnce(&mut Xml) -> io::Result<()>) -> io::Result<()> {
    for name in names {
        xml.write_event(Event::Start(BytesStart::new(*name)))?;
    }
    inner(xml)?;
    names.iter().rev().try_for_each(|name| xml.write_event(Event::End(BytesEnd::new(*name))))
}
