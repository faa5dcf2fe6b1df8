//! The objects of a PDF, found by going through the file once: its tables of objects are not asked.
//!
//! What may never happen here: work or memory beyond a fixed multiple of the file. A table may name one object a million times,
//! and an object stream may hold one array under a million numbers; whoever follows them does the work each time.

use std::{collections::BTreeMap, io::Read, ops::Range};

use flate2::read::ZlibDecoder;

use super::FileRefusal;

/// Values read in one file, at some forty bytes each; a PDF of many pages has tens of thousands.
const MOST_VALUES: usize = 1_000_000;
const DEEPEST: usize = 32;
/// All compressed objects together.
const MOST_OBJECT_BYTES: usize = 16 * 1024 * 1024;

#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Name(Vec<u8>),
    Text(Vec<u8>),
    Integer(usize),
    Reference(u32),
    Array(Vec<Value>),
    Dictionary(Dictionary),
    /// What no search for attachments needs: fractions, truths, null.
    Other,
}

pub type Dictionary = Vec<(Vec<u8>, Value)>;

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

pub fn get<'a>(dictionary: &'a Dictionary, key: &[u8]) -> Option<&'a Value> {
    dictionary.iter().find(|(name, _)| name == key).map(|(_, value)| value)
}

impl Objects {
    /// Goes through the file from its beginning; of an object that was changed since, the last is kept.
    ///
    /// # Errors
    /// More objects than any invoice has.
    pub fn read(bytes: &[u8]) -> Result<Self, FileRefusal> {
        let mut objects = Self::default();
        let mut parser = Parser { bytes, at: 0, values: 0 };
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
        let mut parser = Parser { bytes: &content, at: first, values: *values };
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

impl Value {
    pub fn as_dictionary(&self) -> Option<&Dictionary> {
        if let Self::Dictionary(dictionary) = self { Some(dictionary) } else { None }
    }

    fn dictionary(self) -> Option<Dictionary> {
        if let Self::Dictionary(dictionary) = self { Some(dictionary) } else { None }
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

const fn is_blank(byte: u8) -> bool {
    matches!(byte, 0 | 9 | 10 | 12 | 13 | 32)
}

const fn is_delimiter(byte: u8) -> bool {
    matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

struct Parser<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Counted over the whole file.
    values: usize,
}

impl Parser<'_> {
    fn rest(&self) -> &[u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    fn skip(&mut self, count: usize) {
        self.at = self.at.saturating_add(count);
    }

    fn skip_blanks(&mut self) {
        loop {
            let blanks = self.rest().iter().take_while(|byte| is_blank(**byte)).count();
            self.skip(blanks);
            if self.rest().first() != Some(&b'%') {
                return;
            }
            let comment = self.rest().iter().take_while(|byte| !matches!(byte, b'\r' | b'\n')).count();
            self.skip(comment);
        }
    }

    /// The value that stands here. None where none does; what was read of a broken one is passed over.
    fn value(&mut self, deeper: usize) -> Result<Option<Value>, FileRefusal> {
        self.values = self.values.saturating_add(1);
        if self.values > MOST_VALUES {
            return Err(FileRefusal::BrokenPdf("it has more objects than an invoice needs".to_owned()));
        }
        let Some(deeper) = deeper.checked_sub(1) else { return Ok(None) };
        self.skip_blanks();
        Ok(match self.rest() {
            [b'<', b'<', ..] => self.dictionary(deeper)?,
            [b'<', ..] => Some(self.hexadecimal()),
            [b'(', ..] => Some(self.text()),
            [b'[', ..] => self.array(deeper)?,
            [b'/', ..] => Some(Value::Name(self.name())),
            [digit, ..] if digit.is_ascii_digit() => Some(self.number()),
            [byte, ..] if !is_delimiter(*byte) => {
                self.word();
                Some(Value::Other)
            }
            _ => None,
        })
    }

    fn dictionary(&mut self, deeper: usize) -> Result<Option<Value>, FileRefusal> {
        self.skip(2);
        let mut entries = Vec::new();
        loop {
            self.skip_blanks();
            match self.rest() {
                [b'>', b'>', ..] => {
                    self.skip(2);
                    return Ok(Some(Value::Dictionary(entries)));
                }
                [b'/', ..] => {
                    let key = self.name();
                    let Some(value) = self.value(deeper)? else { return Ok(None) };
                    entries.push((key, value));
                }
                _ => return Ok(None),
            }
        }
    }

    fn array(&mut self, deeper: usize) -> Result<Option<Value>, FileRefusal> {
        self.skip(1);
        let mut values = Vec::new();
        loop {
            self.skip_blanks();
            if self.rest().first() == Some(&b']') {
                self.skip(1);
                return Ok(Some(Value::Array(values)));
            }
            let Some(value) = self.value(deeper)? else { return Ok(None) };
            values.push(value);
        }
    }

    fn word(&mut self) -> Vec<u8> {
        let word: Vec<u8> = self.rest().iter().take_while(|byte| !is_blank(**byte) && !is_delimiter(**byte)).copied().collect();
        self.skip(word.len());
        word
    }

    /// `/Type`, where `#20` stands for a character that could not.
    fn name(&mut self) -> Vec<u8> {
        self.skip(1);
        let word = self.word();
        if !word.contains(&b'#') {
            return word;
        }
        let mut name = Vec::with_capacity(word.len());
        let mut rest = word.as_slice();
        while let Some((&byte, after)) = rest.split_first() {
            let escaped = if byte == b'#' { after.get(..2).and_then(|digits| hex::decode(digits).ok()) } else { None };
            match (escaped, after.get(2..)) {
                (Some(decoded), Some(after)) => {
                    name.extend(decoded);
                    rest = after;
                }
                _ => {
                    name.push(byte);
                    rest = after;
                }
            }
        }
        name
    }

    /// `12`, or the reference `12 0 R`.
    fn number(&mut self) -> Value {
        let word = self.word();
        let Some(number) = std::str::from_utf8(&word).ok().and_then(|word| word.parse::<usize>().ok()) else {
            return Value::Other;
        };
        let ahead = self.rest().get(..self.rest().len().min(16)).unwrap_or_default();
        let mut words = ahead.split(|byte| is_blank(*byte));
        let spaced = words.next().is_some_and(<[u8]>::is_empty);
        let generation = words.next().filter(|word| !word.is_empty() && word.iter().all(u8::is_ascii_digit));
        let reference =
            words.next().is_some_and(|word| word.first() == Some(&b'R') && word.get(1).is_none_or(|byte| is_delimiter(*byte)));
        match (generation, u32::try_from(number)) {
            (Some(generation), Ok(number)) if spaced && reference => {
                self.skip(generation.len().saturating_add(3));
                Value::Reference(number)
            }
            _ => Value::Integer(number),
        }
    }

    fn hexadecimal(&mut self) -> Value {
        self.skip(1);
        let inside = self.rest().iter().take_while(|byte| **byte != b'>').count();
        let mut digits: Vec<u8> = self.rest().iter().take(inside).filter(|byte| byte.is_ascii_hexdigit()).copied().collect();
        if !digits.len().is_multiple_of(2) {
            digits.push(b'0');
        }
        self.skip(inside.saturating_add(1));
        Value::Text(hex::decode(digits).unwrap_or_default())
    }

    /// `(text)` with balanced brackets; escapes but for octal ones.
    fn text(&mut self) -> Value {
        let (mut text, mut open, mut escaped, mut read) = (Vec::new(), 0_u32, false, 0_usize);
        for byte in self.rest() {
            read = read.saturating_add(1);
            match (escaped, byte) {
                (false, b'\\') => escaped = true,
                (false, b'(') => {
                    open = open.saturating_add(1);
                    if open > 1 {
                        text.push(*byte);
                    }
                }
                (false, b')') => {
                    open = open.saturating_sub(1);
                    if open == 0 {
                        break;
                    }
                    text.push(*byte);
                }
                (_, byte) => {
                    escaped = false;
                    text.push(*byte);
                }
            }
        }
        self.skip(read);
        Value::Text(text)
    }

    /// The range of the stream that follows its dictionary, which leaves the parser behind it.
    fn stream(&mut self, dictionary: &Dictionary) -> Option<Range<usize>> {
        self.skip_blanks();
        let begins = self.rest().strip_prefix(b"stream")?;
        let newline = match begins {
            [b'\r', b'\n', ..] => 2,
            [b'\r' | b'\n', ..] => 1,
            _ => 0,
        };
        let start = self.at.saturating_add(6).saturating_add(newline);
        let ends = |end: usize| {
            let after = self.bytes.get(end..)?;
            let blanks = after.iter().take(4).take_while(|byte| is_blank(**byte)).count();
            after.get(blanks..)?.starts_with(b"endstream").then_some(end)
        };
        let stated = match get(dictionary, b"Length") {
            Some(Value::Integer(length)) => start.checked_add(*length).and_then(ends),
            _ => None,
        };
        let end = stated.or_else(|| {
            let content = self.bytes.get(start..)?;
            Some(start.saturating_add(content.windows(9).position(|window| window == b"endstream").unwrap_or(content.len())))
        })?;
        self.at = end;
        Some(start..end)
    }
}
