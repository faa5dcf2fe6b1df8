//! Mail that comes back, read: what bounced, who answered, and what no person wrote. Pure.
//!
//! What may never happen here: an answer to a machine's answer. Whatever says of itself that it is automatic is let go, so no
//! loop begins; a delivery report is the one automatic mail that is read.

use mail_parser::{Address, HeaderName, Message, MessageParser, MimeHeaders};

/// Longest text that is kept of a mail.
const TEXT_MAX_CHARS: usize = 8_000;
const LINE_MAX_CHARS: usize = 300;

/// What a mail that reached us is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inbound {
    /// A message of ours did not arrive, for good (RFC 3464, action `failed`).
    Bounce(Bounce),
    Reply(Reply),
    /// A machine's: a holiday notice, a receipt, a list, a report of a delay.
    Automatic(&'static str),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounce {
    /// Of the message that came back, with its brackets.
    pub message_id: Option<String>,
    /// `5.1.1`
    pub status: String,
    /// What the other server said.
    pub diagnostic: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// Its own, with brackets; made up of its content where it has none.
    pub message_id: Option<String>,
    pub from: String,
    /// Whom it was sent to.
    pub to: Vec<String>,
    /// Messages it answers, nearest first, with their brackets.
    pub answers: Vec<String>,
    pub subject: String,
    pub text: String,
}

/// Reads a mail as it came over the wire.
///
/// # Errors
/// It is no mail: no headers, or nobody who sent it.
pub fn read(raw: &[u8]) -> Result<Inbound, &'static str> {
    let message = MessageParser::default().parse(raw).ok_or("this is no mail (RFC 5322)")?;
    if is_report(&message) {
        return Ok(bounce(&message).map_or(Inbound::Automatic("a report that nothing failed"), Inbound::Bounce));
    }
    if let Some(why) = automatic(&message) {
        return Ok(Inbound::Automatic(why));
    }
    let from = addresses(message.from()).into_iter().next().ok_or("a mail says who sent it (From)")?;
    let mut answers: Vec<String> = ids(message.header(HeaderName::InReplyTo)).into_iter().collect();
    answers.extend(ids(message.header(HeaderName::References)).into_iter().rev());
    Ok(Inbound::Reply(Reply {
        message_id: message.message_id().map(bracketed),
        from,
        to: [addresses(message.to()), addresses(message.cc())].concat(),
        answers,
        subject: shortened(message.subject().unwrap_or_default(), LINE_MAX_CHARS),
        text: shortened(message.body_text(0).unwrap_or_default().trim(), TEXT_MAX_CHARS),
    }))
}

/// RFC 6522: `multipart/report; report-type=delivery-status`.
fn is_report(message: &Message<'_>) -> bool {
    message.content_type().is_some_and(|kind| {
        kind.ctype() == "multipart"
            && kind.subtype() == Some("report")
            && kind.attribute("report-type") == Some("delivery-status")
    })
}

/// The failed recipient of a report; none where it only tells of a delay or a success.
fn bounce(message: &Message<'_>) -> Option<Bounce> {
    let mut fields = String::new();
    let mut returned = None;
    for part in &message.parts {
        let kind = part.content_type().map(|kind| (kind.ctype().to_owned(), kind.subtype().unwrap_or_default().to_owned()));
        match kind.as_ref().map(|(kind, subtype)| (kind.as_str(), subtype.as_str())) {
            Some(("message", "delivery-status")) => fields.push_str(&String::from_utf8_lossy(part.contents())),
            Some(("message", "rfc822")) => returned = part.message().and_then(|sent| sent.message_id().map(bracketed)),
            Some(("text", "rfc822-headers")) => returned = message_id_among(&String::from_utf8_lossy(part.contents())),
            Some(_) | None => {}
        }
    }
    let field = |name: &str| field_of(&fields, name);
    if !field("action").is_some_and(|action| action.eq_ignore_ascii_case("failed")) {
        return None;
    }
    let status = field("status").unwrap_or_else(|| "5.0.0".to_owned());
    // RFC 3463: the first digit 5 says for good.
    status.starts_with('5').then(|| Bounce {
        message_id: returned,
        status: shortened(&status, 20),
        diagnostic: shortened(&field("diagnostic-code").unwrap_or_default(), LINE_MAX_CHARS),
    })
}

/// Why it counts as written by a machine (RFC 3834 and custom).
fn automatic(message: &Message<'_>) -> Option<&'static str> {
    let said = |name: &'static str| message.header_raw(name).map(|value| value.trim().to_ascii_lowercase());
    if said("Auto-Submitted").is_some_and(|value| !value.starts_with("no")) {
        return Some("Auto-Submitted");
    }
    if said("Precedence").is_some_and(|value| ["bulk", "junk", "list", "auto_reply"].contains(&value.as_str())) {
        return Some("Precedence");
    }
    if ["X-Autoreply", "X-Autorespond", "List-Id"].iter().any(|name| message.header_raw(*name).is_some()) {
        return Some("an automatic answer or a list");
    }
    if said("Return-Path").is_some_and(|value| value == "<>") {
        return Some("an empty Return-Path");
    }
    let from = addresses(message.from()).join(" ").to_ascii_lowercase();
    ["mailer-daemon@", "postmaster@", "no-reply@", "noreply@"].iter().any(|name| from.starts_with(name)).then_some("its sender")
}

fn addresses(list: Option<&Address<'_>>) -> Vec<String> {
    let all = list.into_iter().flat_map(|list| list.iter());
    all.filter_map(|one| one.address()).map(|address| shortened(&address.to_ascii_lowercase(), LINE_MAX_CHARS)).collect()
}

/// The message ids in a header, with their brackets.
fn ids(header: Option<&mail_parser::HeaderValue<'_>>) -> Vec<String> {
    header.and_then(|value| value.as_text_list()).unwrap_or_default().iter().map(|id| bracketed(id)).collect()
}

fn bracketed(id: &str) -> String {
    format!("<{}>", shortened(id.trim_matches(['<', '>', ' ']), LINE_MAX_CHARS))
}

fn message_id_among(headers: &str) -> Option<String> {
    field_of(headers, "message-id").map(|id| bracketed(&id))
}

/// The value of a field in a block of `Name: value` lines. `rfc822; …` and the like before a semicolon is dropped.
fn field_of(block: &str, name: &str) -> Option<String> {
    block.lines().find_map(|line| {
        let (field, value) = line.split_once(':')?;
        let value = value.split_once(';').map_or(value, |(_, value)| value);
        field.trim().eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    })
}

fn shortened(text: &str, most: usize) -> String {
    text.chars().filter(|c| !c.is_control() || *c == '\n').take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DSN: &str = "From: MAILER-DAEMON@mx.example\r\nTo: no-reply@entente.example\r\nSubject: Undelivered\r\nAuto-Submitted: auto-replied\r\n\
        MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\r\n\r\n\
        --b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n\
        --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; pagos@ruiz.example\r\n\
        Action: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 no such user\r\n\r\n\
        --b\r\nContent-Type: message/rfc822\r\n\r\nFrom: no-reply@entente.example\r\nMessage-ID: <dlv_1@entente.example>\r\nSubject: Factura\r\n\r\nHola\r\n\
        --b--\r\n";

    const ANSWER: &str = "From: Ana Pagos <Ana@Ruiz.example>\r\nTo: rf18539007547034@reply.entente.example\r\nSubject: Re: Factura F-1\r\n\
        Message-ID: <m1@ruiz.example>\r\nIn-Reply-To: <dlv_1@entente.example>\r\nReferences: <older@x> <dlv_1@entente.example>\r\n\r\nPagamos el viernes.\r\n";

    #[test]
    fn a_delivery_report_names_the_message_that_did_not_arrive() {
        let Ok(Inbound::Bounce(bounce)) = read(DSN.as_bytes()) else { panic!("{:?}", read(DSN.as_bytes())) };
        assert_eq!(bounce.message_id.as_deref(), Some("<dlv_1@entente.example>"));
        assert_eq!((bounce.status.as_str(), bounce.diagnostic.as_str()), ("5.1.1", "550 5.1.1 no such user"));
        let headers_only = DSN.replace("message/rfc822", "text/rfc822-headers");
        assert!(
            matches!(read(headers_only.as_bytes()), Ok(Inbound::Bounce(Bounce { message_id: Some(id), .. })) if id == "<dlv_1@entente.example>")
        );
    }

    #[test]
    fn a_delay_is_no_bounce() {
        for (from, to) in [("Action: failed", "Action: delayed"), ("Status: 5.1.1", "Status: 4.4.1")] {
            assert!(matches!(read(DSN.replace(from, to).as_bytes()), Ok(Inbound::Automatic(_))), "{to}");
        }
    }

    #[test]
    fn an_answer_says_who_wrote_what_to_which_message() {
        let Ok(Inbound::Reply(reply)) = read(ANSWER.as_bytes()) else { panic!("{:?}", read(ANSWER.as_bytes())) };
        assert_eq!((reply.from.as_str(), reply.to[0].as_str()), ("ana@ruiz.example", "rf18539007547034@reply.entente.example"));
        assert_eq!(reply.answers, ["<dlv_1@entente.example>", "<dlv_1@entente.example>", "<older@x>"]);
        assert_eq!((reply.subject.as_str(), reply.text.as_str()), ("Re: Factura F-1", "Pagamos el viernes."));
    }

    #[test]
    fn what_a_machine_wrote_is_let_go() {
        for header in [
            "Auto-Submitted: auto-replied",
            "Precedence: bulk",
            "X-Autoreply: yes",
            "List-Id: <news.ruiz.example>",
            "Return-Path: <>",
        ] {
            let mail = format!("{header}\r\n{ANSWER}");
            assert!(matches!(read(mail.as_bytes()), Ok(Inbound::Automatic(_))), "{header}");
        }
        let from_a_machine = ANSWER.replace("Ana Pagos <Ana@Ruiz.example>", "no-reply@ruiz.example");
        assert!(matches!(read(from_a_machine.as_bytes()), Ok(Inbound::Automatic(_))));
        assert!(matches!(read(format!("Auto-Submitted: no\r\n{ANSWER}").as_bytes()), Ok(Inbound::Reply(_))));
    }

    #[test]
    fn what_is_no_mail_is_refused_and_a_long_one_shortened() {
        assert!(read(b"").is_err());
        assert!(read(b"\r\n\r\nhello").is_err());
        let long = format!("{ANSWER}{}", "x".repeat(100_000));
        assert!(matches!(read(long.as_bytes()), Ok(Inbound::Reply(reply)) if reply.text.len() <= TEXT_MAX_CHARS));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_bring_it_down(raw in proptest::collection::vec(proptest::arbitrary::any::<u8>(), 0..600)) {
            for mail in [raw.clone(), [ANSWER.as_bytes(), &raw].concat(), [DSN.as_bytes(), &raw].concat()] {
                let Ok(Inbound::Reply(reply)) = read(&mail) else { continue };
                proptest::prop_assert!(reply.text.chars().count() <= TEXT_MAX_CHARS && !reply.from.is_empty());
            }
        }
    }
}
