//! Several PDFs as one, for a printer: every page as it was drawn, in the order given.
//!
//! What may never happen here: a page of one letter behind another's address. Double-sided, each letter begins on a sheet of
//! its own: one of an odd number of pages gets an empty one.

use lopdf::{Dictionary, Document, Object, ObjectId, dictionary};

use super::PaperError;

/// What a page may take from the node above it (ISO 32000-1, table 30).
const INHERITED: [&[u8]; 4] = [b"Resources", b"MediaBox", b"CropBox", b"Rotate"];
/// DIN A4 in points, where a letter does not say.
const A4: [i64; 4] = [0, 0, 595, 842];

/// A bundle, and how many pages each letter takes in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    pub pdf: Vec<u8>,
    pub pages: Vec<usize>,
}

/// Puts PDFs behind each other.
///
/// # Errors
/// One of them is no PDF of ours.
pub fn bundle(letters: &[Vec<u8>], double_sided: bool) -> Result<Bundle, PaperError> {
    let mut all = Document::with_version("1.7");
    let node = all.new_object_id();
    let (mut kids, mut pages) = (Vec::new(), Vec::new());
    for letter in letters {
        let mut document = Document::load_mem(letter).map_err(broken)?;
        document.renumber_objects_with(all.max_id + 1);
        all.max_id = document.max_id;
        let mut own = pages_of(&document, node)?;
        if double_sided && own.len() % 2 == 1 {
            let media_box = own.first().and_then(|(_, page)| page.get(b"MediaBox").ok().cloned());
            all.max_id += 1;
            own.push(((all.max_id, 0), empty_page(node, media_box)));
        }
        pages.push(own.len());
        all.objects.extend(document.objects);
        for (id, page) in own {
            kids.push(Object::Reference(id));
            all.objects.insert(id, Object::Dictionary(page));
        }
    }
    let count = i64::try_from(kids.len()).unwrap_or(i64::MAX);
    all.objects.insert(node, Object::Dictionary(dictionary! { "Type" => "Pages", "Kids" => kids, "Count" => count }));
    let catalog = all.add_object(dictionary! { "Type" => "Catalog", "Pages" => node });
    all.trailer.set("Root", catalog);
    // What the single documents said of themselves is nobody's any more.
    all.prune_objects();
    let mut pdf = Vec::new();
    all.save_to(&mut pdf).map_err(|error| PaperError::Bundle(error.to_string()))?;
    Ok(Bundle { pdf, pages })
}

fn broken(error: impl std::fmt::Display) -> PaperError {
    PaperError::Bundle(error.to_string())
}

/// The pages of a document in order, complete in themselves, below `node`.
fn pages_of(document: &Document, node: ObjectId) -> Result<Vec<(ObjectId, Dictionary)>, PaperError> {
    let mut found = Vec::new();
    for id in document.get_pages().into_values() {
        let mut page = document.get_dictionary(id).map_err(broken)?.clone();
        for name in INHERITED {
            if !page.has(name)
                && let Some(value) = inherited(document, &page, name)
            {
                page.set(name, value);
            }
        }
        page.set("Parent", node);
        found.push((id, page));
    }
    Ok(found)
}

fn inherited(document: &Document, page: &Dictionary, name: &[u8]) -> Option<Object> {
    let above = document.get_dictionary(page.get(b"Parent").ok()?.as_reference().ok()?).ok()?;
    above.get(name).ok().cloned().or_else(|| inherited(document, above, name))
}

fn empty_page(node: ObjectId, media_box: Option<Object>) -> Dictionary {
    let media_box = media_box.unwrap_or_else(|| Object::Array(A4.map(Object::Integer).to_vec()));
    dictionary! { "Type" => "Page", "Parent" => node, "MediaBox" => media_box, "Resources" => dictionary! {} }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{paper::samples, types::Language};

    fn letter(language: Language) -> Vec<u8> {
        samples::letter(language).pdf().expect("a letter")
    }

    #[test]
    fn letters_stand_behind_each_other_in_their_order() {
        let letters = [letter(Language::French), letter(Language::Spanish), letter(Language::English)];
        let alone: Vec<usize> = letters.iter().map(|letter| Document::load_mem(letter).unwrap().get_pages().len()).collect();
        let bundle = bundle(&letters, false).expect("a bundle");
        assert_eq!(bundle.pages, alone);
        let document = Document::load_mem(&bundle.pdf).expect("a PDF");
        assert_eq!(document.get_pages().len(), alone.iter().sum::<usize>());
        let mut first = 1;
        for (letter, pages) in letters.iter().zip(&alone) {
            let numbers: Vec<u32> = (first..).take(*pages).collect();
            first += u32::try_from(*pages).unwrap();
            let own: Vec<u32> = (1..).take(*pages).collect();
            assert_eq!(document.extract_text(&numbers).unwrap(), Document::load_mem(letter).unwrap().extract_text(&own).unwrap());
        }
    }

    #[test]
    fn double_sided_each_letter_begins_on_a_sheet() {
        let letters = vec![letter(Language::French), letter(Language::Spanish)];
        let bundle = bundle(&letters, true).expect("a bundle");
        assert!(bundle.pages.iter().all(|pages| pages % 2 == 0), "{:?}", bundle.pages);
        let pages = Document::load_mem(&bundle.pdf).unwrap().get_pages();
        assert_eq!(pages.len(), bundle.pages.iter().sum::<usize>());
    }

    #[test]
    fn what_is_no_pdf_is_refused() {
        assert!(matches!(bundle(&[b"hello".to_vec()], false), Err(PaperError::Bundle(_))));
    }
}
