//! Files at rest, encrypted in segments so that neither writing nor reading ever holds a whole one.
//!
//! A sealed file is a mark, 16 random bytes, then segments of 64 KiB, each AES-256-GCM with its tag behind it. The key belongs
//! to the random bytes alone; the nonce counts the segments and marks the last one. So a segment that was changed, moved, left
//! out or taken from another file does not open, and neither does a file that was cut short.

use std::io::{self, Read};

use aws_lc_rs::{
    aead::{Aad, LessSafeKey, Nonce},
    rand::{SecureRandom, SystemRandom},
};

use crate::keys::{KeyError, Keys};

const MARK: &[u8] = b"ENTENTE1";
const SALT_BYTES: usize = 16;
const HEAD_BYTES: usize = MARK.len() + SALT_BYTES;
const SEGMENT_BYTES: usize = 64 * 1024;
const TAG_BYTES: usize = 16;

/// Seals what is written to it, piece by piece.
pub struct Sealer {
    key: LessSafeKey,
    segment: u64,
    open: Vec<u8>,
    /// Sealed and not yet taken away.
    sealed: Vec<u8>,
}

impl Sealer {
    /// # Errors
    /// The system gave no randomness.
    pub fn new(keys: &Keys) -> Result<Self, KeyError> {
        let mut salt = [0_u8; SALT_BYTES];
        SystemRandom::new().fill(&mut salt).map_err(|_| KeyError::NoRandomness)?;
        let sealed = [MARK, &salt].concat();
        Ok(Self { key: keys.file_key(&salt)?, segment: 0, open: Vec::with_capacity(SEGMENT_BYTES + TAG_BYTES), sealed })
    }

    /// Takes more of the file; gives back what is sealed by now.
    ///
    /// # Errors
    /// The cipher refuses.
    pub fn write(&mut self, bytes: &[u8]) -> Result<Vec<u8>, KeyError> {
        let mut rest = bytes;
        while !rest.is_empty() {
            // A full segment is sealed when more follows: the last one must be known as the last.
            if self.open.len() == SEGMENT_BYTES {
                self.close(false)?;
            }
            let (now, later) = rest.split_at(rest.len().min(SEGMENT_BYTES - self.open.len()));
            self.open.extend_from_slice(now);
            rest = later;
        }
        Ok(std::mem::take(&mut self.sealed))
    }

    /// The end of the file.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub fn finish(mut self) -> Result<Vec<u8>, KeyError> {
        self.close(true)?;
        Ok(self.sealed)
    }

    fn close(&mut self, last: bool) -> Result<(), KeyError> {
        let nonce = nonce(self.segment, last);
        self.key.seal_in_place_append_tag(nonce, Aad::empty(), &mut self.open).map_err(|_| KeyError::Sealing)?;
        self.segment += 1;
        self.sealed.append(&mut self.open);
        Ok(())
    }
}

/// Seals a whole small file.
///
/// # Errors
/// As [`Sealer::write`].
pub fn seal(keys: &Keys, content: &[u8]) -> Result<Vec<u8>, KeyError> {
    let mut sealer = Sealer::new(keys)?;
    let mut sealed = sealer.write(content)?;
    sealed.extend(sealer.finish()?);
    Ok(sealed)
}

/// Opens a sealed file as it is read.
pub struct Opener<R> {
    inner: R,
    key: LessSafeKey,
    segment: u64,
    /// The sealed bytes of the next segment: one more than it holds are read, to know whether it is the last.
    ahead: Vec<u8>,
    plain: Vec<u8>,
    taken: usize,
    ended: bool,
}

impl<R: Read> Opener<R> {
    /// # Errors
    /// It is no sealed file, or cannot be read.
    pub fn new(mut inner: R, keys: &Keys) -> io::Result<Self> {
        let mut head = [0_u8; HEAD_BYTES];
        inner.read_exact(&mut head)?;
        let salt = head.strip_prefix(MARK).ok_or_else(|| broken("this is no file of ours"))?;
        let key = keys.file_key(salt).map_err(io::Error::other)?;
        Ok(Self { inner, key, segment: 0, ahead: Vec::new(), plain: Vec::new(), taken: 0, ended: false })
    }

    fn next_segment(&mut self) -> io::Result<()> {
        let sealed_bytes = SEGMENT_BYTES + TAG_BYTES;
        let wanted = u64::try_from(sealed_bytes + 1 - self.ahead.len()).unwrap_or(0);
        self.inner.by_ref().take(wanted).read_to_end(&mut self.ahead)?;
        let rest = self.ahead.split_off(self.ahead.len().min(sealed_bytes));
        self.ended = rest.is_empty();
        self.plain = std::mem::replace(&mut self.ahead, rest);
        let nonce = nonce(self.segment, self.ended);
        let opened = self.key.open_in_place(nonce, Aad::empty(), &mut self.plain).map(|plain| plain.len());
        let length = opened.map_err(|_| broken("a sealed file was changed, cut short or sealed under another secret"))?;
        self.plain.truncate(length);
        self.segment += 1;
        self.taken = 0;
        Ok(())
    }
}

impl<R: Read> Read for Opener<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.taken == self.plain.len() && !self.ended {
            self.next_segment()?;
        }
        let rest = self.plain.get(self.taken..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        let (Some(from), Some(to)) = (rest.get(..count), buffer.get_mut(..count)) else { return Ok(0) };
        to.copy_from_slice(from);
        self.taken += count;
        Ok(count)
    }
}

fn broken(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why.to_owned())
}

fn nonce(segment: u64, last: bool) -> Nonce {
    let mut bytes = [0_u8; 12];
    let (counter, flag) = bytes.split_at_mut(8);
    counter.copy_from_slice(&segment.to_be_bytes());
    flag.copy_from_slice(&u32::from(last).to_be_bytes());
    Nonce::assume_unique_for_key(bytes)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn keys(secret: &str) -> Keys {
        Keys::load(Some(&secret.repeat(32).into()), Path::new("unused")).unwrap()
    }

    fn open(sealed: &[u8], keys: &Keys) -> io::Result<Vec<u8>> {
        let mut plain = Vec::new();
        Opener::new(sealed, keys)?.read_to_end(&mut plain)?;
        Ok(plain)
    }

    #[test]
    fn what_was_sealed_opens_whatever_its_length() {
        let keys = keys("ab");
        for length in [0, 1, SEGMENT_BYTES - 1, SEGMENT_BYTES, SEGMENT_BYTES + 1, 3 * SEGMENT_BYTES, 200_001] {
            let content: Vec<u8> = (0..length).map(|position| u8::try_from(position % 251).unwrap()).collect();
            let mut sealer = Sealer::new(&keys).unwrap();
            let mut sealed: Vec<u8> = content.chunks(7_777).flat_map(|piece| sealer.write(piece).unwrap()).collect();
            sealed.extend(sealer.finish().unwrap());
            assert_eq!(open(&sealed, &keys).unwrap(), content, "{length}");
            assert!(length < 100 || !sealed.windows(64).any(|window| content.starts_with(window)));
        }
    }

    #[test]
    fn what_was_touched_does_not_open() {
        let keys_of_ours = keys("ab");
        let content = vec![7_u8; 3 * SEGMENT_BYTES];
        let sealed = seal(&keys_of_ours, &content).unwrap();
        assert_ne!(sealed, seal(&keys_of_ours, &content).unwrap(), "never the same twice");
        assert!(open(&sealed, &keys("cd")).is_err());
        for position in [0, 10, HEAD_BYTES, HEAD_BYTES + SEGMENT_BYTES + 5, sealed.len() - 1] {
            let mut changed = sealed.clone();
            changed[position] ^= 1;
            assert!(open(&changed, &keys_of_ours).is_err(), "{position}");
        }
        let cut = &sealed[..HEAD_BYTES + 2 * (SEGMENT_BYTES + TAG_BYTES)];
        assert!(open(cut, &keys_of_ours).is_err(), "a whole segment is missing at the end");
        assert!(open(&sealed[..4], &keys_of_ours).is_err());
    }
}
