//! What was written: the `.eml` files of the outbox, by their headers.

use std::{collections::BTreeSet, fs, path::PathBuf};

use base64::{Engine, prelude::BASE64_STANDARD};

use super::client::{Stop, Told};

/// A mail in the outbox.
#[derive(Debug, Clone)]
pub struct Mail {
    pub file: String,
    pub to: String,
    pub subject: String,
    source: String,
}

impl Mail {
    /// The first link in it that begins with `start`, as a reader would follow it.
    pub fn link(&self, start: &str) -> Option<String> {
        let text = self.source.replace("=\r\n", "").replace("=\n", "").replace("=3D", "=");
        let rest = text.split_once(start)?.1;
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "-_".contains(c))).unwrap_or(rest.len());
        Some(format!("{start}{}", rest.get(..end)?))
    }
}

/// Remembers which mails were told already.
#[derive(Debug)]
pub struct Outbox {
    folder: PathBuf,
    told: BTreeSet<String>,
}

impl Outbox {
    pub const fn new(folder: PathBuf) -> Self {
        Self { folder, told: BTreeSet::new() }
    }

    /// Mails written since the last look, by file name.
    pub fn fresh(&mut self) -> Told<Vec<Mail>> {
        let Ok(entries) = fs::read_dir(&self.folder) else { return Ok(Vec::new()) };
        let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
        let fresh: BTreeSet<String> = names.filter(|name| name.ends_with(".eml") && !self.told.contains(name)).collect();
        let mails = fresh.iter().map(|name| self.read(name)).collect();
        self.told.extend(fresh);
        mails
    }

    fn read(&self, name: &str) -> Told<Mail> {
        let path = self.folder.join(name);
        let source = fs::read_to_string(&path)
            .map_err(|error| Stop::because(format!("the mail {} cannot be read: {error}", path.display())))?;
        let header = |wanted: &str| {
            unfolded(&source).into_iter().find_map(|line| Some(decoded(line.strip_prefix(wanted)?.trim()))).unwrap_or_default()
        };
        Ok(Mail { file: name.to_owned(), to: header("To:"), subject: header("Subject:"), source })
    }
}

/// Header lines, continuations joined.
fn unfolded(mail: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in mail.lines().take_while(|line| !line.trim().is_empty()) {
        match lines.last_mut() {
            Some(before) if line.starts_with([' ', '\t']) => {
                before.push(' ');
                before.push_str(line.trim());
            }
            Some(_) | None => lines.push(line.to_owned()),
        }
    }
    lines
}

/// RFC 2047 encoded words become text; the space between two of them is none.
fn decoded(header: &str) -> String {
    let mut text = String::new();
    let mut after_encoded = false;
    for word in header.split(' ').filter(|word| !word.is_empty()) {
        let encoded = encoded_word(word);
        let glued = text.is_empty() || (after_encoded && encoded.is_some());
        if !glued {
            text.push(' ');
        }
        after_encoded = encoded.is_some();
        text.push_str(encoded.as_deref().unwrap_or(word));
    }
    text
}

fn encoded_word(word: &str) -> Option<String> {
    let inner = word.strip_prefix("=?")?.strip_suffix("?=")?;
    let mut parts = inner.splitn(3, '?');
    let (charset, encoding, content) = (parts.next()?, parts.next()?, parts.next()?);
    let bytes = match (charset.to_ascii_lowercase().as_str(), encoding) {
        ("utf-8", "b" | "B") => BASE64_STANDARD.decode(content).ok()?,
        ("utf-8", "q" | "Q") => quoted_printable(content),
        _ => return None,
    };
    String::from_utf8(bytes).ok()
}

fn quoted_printable(content: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = content.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'_' => bytes.push(b' '),
            b'=' => {
                let digits: Vec<u8> = rest.by_ref().take(2).collect();
                let value = std::str::from_utf8(&digits).ok().and_then(|hex| u8::from_str_radix(hex, 16).ok());
                bytes.extend(value);
            }
            other => bytes.push(other),
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_found_across_soft_line_breaks() {
        let source = "Subject: x\r\n\r\nSee http://127.0.0.1:8080/d/AbC=\r\n-9_z?lang=3Dfr now".to_owned();
        let mail = Mail { file: String::new(), to: String::new(), subject: String::new(), source };
        assert_eq!(mail.link("http://127.0.0.1:8080/d/").as_deref(), Some("http://127.0.0.1:8080/d/AbC-9_z"));
        assert_eq!(mail.link("https://"), None);
    }

    #[test]
    fn encoded_words_become_text() {
        assert_eq!(
            decoded("Recordatorio: =?utf-8?b?ZmFjdHVyYSBwZW5kaWVudGUgw6E=?= =?utf-8?Q?=C3=A9_x?= end"),
            "Recordatorio: factura pendiente áé x end"
        );
        assert_eq!(unfolded("A: b\r\n\tc\r\nD: e\r\n\r\nbody"), ["A: b c", "D: e"]);
    }
}
