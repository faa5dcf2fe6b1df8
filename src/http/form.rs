//! A form with at most one file, whole in memory: for pages that take a proof. Larger things are streamed (`uploads`).

use actix_multipart::{Field, Multipart};
use actix_web::{
    HttpRequest,
    http::header,
    web::{self, Bytes, BytesMut, Payload},
};
use futures_util::StreamExt;

use super::{
    envelope::read_body,
    problem::{Code, Problem},
};

const FIELDS_MAX: usize = 50;
/// 4,000 characters of four bytes.
const FIELD_MAX_BYTES: usize = 16_000;
/// Each byte written as `%XX`.
const PLAIN_FORM_MAX_BYTES: usize = FIELD_MAX_BYTES * 3 + 4_000;
const NAME_MAX_CHARS: usize = 200;
/// Of what is too large so much is read on, so that the browser hears the answer; then it is hung up on.
const READ_ON: usize = 4;

/// What was typed, and the file that was chosen.
#[derive(Debug, Default)]
pub struct FormWithFile {
    fields: Vec<(String, String)>,
    pub file: Option<FormFile>,
    /// A file was sent that is larger than may be: it is not kept.
    pub is_too_large: bool,
}

#[derive(Debug)]
pub struct FormFile {
    /// For people: nothing is opened by it.
    pub name: String,
    pub content: Bytes,
}

impl FormWithFile {
    /// A field; empty where it is missing.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.fields.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value)
    }

    /// Reads a form as browsers send it, with or without a file.
    ///
    /// # Errors
    /// It breaks off, is no form, or is larger than anything that could be meant.
    pub async fn read(request: &HttpRequest, payload: Payload, file_max_bytes: usize) -> Result<Self, Problem> {
        let said = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if said.trim_start().to_ascii_lowercase().starts_with("multipart/form-data") {
            return Self::read_parts(Multipart::new(request.headers(), payload), file_max_bytes).await;
        }
        let body = read_body(payload.into_inner(), PLAIN_FORM_MAX_BYTES).await?;
        let broken = |error: &dyn std::fmt::Display| Problem::new(Code::MalformedRequest).detail(error.to_string());
        let text = std::str::from_utf8(&body).map_err(|error| broken(&error))?;
        let fields = web::Query::<Vec<(String, String)>>::from_query(text).map_err(|error| broken(&error))?.into_inner();
        Ok(Self { fields, ..Self::default() })
    }

    async fn read_parts(mut form: Multipart, file_max_bytes: usize) -> Result<Self, Problem> {
        let mut read = Self::default();
        while let Some(field) = form.next().await {
            let mut field = field.map_err(|error| broken_off(&error))?;
            let name = field.name().map(clean).unwrap_or_default();
            let file_name = field.content_disposition().and_then(|disposition| disposition.get_filename()).map(clean);
            match file_name {
                // What a browser sends of a file that was not chosen.
                Some(file_name) if file_name.is_empty() => drop(taken(&mut field, 0).await?),
                Some(file_name) => match taken(&mut field, file_max_bytes).await? {
                    Some(content) if !content.is_empty() => read.file = Some(FormFile { name: file_name, content }),
                    Some(_) => {}
                    None => read.is_too_large = true,
                },
                None => {
                    let value = taken(&mut field, FIELD_MAX_BYTES).await?.unwrap_or_default();
                    if read.fields.len() < FIELDS_MAX {
                        read.fields.push((name, String::from_utf8_lossy(&value).into_owned()));
                    }
                }
            }
        }
        Ok(read)
    }
}

/// The content of a part; none where it is larger than `most`.
async fn taken(field: &mut Field, most: usize) -> Result<Option<Bytes>, Problem> {
    let (mut content, mut size) = (BytesMut::new(), 0_usize);
    while let Some(piece) = field.next().await {
        let piece = piece.map_err(|error| broken_off(&error))?;
        size = size.saturating_add(piece.len());
        if size <= most {
            content.extend_from_slice(&piece);
        } else if size > most.saturating_mul(READ_ON).saturating_add(FIELD_MAX_BYTES) {
            return Err(Problem::new(Code::PayloadTooLarge).detail(format!("a file may have at most {most} bytes")));
        }
    }
    Ok((size <= most).then(|| content.freeze()))
}

fn broken_off(error: &dyn std::fmt::Display) -> Problem {
    Problem::new(Code::MalformedRequest).detail(format!("the form broke off: {error}"))
}

fn clean(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(NAME_MAX_CHARS).collect()
}
