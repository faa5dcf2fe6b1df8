//! The values that PDFs are written in (ISO 32000-1 § 7.3), read from where they stand.

use std::ops::Range;

use super::FileRefusal;

/// Values read in one file, at some forty bytes each; a PDF of many pages has tens of thousands.
const MOST_VALUES: usize = 1_000_000;

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

pub fn get<'a>(dictionary: &'a Dictionary, key: &[u8]) -> Option<&'a Value> {
    dictionary.iter().find(|(name, _)| name == key).map(|(_, value)| value)
}

impl Value {
    pub fn as_dictionary(&self) -> Option<&Dictionary> {
        if let Self::Dictionary(dictionary) = self { Some(dictionary) } else { None }
    }

    pub fn dictionary(self) -> Option<Dictionary> {
        if let Self::Dictionary(dictionary) = self { Some(dictionary) } else { None }
    }
}

pub const fn is_blank(byte: u8) -> bool {
    matches!(byte, 0 | 9 | 10 | 12 | 13 | 32)
}

const fn is_delimiter(byte: u8) -> bool {
    matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

pub struct Parser<'a> {
    bytes: &'a [u8],
    pub at: usize,
    /// Counted over the whole file.
    pub values: usize,
}

impl<'a> Parser<'a> {
    pub const fn new(bytes: &'a [u8], at: usize, values: usize) -> Self {
        Self { bytes, at, values }
    }

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
    pub fn value(&mut self, deeper: usize) -> Result<Option<Value>, FileRefusal> {
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
    pub fn stream(&mut self, dictionary: &Dictionary) -> Option<Range<usize>> {
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
