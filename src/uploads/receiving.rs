//! Files as they arrive: hashed and spooled piece by piece, sealed, never whole in memory.

use actix_multipart::{Field, Multipart};
use actix_web::{
    HttpRequest,
    http::header,
    web::{Bytes, BytesMut, Payload},
};
use futures_util::{Stream, StreamExt};
use sha2::{Digest, Sha256};

use super::{SpooledFile, Upload, UploadsError};
use crate::{app::App, types::UploadId, vault::Vault};

/// A single file up to this size is answered at once, row by row.
const AT_ONCE_BYTES: usize = 1024 * 1024;
const MOST_FILES: usize = 10_000;
const LONGEST_NAME_CHARS: usize = 200;
const MOST_FIELDS: usize = 50;
const FIELD_BYTES: usize = 4096;

/// What arrived.
pub enum Received {
    /// One small file.
    Whole(Bytes),
    Spooled(Vec<SpooledFile>),
}

/// Where files go as they arrive.
pub struct Spool<'a> {
    pub vault: &'a Vault,
    pub upload: UploadId,
    /// All files together.
    pub max_bytes: u64,
    received_bytes: u64,
    files: Vec<SpooledFile>,
    fields: Vec<(String, String)>,
}

/// A form with files, as a page sends it.
pub struct ReceivedForm {
    pub id: UploadId,
    pub files: Vec<SpooledFile>,
    /// What was typed or chosen beside them.
    pub fields: Vec<(String, String)>,
}

/// Takes a page's form in; its files wait under the id of an upload that is still to be registered.
///
/// # Errors
/// Too large, too many, broken off, or the store fails.
pub async fn receive_form(app: &App, request: &HttpRequest, payload: Payload) -> Result<ReceivedForm, UploadsError> {
    let id = UploadId::fresh();
    let mut spool = Spool::new(&app.vault, id, app.settings.files.upload_max_bytes);
    match spool.form(Multipart::new(request.headers(), payload)).await {
        Ok(()) => Ok(ReceivedForm { id, files: spool.files, fields: spool.fields }),
        Err(error) => {
            discard(&app.vault, id, spool.files.len()).await?;
            Err(error)
        }
    }
}

impl<'a> Spool<'a> {
    #[must_use]
    pub const fn new(vault: &'a Vault, upload: UploadId, max_bytes: u64) -> Self {
        Self { vault, upload, max_bytes, received_bytes: 0, files: Vec::new(), fields: Vec::new() }
    }

    /// Takes a body in: files of a form, or one file as it is. What had arrived of a body that breaks off is removed.
    ///
    /// # Errors
    /// Too large, too many, broken off, or the store fails.
    pub async fn receive(
        mut self,
        request: &HttpRequest,
        payload: Payload,
        file_name: Option<&str>,
        at_once: bool,
    ) -> Result<Received, UploadsError> {
        let received = if is_form(request) {
            self.form(Multipart::new(request.headers(), payload)).await.map(|()| None)
        } else {
            self.raw(payload, file_name, at_once).await
        };
        match received {
            Ok(Some(whole)) => Ok(Received::Whole(whole)),
            Ok(None) => Ok(Received::Spooled(self.files)),
            Err(error) => {
                discard(self.vault, self.upload, self.files.len()).await?;
                Err(error)
            }
        }
    }

    async fn form(&mut self, mut form: Multipart) -> Result<(), UploadsError> {
        while let Some(field) = form.next().await {
            let field = field.map_err(|error| UploadsError::BrokenOff(error.to_string()))?;
            match field.content_disposition().and_then(|disposition| disposition.get_filename()).map(clean) {
                // What a browser sends of a file that was not chosen.
                Some(name) if name.is_empty() => {}
                Some(name) => self.file(field, Some(name)).await?,
                None => self.field(field).await?,
            }
        }
        Ok(())
    }

    /// A field without a file. The API takes its options from the query; a page sends them here.
    async fn field(&mut self, mut field: Field) -> Result<(), UploadsError> {
        let name = field.name().map(clean).unwrap_or_default();
        let mut value = BytesMut::new();
        while let Some(piece) = field.next().await {
            let piece = piece.map_err(|error| UploadsError::BrokenOff(error.to_string()))?;
            self.weigh(&piece)?;
            if value.len() + piece.len() <= FIELD_BYTES {
                value.extend_from_slice(&piece);
            }
        }
        if self.fields.len() < MOST_FIELDS {
            self.fields.push((name, String::from_utf8_lossy(&value).into_owned()));
        }
        Ok(())
    }

    async fn raw(&mut self, payload: Payload, name: Option<&str>, at_once: bool) -> Result<Option<Bytes>, UploadsError> {
        let mut payload = payload;
        let mut begun = BytesMut::new();
        while begun.len() <= AT_ONCE_BYTES {
            match payload.next().await {
                Some(piece) => begun.extend_from_slice(&piece.map_err(|error| UploadsError::BrokenOff(error.to_string()))?),
                None if at_once => return Ok(Some(begun.freeze())),
                None => break,
            }
        }
        let whole = futures_util::stream::once(std::future::ready(Ok(begun.freeze()))).chain(payload);
        self.file(whole, name.map(clean)).await.map(|()| None)
    }

    async fn file<E: std::fmt::Display>(
        &mut self,
        pieces: impl Stream<Item = Result<Bytes, E>>,
        file_name: Option<String>,
    ) -> Result<(), UploadsError> {
        if self.files.len() >= MOST_FILES {
            return Err(UploadsError::TooManyFiles(MOST_FILES));
        }
        let position = i32::try_from(self.files.len() + 1).unwrap_or(i32::MAX);
        let mut writing = self.vault.begin(&Upload::spool_key(self.upload, position)).await?;
        let (mut hash, mut size_bytes) = (Sha256::new(), 0_u64);
        let mut pieces = std::pin::pin!(pieces);
        while let Some(piece) = pieces.next().await {
            let taken = match piece {
                Ok(piece) => self.weigh(&piece).map(|()| piece),
                Err(error) => Err(UploadsError::BrokenOff(error.to_string())),
            };
            match taken {
                Ok(piece) => {
                    hash.update(&piece);
                    size_bytes = size_bytes.saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
                    writing.write(&piece).await?;
                }
                Err(error) => {
                    writing.abandon().await?;
                    return Err(error);
                }
            }
        }
        writing.finish().await?;
        self.files.push(SpooledFile { file_name, size_bytes, sha256: hash.finalize().to_vec() });
        Ok(())
    }

    fn weigh(&mut self, piece: &Bytes) -> Result<(), UploadsError> {
        self.received_bytes = self.received_bytes.saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
        if self.received_bytes > self.max_bytes { Err(UploadsError::TooLarge(self.max_bytes)) } else { Ok(()) }
    }
}

/// Removes what was spooled for an upload that will not be.
///
/// # Errors
/// The store fails.
pub async fn discard(vault: &Vault, upload: UploadId, files: usize) -> Result<(), UploadsError> {
    for position in 1..=i32::try_from(files).unwrap_or(i32::MAX) {
        vault.delete(&Upload::spool_key(upload, position)).await?;
    }
    Ok(())
}

fn is_form(request: &HttpRequest) -> bool {
    let said = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    said.trim_start().to_ascii_lowercase().starts_with("multipart/form-data")
}

/// A name is for people: nothing is opened by it.
fn clean(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(LONGEST_NAME_CHARS).collect()
}
