//! The objects of a PDF, found by going through the file once: its tables of objects are not asked.
//!
//! What may never happen here: work or memory beyond a fixed multiple of the file. A table may name one object a million times,
//! and an object stream may hold one array under a million numbers; whoever follows them does the work each time.

use std::{collections::BTreeMap, io::Read, ops::Range};

use flate2::read::ZlibDecoder;

use super::{
    FileRefusal,
    values::{Dictionary, Parser, Value, get, is_blank},
};

const DEEPEST: usize = 32;
/// All compressed objects together.
const MOST_OBJECT_BYTES: usize = 16 * 1024 * 1024;

/// An object by its number, and where its stream stands in the file.
#[derive(Debug)]
pub struct Object {
    pub value: Value,
    pub stream: Option<Range<usize>>,
}

#[derive(Debug, Default)]
pub struct Objects {
    by_number: BTreeMap<u32, Object>,
    /// Trailers, and the dictionaries of cross-reference streams that serve as such; the newest last.
    pub trailers: Vec<Dictionary>,
}

impl Objects {
    /// Goes through the file from its beginning; of an object that was changed since, the last is kept.
    ///
    /// # Errors
    /// More objects than any invoice has.
    pub fn read(bytes: &[u8]) -> Result<Self, FileRefusal> {
        let mut objects = Self::default();
        let mut parser = Parser::new(bytes, 0, 0);
        let mut unpacked = 0;
        while let Some((at, number)) = next_object(bytes, parser.at) {
            parser.at = at;
            let Some(value) = parser.value(DEEPEST)? else { continue };
            match number {
                None => objects.trailers.extend(value.dictionary()),
                Some(number) => {
                    let stream = value.as_dictionary().and_then(|dictionary| parser.stream(dictionary));
                    objects.add(number, Object { value, stream }, bytes, &mut parser.values, &mut unpacked)?;
                }
            }
        }
        Ok(objects)
    }

    fn add(
        &mut self,
        number: u32,
        object: Object,
        bytes: &[u8],
        values: &mut usize,
        unpacked: &mut usize,
    ) -> Result<(), FileRefusal> {
        if let Value::Dictionary(dictionary) = &object.value {
            match get(dictionary, b"Type") {
                Some(Value::Name(kind)) if kind == b"XRef" => self.trailers.push(dictionary.clone()),
                Some(Value::Name(kind)) if kind == b"ObjStm" => return self.add_packed(&object, bytes, values, unpacked),
                _ => {}
            }
        }
        self.by_number.insert(number, object);
        Ok(())
    }

    /// Objects in an object stream (ISO 32000-1 § 7.5.7): numbers and offsets first, then one object after the other.
    fn add_packed(
        &mut self,
        container: &Object,
        bytes: &[u8],
        values: &mut usize,
        unpacked: &mut usize,
    ) -> Result<(), FileRefusal> {
        let room = MOST_OBJECT_BYTES.saturating_sub(*unpacked);
        let Some(content) = content(container, bytes, room)? else { return Ok(()) };
        *unpacked = unpacked.saturating_add(content.len());
        let first = container.value.as_dictionary().and_then(|dictionary| match get(dictionary, b"First") {
            Some(Value::Integer(first)) => Some(*first),
            _ => None,
        });
        let Some((first, index)) = first.and_then(|first| Some((first, content.get(..first)?))) else { return Ok(()) };
        let index = String::from_utf8_lossy(index);
        let numbers: Vec<usize> = index.split_whitespace().map_while(|number| number.parse().ok()).collect();
        let mut parser = Parser::new(&content, first, *values);
        for pair in numbers.chunks_exact(2) {
            let [number, offset] = pair else { continue };
            let at = first.saturating_add(*offset);
            // They come in order, none inside another.
            if at < parser.at {
                continue;
            }
            parser.at = at;
            let value = parser.value(DEEPEST)?;
            *values = parser.values;
            if let (Some(value), Ok(number)) = (value, u32::try_from(*number)) {
                self.by_number.insert(number, Object { value, stream: None });
            }
        }
        Ok(())
    }

    pub fn by_number(&self, number: u32) -> Option<&Object> {
        self.by_number.get(&number)
    }

    pub fn all(&self) -> impl Iterator<Item = &Value> {
        self.by_number.values().map(|object| &object.value)
    }

    /// The value itself where it is a reference to one.
    pub fn follow<'a>(&'a self, value: &'a Value) -> Option<&'a Value> {
        match value {
            Value::Reference(number) => self.by_number(*number).map(|object| &object.value),
            Value::Name(_) | Value::Text(_) | Value::Integer(_) | Value::Array(_) | Value::Dictionary(_) | Value::Other => {
                Some(value)
            }
        }
    }

    pub fn dictionary<'a>(&'a self, parent: &'a Dictionary, key: &[u8]) -> Option<&'a Dictionary> {
        self.follow(get(parent, key)?)?.as_dictionary()
    }

    pub fn array<'a>(&'a self, parent: &'a Dictionary, key: &[u8]) -> Option<&'a [Value]> {
        match self.follow(get(parent, key)?)? {
            Value::Array(values) => Some(values),
            Value::Name(_) | Value::Text(_) | Value::Integer(_) | Value::Reference(_) | Value::Dictionary(_) | Value::Other => {
                None
            }
        }
    }
}

/// The content of a stream, unpacked up to `most` bytes. None where it is packed in a way that attachments never are.
///
/// # Errors
/// More than `most`.
pub fn content(object: &Object, bytes: &[u8], most: usize) -> Result<Option<Vec<u8>>, FileRefusal> {
    let raw = object.stream.clone().and_then(|range| bytes.get(range));
    let (Some(raw), Some(dictionary)) = (raw, object.value.as_dictionary()) else { return Ok(None) };
    let flate = |name: &[u8]| matches!(name, b"FlateDecode" | b"Fl");
    let packed = match get(dictionary, b"Filter") {
        None => false,
        Some(Value::Name(name)) if flate(name) => true,
        Some(Value::Array(names)) => match names.as_slice() {
            [] => false,
            [Value::Name(name)] if flate(name) => true,
            _ => return Ok(None),
        },
        Some(_) => return Ok(None),
    };
    let mut unpacked = Vec::new();
    let bound = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    let read = if packed {
        ZlibDecoder::new(raw).take(bound).read_to_end(&mut unpacked)
    } else {
        raw.take(bound).read_to_end(&mut unpacked)
    };
    // What was unpacked before a damage is judged by whoever reads it.
    if read.is_err() && unpacked.is_empty() {
        return Ok(None);
    }
    if unpacked.len() > most { Err(FileRefusal::UnpacksTooLarge) } else { Ok(Some(unpacked)) }
}

/// Where the next `12 0 obj` or `trailer` ends, and the object's number; none for a trailer.
fn next_object(bytes: &[u8], from: usize) -> Option<(usize, Option<u32>)> {
    let mut at = from;
    loop {
        let rest = bytes.get(at..)?;
        let next = rest.iter().position(|byte| matches!(byte, b'o' | b't'))?;
        at = at.saturating_add(next);
        let rest = bytes.get(at..)?;
        if rest.starts_with(b"trailer") {
            return Some((at.saturating_add(7), None));
        }
        if rest.starts_with(b"obj")
            && let Some(number) = number_before(bytes.get(..at)?)
        {
            return Some((at.saturating_add(3), Some(number)));
        }
        at = at.saturating_add(1);
    }
}

/// The number in `12 0 ` at the end of these bytes.
fn number_before(bytes: &[u8]) -> Option<u32> {
    let tail = bytes.get(bytes.len().saturating_sub(24)..)?;
    let mut words = tail.rsplit(|byte| is_blank(*byte)).filter(|word| !word.is_empty());
    let generation = words.next()?;
    let number = words.next()?;
    let digits = |word: &[u8]| word.iter().all(u8::is_ascii_digit);
    if !tail.last().is_some_and(|byte| is_blank(*byte)) || !digits(generation) {
        return None;
    }
    // Sloppy writers put it directly behind the `endobj` before.
    let start = number.iter().rposition(|byte| !byte.is_ascii_digit()).map_or(0, |last| last.saturating_add(1));
    std::str::from_utf8(number.get(start..)?).ok()?.parse().ok()
}
