//! Bytes of unknown origin as text.
//!
//! What may never happen here: a guess that turns one letter into another without anybody being told.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::fault::FileRefusal;

/// The text, without its byte-order mark.
#[derive(Debug)]
pub struct Decoded {
    pub text: String,
}

/// By byte-order mark, else UTF-16 by its zero bytes, else UTF-8 where that holds, else Windows-1252: what spreadsheets save.
///
/// # Errors
/// Empty, or not text in any of them.
pub fn decode(bytes: &[u8]) -> Result<Decoded, FileRefusal> {
    let (encoding, start) = Encoding::for_bom(bytes).unwrap_or_else(|| (without_mark(bytes), 0));
    decode_as(bytes.get(start..).unwrap_or_default(), encoding)
}

/// As [`decode`], but an XML declaration names the encoding where no byte-order mark does.
///
/// # Errors
/// Empty, or bytes that are none of that encoding.
pub fn decode_xml(bytes: &[u8]) -> Result<Decoded, FileRefusal> {
    let (encoding, start) = xml_encoding(bytes);
    decode_as(bytes.get(start..).unwrap_or_default(), encoding)
        .map_err(|refusal| if refusal == FileRefusal::NotText { FileRefusal::WrongEncoding(encoding.name()) } else { refusal })
}

/// The beginning of an XML file, whatever of it can be read: to tell what it is, not to read it.
pub fn peek_xml(head: &[u8]) -> String {
    let (encoding, start) = xml_encoding(head);
    encoding.decode_without_bom_handling(head.get(start..).unwrap_or_default()).0.into_owned()
}

/// The encoding, and where the text begins.
fn xml_encoding(bytes: &[u8]) -> (&'static Encoding, usize) {
    if let Some(marked) = Encoding::for_bom(bytes) {
        return marked;
    }
    if let Some(wide) = looks_like_utf16(bytes) {
        return (wide, 0);
    }
    let head: String = bytes.iter().take(200).map(|byte| char::from(*byte)).collect();
    let declared = head.split("?>").next().and_then(|declaration| {
        let (_, value) = declaration.split_once("encoding=")?;
        value.split(['"', '\'']).nth(1).and_then(|label| Encoding::for_label(label.as_bytes()))
    });
    // A declaration that could be read byte by byte does not stand in a 16-bit encoding, whatever it says.
    (declared.filter(|encoding| *encoding != UTF_16LE && *encoding != UTF_16BE).unwrap_or(UTF_8), 0)
}

fn decode_as(bytes: &[u8], encoding: &'static Encoding) -> Result<Decoded, FileRefusal> {
    let (text, broken) = encoding.decode_without_bom_handling(bytes);
    if broken || text.contains('\0') {
        return Err(FileRefusal::NotText);
    }
    if text.trim().is_empty() {
        return Err(FileRefusal::Empty);
    }
    Ok(Decoded { text: text.into_owned() })
}

fn without_mark(bytes: &[u8]) -> &'static Encoding {
    looks_like_utf16(bytes).unwrap_or(if std::str::from_utf8(bytes).is_ok() { UTF_8 } else { WINDOWS_1252 })
}

/// Western text in UTF-16 has a zero in every other byte.
pub(super) fn looks_like_utf16(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes.get(..bytes.len().min(200))?;
    let zeros = |parity: usize| head.iter().skip(parity).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd, half) = (zeros(0), zeros(1), head.len() / 2);
    if half > 0 && odd * 10 >= half * 7 && even * 10 < half {
        Some(UTF_16LE)
    } else if half > 0 && even * 10 >= half * 7 && odd * 10 < half {
        Some(UTF_16BE)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(to_bytes).collect()
    }

    #[test]
    fn the_same_text_is_read_from_every_encoding() {
        let text = "número;año\nF-1;2026";
        let marked = format!("\u{feff}{text}");
        let samples = [
            text.as_bytes().to_vec(),
            marked.as_bytes().to_vec(),
            utf16(text, u16::to_le_bytes),
            utf16(text, u16::to_be_bytes),
            utf16(&marked, u16::to_le_bytes),
            utf16(&marked, u16::to_be_bytes),
            text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect(),
        ];
        for sample in samples {
            assert_eq!(decode(&sample).unwrap().text, text);
        }
    }

    #[test]
    fn what_is_not_text_is_refused() {
        assert_eq!(decode(b"").unwrap_err(), FileRefusal::Empty);
        assert_eq!(decode(b" \n").unwrap_err(), FileRefusal::Empty);
        assert_eq!(decode(&[1, 0, 0, 7, 200, 0, 9]).unwrap_err(), FileRefusal::NotText);
        assert_eq!(
            decode_xml(b"<?xml version=\"1.0\" encoding=\"UTF-8\"?><a>\xff</a>").unwrap_err(),
            FileRefusal::WrongEncoding("UTF-8")
        );
    }

    #[test]
    fn an_xml_declaration_names_the_encoding() {
        let decoded = decode_xml(b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe9</a>").unwrap();
        assert!(decoded.text.contains('é'));
    }
}
