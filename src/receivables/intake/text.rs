//! Bytes of any encoding and any length as UTF-8 with plain line ends, piece by piece.
//!
//! What may never happen here: a guess that turns one letter into another without anybody being told, or a file without line
//! ends that fills the memory.

use std::{
    io::{self, Read},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use encoding_rs::{Decoder, DecoderResult, Encoding};

const PIECE_BYTES: usize = 64 * 1024;
/// No row of a list is longer: a quote that is never closed would make one of the whole file.
pub const LONGEST_ROW_BYTES: usize = 1024 * 1024;

/// What a reader of rows has taken since its last whole one.
#[derive(Debug, Clone, Default)]
pub struct RowGauge(Arc<AtomicUsize>);

impl RowGauge {
    /// A whole row was read.
    pub fn row_ends(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    fn take(&self, bytes: usize) -> io::Result<()> {
        let taken = self.0.fetch_add(bytes, Ordering::Relaxed);
        if taken > LONGEST_ROW_BYTES { Err(io::Error::new(io::ErrorKind::FileTooLarge, "a row goes on and on")) } else { Ok(()) }
    }
}

/// Reads text. `InvalidData`: it is none in this encoding.
pub struct Text<R> {
    inner: R,
    decoder: Decoder,
    raw: Vec<u8>,
    decoded: Vec<u8>,
    plain: Vec<u8>,
    taken: usize,
    after_return: bool,
    last: u8,
    ended: bool,
    gauge: RowGauge,
}

impl<R: Read> Text<R> {
    pub fn new(inner: R, encoding: &'static Encoding, gauge: RowGauge) -> Self {
        Self {
            inner,
            decoder: encoding.new_decoder_with_bom_removal(),
            raw: Vec::with_capacity(PIECE_BYTES),
            decoded: vec![0; 4 * PIECE_BYTES],
            plain: Vec::with_capacity(PIECE_BYTES),
            taken: 0,
            after_return: false,
            last: b'\n',
            ended: false,
            gauge,
        }
    }

    fn refill(&mut self) -> io::Result<()> {
        self.plain.clear();
        self.taken = 0;
        self.raw.clear();
        let limit = u64::try_from(PIECE_BYTES).unwrap_or(u64::MAX);
        self.ended = self.inner.by_ref().take(limit).read_to_end(&mut self.raw)? == 0;
        let (result, _, written) = self.decoder.decode_to_utf8_without_replacement(&self.raw, &mut self.decoded, self.ended);
        if result != DecoderResult::InputEmpty {
            return Err(not_text());
        }
        for byte in self.decoded.get(..written).unwrap_or_default() {
            match byte {
                0 => return Err(not_text()),
                b'\r' => self.plain.push(b'\n'),
                b'\n' if self.after_return => {}
                other => self.plain.push(*other),
            }
            self.after_return = *byte == b'\r';
        }
        self.last = self.plain.last().copied().unwrap_or(self.last);
        // A last line without an end gets one, so that every row ends alike.
        if self.ended && self.last != b'\n' {
            self.plain.push(b'\n');
        }
        Ok(())
    }
}

impl<R: Read> Read for Text<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.taken == self.plain.len() && !self.ended {
            self.refill()?;
        }
        let mut rest = self.plain.get(self.taken..).unwrap_or_default();
        let count = rest.read(buffer)?;
        self.taken += count;
        self.gauge.take(count)?;
        Ok(count)
    }
}

fn not_text() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "this is not text")
}

#[cfg(test)]
mod tests {
    use encoding_rs::{UTF_8, UTF_16LE, WINDOWS_1252};

    use super::*;

    /// A reader that gives one byte at a time.
    struct Drip<'a>(&'a [u8]);

    impl Read for Drip<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let (one, rest) = self.0.split_at(self.0.len().min(1));
            buffer[..one.len()].copy_from_slice(one);
            self.0 = rest;
            Ok(one.len())
        }
    }

    fn read(bytes: &[u8], encoding: &'static Encoding) -> io::Result<String> {
        let (mut whole, mut dripped) = (String::new(), String::new());
        Text::new(bytes, encoding, RowGauge::default()).read_to_string(&mut whole)?;
        Text::new(Drip(bytes), encoding, RowGauge::default()).read_to_string(&mut dripped)?;
        assert_eq!(whole, dripped);
        Ok(whole)
    }

    #[test]
    fn every_line_ends_alike() {
        assert_eq!(read(b"a\r\nb\rc\nd", UTF_8).unwrap(), "a\nb\nc\nd\n");
        assert_eq!(read(b"a\r\n\r\nb\r\r", UTF_8).unwrap(), "a\n\nb\n\n");
        assert_eq!(read(b"", UTF_8).unwrap(), "");
        assert_eq!(read("\u{feff}año".as_bytes(), UTF_8).unwrap(), "año\n");
        let utf16: Vec<u8> = "ñ\r\n€".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(read(&utf16, UTF_16LE).unwrap(), "ñ\n€\n");
        assert_eq!(read(b"a\xf1o", WINDOWS_1252).unwrap(), "año\n");
    }

    #[test]
    fn what_is_not_text_is_said_so() {
        for bytes in [b"a\xffb".as_slice(), b"a\0b", b"caf\xc3"] {
            assert_eq!(read(bytes, UTF_8).unwrap_err().kind(), io::ErrorKind::InvalidData);
        }
    }

    #[test]
    fn a_row_without_end_is_given_up() {
        let endless = vec![b'x'; 3 * LONGEST_ROW_BYTES];
        assert_eq!(read(&endless, UTF_8).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
    }
}
