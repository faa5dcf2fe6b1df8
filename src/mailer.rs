//! The mailer: SMTP, or `.eml` files in `var/outbox` where no server is configured. Knows no slice.
//!
//! What may never happen here: a mail that is neither sent, refused, nor said to be of unknown fate; a header forged by a
//! name or a subject; a file half-written. An outbox file is named after its Message-ID, so a repetition overwrites it.

use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
    time::Duration,
};

use chrono::{DateTime, Utc};
use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{
        Mailbox, MultiPart,
        header::{ContentType, HeaderName, HeaderValue},
    },
    transport::smtp,
};
use secrecy::{ExposeSecret, SecretString};
use tokio::{fs, io::AsyncWriteExt};

use crate::{app::App, config::Settings, jobs::JobError, paper::mail::Mail};

/// For each command: a server that stays silent for longer is away. A whole mail takes less than a job's lease.
const PATIENCE: Duration = Duration::from_secs(30);
/// RFC 8058 section 3.1.
const ONE_CLICK: &str = "List-Unsubscribe=One-Click";
/// What mails end with in the outbox.
const MAIL: &str = "eml";

/// A mail on its way.
#[derive(Debug, Clone, Copy)]
pub struct Outgoing<'a> {
    pub to: &'a str,
    /// Shown as the sender; the address is the platform's, so that its server may send it.
    pub sender: &'a str,
    pub reply_to: Option<&'a str>,
    /// From [`message_id`]: the same for every attempt.
    pub message_id: &'a str,
    pub at: DateTime<Utc>,
    pub mail: &'a Mail,
    pub attachment: Option<Attachment<'a>>,
    /// Where whoever gets it says in one click that no more is wanted (RFC 8058); none for what is no demand: receipts, codes.
    pub unsubscribe: Option<&'a str>,
}

/// A file that goes with a mail.
#[derive(Debug, Clone, Copy)]
pub struct Attachment<'a> {
    pub name: &'a str,
    pub media_type: &'static str,
    pub content: &'a [u8],
}

/// Why a mail was not sent, or not known to be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// It was not accepted, and may be later.
    #[error("not sent yet: {0}")]
    Passing(String),
    /// The server is away: it takes nothing, whatever it is.
    #[error("the server is away: {0}")]
    Away(String),
    /// It was refused for good.
    #[error("refused: {0}")]
    Refused(String),
    /// The connection ended after the mail was handed over and before the answer: it may have been accepted.
    #[error("nobody knows whether it was accepted: {0}")]
    Unknown(String),
}

/// What was refused for good is not tried again. What may have been accepted is: under the same Message-ID it is the same mail.
impl From<MailError> for JobError {
    fn from(error: MailError) -> Self {
        let said = error.to_string();
        match error {
            MailError::Refused(_) => Self::Never(said),
            MailError::Passing(_) | MailError::Away(_) | MailError::Unknown(_) => Self::Again(said),
        }
    }
}

/// The Message-ID of whatever has this id, in the domain that mails are sent from.
#[must_use]
pub fn message_id(settings: &Settings, id: impl std::fmt::Display) -> String {
    let from = settings.mail.from.parse::<Mailbox>();
    let domain = from.map_or_else(|_| "entente.invalid".to_owned(), |from| from.email.domain().to_owned());
    format!("<{id}@{domain}>")
}

/// Sends a mail, or leaves it in the outbox. Returns when it was accepted, or the file is safe on disk.
///
/// # Errors
/// See [`MailError`].
pub async fn send(app: &App, outgoing: &Outgoing<'_>) -> Result<(), MailError> {
    let message = compose(&app.settings, outgoing)?;
    match &app.settings.mail.smtp_url {
        Some(url) => hand_over(url, message).await,
        None => leave_in_outbox(&app.settings, outgoing.message_id, MAIL, &message.formatted()).await,
    }
}

/// Whether a mail with this Message-ID has left; `None` where only the SMTP server could tell, and has no way to.
pub async fn has_left(app: &App, message_id: &str) -> Option<bool> {
    match app.settings.mail.smtp_url {
        Some(_) => None,
        None => is_in_outbox(&app.settings, message_id, MAIL).await,
    }
}

/// Leaves a message in the outbox, under its Message-ID and with an ending that tells what it is.
///
/// # Errors
/// The disk is full or not to be written to.
pub async fn leave_in_outbox(settings: &Settings, message_id: &str, ending: &str, content: &[u8]) -> Result<(), MailError> {
    leave(&outbox_file(settings, message_id, ending), content).await
}

/// Whether a message is in the outbox; `None` where it cannot be looked into.
pub async fn is_in_outbox(settings: &Settings, message_id: &str, ending: &str) -> Option<bool> {
    fs::try_exists(outbox_file(settings, message_id, ending)).await.ok()
}

fn compose(settings: &Settings, outgoing: &Outgoing<'_>) -> Result<Message, MailError> {
    let from: Mailbox =
        settings.mail.from.parse().map_err(|error| MailError::Passing(format!("the setting mail.from: {error}")))?;
    let refused = |error: lettre::address::AddressError| MailError::Refused(format!("{}: {error}", outgoing.to));
    let to: Address = outgoing.to.parse().map_err(refused)?;
    let sender = one_line(outgoing.sender);
    let mut builder = Message::builder()
        .from(Mailbox::new(Some(sender.clone()), from.email))
        .to(Mailbox::new(None, to))
        .subject(one_line(&outgoing.mail.subject))
        .message_id(Some(outgoing.message_id.to_owned()))
        .date(outgoing.at.into());
    if let Some(address) = outgoing.reply_to.and_then(|address| address.parse::<Address>().ok()) {
        builder = builder.reply_to(Mailbox::new(Some(sender), address));
    }
    let said = MultiPart::alternative_plain_html(outgoing.mail.text.clone(), outgoing.mail.html.clone());
    let body = match outgoing.attachment {
        None => said,
        Some(Attachment { name, media_type, content }) => {
            let media_type = ContentType::parse(media_type).map_err(|error| MailError::Refused(error.to_string()))?;
            let file = lettre::message::Attachment::new(one_line(name)).body(content.to_vec(), media_type);
            MultiPart::mixed().multipart(said).singlepart(file)
        }
    };
    let mut message = builder.multipart(body).map_err(|error| MailError::Refused(error.to_string()))?;
    // RFC 3834, and what Exchange looks at: no automatic answer is wanted to what no person sent.
    for (name, value) in [("Auto-Submitted", "auto-generated"), ("X-Auto-Response-Suppress", "All")] {
        message.headers_mut().insert_raw(HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned()));
    }
    if let Some(link) = outgoing.unsubscribe {
        let headers = [("List-Unsubscribe", format!("<{}>", one_line(link))), ("List-Unsubscribe-Post", ONE_CLICK.to_owned())];
        for (name, value) in headers {
            message.headers_mut().insert_raw(HeaderValue::new(HeaderName::new_from_ascii_str(name), value));
        }
    }
    Ok(message)
}

/// lettre gives up with a panic on a line break in a header.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Connects before it hands anything over: what fails until then was certainly not sent.
async fn hand_over(url: &SecretString, message: Message) -> Result<(), MailError> {
    let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.expose_secret())
        .map_err(|error| MailError::Passing(format!("the setting mail.smtp_url: {error}")))?
        .timeout(Some(PATIENCE))
        .build();
    let connected = transport.test_connection().await;
    let outcome = match connected {
        Ok(true) => transport.send(message).await.map(|_| ()).map_err(|error| fate_of(&error)),
        Ok(false) => Err(MailError::Away("it hung up".to_owned())),
        Err(error) => Err(MailError::Away(error.to_string())),
    };
    transport.shutdown().await;
    outcome
}

fn fate_of(error: &smtp::Error) -> MailError {
    let text = error.to_string();
    if error.is_permanent() || error.is_client() {
        MailError::Refused(text)
    } else if error.is_transient() {
        MailError::Passing(text)
    } else {
        MailError::Unknown(text)
    }
}

fn outbox_file(settings: &Settings, message_id: &str, ending: &str) -> PathBuf {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "._-@".contains(c) { c } else { '-' };
    let name: String = message_id.trim_matches(['<', '>']).chars().map(plain).collect();
    settings.var.join("outbox").join(format!("{name}.{ending}"))
}

/// Written aside, made durable, renamed: whoever reads the outbox sees whole mails only.
async fn leave(path: &Path, content: &[u8]) -> Result<(), MailError> {
    let aside = path.with_extension(format!("{}.part", std::process::id()));
    let written = async {
        let mut file = match fs::File::create(&aside).await {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                fs::create_dir_all(path.parent().unwrap_or(path)).await?;
                fs::File::create(&aside).await?
            }
            other => other?,
        };
        file.write_all(content).await?;
        file.sync_all().await?;
        fs::rename(&aside, path).await
    };
    written.await.map_err(|error: std::io::Error| MailError::Passing(format!("{}: {error}", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(folder: &str) -> Settings {
        let var = std::env::temp_dir().join(format!("entente-mailer-{folder}-{}", std::process::id()));
        Settings::for_tests(var).unwrap()
    }

    fn mail(subject: &str) -> Mail {
        Mail { subject: subject.to_owned(), text: "Hola, años".to_owned(), html: "<p>Hola, años</p>".to_owned() }
    }

    fn outgoing<'a>(mail: &'a Mail, to: &'a str, sender: &'a str) -> Outgoing<'a> {
        let at = DateTime::from_timestamp(1_793_610_000, 0).unwrap();
        Outgoing {
            to,
            sender,
            reply_to: Some("hola@acme.example"),
            message_id: "<dlv_1@entente.example>",
            at,
            mail,
            attachment: None,
            unsubscribe: Some("https://entente.example/d/x/unsubscribe/dlv_1"),
        }
    }

    fn composed(mail: &Mail, to: &str, sender: &str) -> String {
        let message = compose(&settings("unused"), &outgoing(mail, to, sender)).unwrap();
        String::from_utf8(message.formatted()).unwrap()
    }

    #[test]
    fn a_mail_says_who_it_is_from_where_to_answer_and_that_no_person_typed_it() {
        let text = composed(&mail("Factura F-1"), "pagos@ruiz.example", "Acme Suministros");
        for header in [
            "From: \"Acme Suministros\" <no-reply@entente.example>\r\n",
            "Reply-To: \"Acme Suministros\" <hola@acme.example>\r\n",
            "To: pagos@ruiz.example\r\n",
            "Message-ID: <dlv_1@entente.example>\r\n",
            "Date: Mon, 02 Nov 2026 09:00:00 +0000\r\n",
            "Auto-Submitted: auto-generated\r\n",
            "List-Unsubscribe: <https://entente.example/d/x/unsubscribe/dlv_1>\r\n",
            "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
            "multipart/alternative",
        ] {
            assert!(text.contains(header), "{header} is missing in\n{text}");
        }
    }

    #[test]
    fn a_name_or_subject_forges_no_header() {
        let text = composed(&mail("Hola\r\nBcc: all@world.example"), "pagos@ruiz.example", "Acme\r\nBcc: all@world.example");
        let headers = text.split("\r\n\r\n").next().unwrap();
        assert!(!headers.lines().any(|line| line.starts_with("Bcc")), "{headers}");
        let refusal = compose(&settings("unused"), &outgoing(&mail("x"), "a@b.example\r\nBcc: c@d.example", "Acme"));
        assert!(matches!(refusal, Err(MailError::Refused(_))));
    }

    #[test]
    fn a_file_travels_beside_both_forms_of_the_text() {
        let mail = mail("Recibo");
        let receipt = Attachment { name: "R-1\r\nX: y.pdf", media_type: "application/pdf", content: b"%PDF-" };
        let outgoing = Outgoing { attachment: Some(receipt), ..outgoing(&mail, "pagos@ruiz.example", "Acme") };
        let text = String::from_utf8(compose(&settings("unused"), &outgoing).unwrap().formatted()).unwrap();
        for said in ["multipart/mixed", "multipart/alternative", "Content-Type: application/pdf", "filename=\"R-1  X: y.pdf\""] {
            assert!(text.contains(said), "{said} is missing in\n{text}");
        }
    }

    #[test]
    fn an_outbox_file_stays_in_the_outbox() {
        let settings = settings("unused");
        let file = outbox_file(&settings, "<../../etc/passwd@x>", MAIL);
        assert_eq!(file.parent().unwrap(), settings.var.join("outbox"));
        assert_eq!(message_id(&settings, "dlv_1"), "<dlv_1@entente.example>");
    }

    #[tokio::test]
    async fn a_repetition_overwrites_and_leaves_nothing_aside() {
        let settings = settings("repetition");
        let file = outbox_file(&settings, "<dlv_1@entente.example>", MAIL);
        leave(&file, b"one").await.unwrap();
        leave(&file, b"two").await.unwrap();
        let folder = settings.var.join("outbox");
        let names: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["dlv_1@entente.example.eml"]);
        assert_eq!(std::fs::read(&file).unwrap(), b"two");
        std::fs::remove_dir_all(&settings.var).unwrap();
    }
}
