//! The file that a bank pays from: ISO 20022 pain.001.001.03 and .09, customer credit transfers.
//!
//! Pure. What may never happen here: a sum in the header that is not the sum of the transfers; a sign that a bank of the SEPA
//! area may refuse; a name that becomes markup.

use std::io;

use crate::settlement::xml::{Xml, document, leaf, leaf_with, nested};
use crate::types::{Iban, Money, MoneyError, text_enum};
use chrono::{DateTime, NaiveDate, Utc};

text_enum! {
    /// Which version of the message a bank takes.
    pub enum PainVersion {
        V03 => "03",
        V09 => "09",
    }
}

/// A batch as the bank is told of it.
#[derive(Debug, Clone)]
pub struct Initiation {
    /// Up to 35 signs, never used before.
    pub message_id: String,
    pub created_at: DateTime<Utc>,
    pub execution_on: NaiveDate,
    pub payer: String,
    pub payer_iban: Iban,
    pub transfers: Vec<Transfer>,
}

/// One payout.
#[derive(Debug, Clone)]
pub struct Transfer {
    /// Up to 35 signs; the bank gives it back with whatever becomes of the transfer.
    pub end_to_end_id: String,
    pub amount: Money,
    pub payee: String,
    pub payee_iban: Iban,
    pub remittance: String,
}

/// Why a batch is no file.
#[derive(Debug, thiserror::Error)]
pub enum PainRefusal {
    #[error("a file without a transfer pays nobody")]
    Empty,
    #[error(transparent)]
    Money(#[from] MoneyError),
    #[error("the file cannot be written: {0}")]
    Write(#[from] io::Error),
}

impl Initiation {
    /// # Errors
    /// No transfer, or transfers of several currencies.
    pub fn xml(&self, version: PainVersion) -> Result<Vec<u8>, PainRefusal> {
        let currency = self.transfers.first().ok_or(PainRefusal::Empty)?.amount.currency;
        let sum = Money::sum(currency, self.transfers.iter().map(|transfer| transfer.amount))?;
        let totals = Totals { count: self.transfers.len().to_string(), sum: sum.decimal(), is_euro: currency.code() == "EUR" };
        let mut xml = document();
        let namespace = format!("urn:iso:std:iso:20022:tech:xsd:pain.001.001.{version}");
        xml.create_element("Document").with_attribute(("xmlns", namespace.as_str())).write_inner_content(|xml| {
            nested(xml, &["CstmrCdtTrfInitn"], |xml| {
                self.header(xml, &totals)?;
                self.payment(xml, &totals, version)
            })
        })?;
        Ok(xml.into_inner())
    }

    fn header(&self, xml: &mut Xml, totals: &Totals) -> io::Result<()> {
        nested(xml, &["GrpHdr"], |xml| {
            leaf(xml, "MsgId", &self.message_id)?;
            leaf(xml, "CreDtTm", &self.created_at.format("%Y-%m-%dT%H:%M:%S").to_string())?;
            leaf(xml, "NbOfTxs", &totals.count)?;
            leaf(xml, "CtrlSum", &totals.sum)?;
            nested(xml, &["InitgPty"], |xml| leaf(xml, "Nm", &name(&self.payer)))
        })
    }

    fn payment(&self, xml: &mut Xml, totals: &Totals, version: PainVersion) -> io::Result<()> {
        nested(xml, &["PmtInf"], |xml| {
            leaf(xml, "PmtInfId", &self.message_id)?;
            leaf(xml, "PmtMtd", "TRF")?;
            leaf(xml, "NbOfTxs", &totals.count)?;
            leaf(xml, "CtrlSum", &totals.sum)?;
            if totals.is_euro {
                nested(xml, &["PmtTpInf", "SvcLvl"], |xml| leaf(xml, "Cd", "SEPA"))?;
            }
            let day = self.execution_on.to_string();
            match version {
                PainVersion::V03 => leaf(xml, "ReqdExctnDt", &day)?,
                PainVersion::V09 => nested(xml, &["ReqdExctnDt"], |xml| leaf(xml, "Dt", &day))?,
            }
            nested(xml, &["Dbtr"], |xml| leaf(xml, "Nm", &name(&self.payer)))?;
            nested(xml, &["DbtrAcct", "Id"], |xml| leaf(xml, "IBAN", self.payer_iban.as_str()))?;
            // Since IBAN-only the bank knows itself (EPC guidelines on C2B messages).
            nested(xml, &["DbtrAgt", "FinInstnId", "Othr"], |xml| leaf(xml, "Id", "NOTPROVIDED"))?;
            leaf(xml, "ChrgBr", if totals.is_euro { "SLEV" } else { "SHAR" })?;
            self.transfers.iter().try_for_each(|transfer| transfer.write(xml))
        })
    }
}

struct Totals {
    count: String,
    sum: String,
    is_euro: bool,
}

impl Transfer {
    fn write(&self, xml: &mut Xml) -> io::Result<()> {
        nested(xml, &["CdtTrfTxInf"], |xml| {
            nested(xml, &["PmtId"], |xml| leaf(xml, "EndToEndId", &self.end_to_end_id))?;
            nested(xml, &["Amt"], |xml| {
                leaf_with(xml, "InstdAmt", ("Ccy", self.amount.currency.code()), &self.amount.decimal())
            })?;
            nested(xml, &["Cdtr"], |xml| leaf(xml, "Nm", &name(&self.payee)))?;
            nested(xml, &["CdtrAcct", "Id"], |xml| leaf(xml, "IBAN", self.payee_iban.as_str()))?;
            nested(xml, &["RmtInf"], |xml| leaf(xml, "Ustrd", &cut(&latin(&self.remittance), 140)))
        })
    }
}

fn name(text: &str) -> String {
    cut(&latin(text), 70)
}

fn cut(text: &str, chars: usize) -> String {
    text.chars().take(chars).collect::<String>().trim().to_owned()
}

/// The signs that every bank of the SEPA area takes (EPC 217-08); accents go, what has no like becomes a dot.
fn latin(text: &str) -> String {
    let like = |sign: char| match sign {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '/' | '-' | '?' | ':' | '(' | ')' | '.' | ',' | '\'' | '+' | ' ' => sign.to_string(),
        '&' => "+".to_owned(),
        'à' | 'á' | 'â' | 'ã' | 'å' | 'ª' => "a".to_owned(),
        'À' | 'Á' | 'Â' | 'Ã' | 'Å' => "A".to_owned(),
        'ä' | 'æ' => "ae".to_owned(),
        'Ä' | 'Æ' => "AE".to_owned(),
        'ç' => "c".to_owned(),
        'Ç' => "C".to_owned(),
        'è' | 'é' | 'ê' | 'ë' => "e".to_owned(),
        'È' | 'É' | 'Ê' | 'Ë' => "E".to_owned(),
        'ì' | 'í' | 'î' | 'ï' => "i".to_owned(),
        'Ì' | 'Í' | 'Î' | 'Ï' => "I".to_owned(),
        'ñ' => "n".to_owned(),
        'Ñ' => "N".to_owned(),
        'ò' | 'ó' | 'ô' | 'õ' | 'ø' | 'º' => "o".to_owned(),
        'Ò' | 'Ó' | 'Ô' | 'Õ' | 'Ø' => "O".to_owned(),
        'ö' | 'œ' => "oe".to_owned(),
        'Ö' | 'Œ' => "OE".to_owned(),
        'ù' | 'ú' | 'û' => "u".to_owned(),
        'Ù' | 'Ú' | 'Û' => "U".to_owned(),
        'ü' => "ue".to_owned(),
        'Ü' => "UE".to_owned(),
        'ß' => "ss".to_owned(),
        '’' | '‘' => "'".to_owned(),
        '–' | '—' => "-".to_owned(),
        blank if blank.is_whitespace() => " ".to_owned(),
        _ => ".".to_owned(),
    };
    text.chars().map(like).collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use std::{path::Path, process::Command};

    use super::*;
    use crate::{receivables::test_support::shared_dir, types::Currency};

    fn initiation() -> Initiation {
        let transfer = |id: &str, minor: i64, payee: &str| Transfer {
            end_to_end_id: id.to_owned(),
            amount: Money::new(minor, Currency::EUR),
            payee: payee.to_owned(),
            payee_iban: "ES7921000813610123456789".parse().unwrap(),
            remittance: "RF18539007547034".to_owned(),
        };
        Initiation {
            message_id: "0192a3b4c5d67e8f90a1b2c3d4e5f607".to_owned(),
            created_at: "2026-11-06T09:00:00Z".parse().unwrap(),
            execution_on: "2026-11-09".parse().unwrap(),
            payer: "Cobros Claros & Söhne <SL>".to_owned(),
            payer_iban: "ES9121000418450200051332".parse().unwrap(),
            transfers: vec![transfer("a1", 85_480, "Papeles del Sur, S.A."), transfer("a2", 2_904, "Íñigo Ñúñez 🙂")],
        }
    }

    fn text(version: PainVersion) -> String {
        String::from_utf8(initiation().xml(version).unwrap()).unwrap()
    }

    #[test]
    fn the_header_says_what_the_transfers_sum_to_and_every_sign_is_one_that_banks_take() {
        for version in PainVersion::ALL {
            let xml = text(*version);
            assert_eq!(xml.matches("<CtrlSum>883.84</CtrlSum>").count(), 2);
            assert_eq!(xml.matches("<NbOfTxs>2</NbOfTxs>").count(), 2);
            for said in
                ["<Nm>Cobros Claros + Soehne .SL.</Nm>", "<Nm>Inigo Nunez .</Nm>", "<InstdAmt Ccy=\"EUR\">854.80</InstdAmt>"]
            {
                assert!(xml.contains(said), "{said} is missing in {xml}");
            }
        }
        assert!(text(PainVersion::V03).contains("<ReqdExctnDt>2026-11-09</ReqdExctnDt>"));
        assert!(text(PainVersion::V09).contains("<ReqdExctnDt><Dt>2026-11-09</Dt></ReqdExctnDt>"));
        let nobody = Initiation { transfers: Vec::new(), ..initiation() };
        assert!(matches!(nobody.xml(PainVersion::V03), Err(PainRefusal::Empty)));
    }

    /// By `xmllint`, which the machine may not have: then this says so and judges nothing.
    #[test]
    fn both_versions_are_valid_against_their_schemas() {
        let Some(shared) = shared_dir() else { return };
        let schemas = shared.join("data/bank/xsd/python-sepaxml/sepaxml/schemas");
        for version in PainVersion::ALL {
            let file = std::env::temp_dir().join(format!("entente-pain001-{version}-{}.xml", std::process::id()));
            std::fs::write(&file, text(*version)).unwrap();
            let schema = schemas.join(format!("pain.001.001.{version}.xsd"));
            assert!(Path::new(&schema).is_file(), "{}", schema.display());
            let judged = Command::new("xmllint").args(["--noout", "--schema"]).arg(&schema).arg(&file).output();
            std::fs::remove_file(&file).unwrap();
            match judged {
                Ok(judged) => assert!(judged.status.success(), "{}", String::from_utf8_lossy(&judged.stderr)),
                Err(error) => eprintln!("SKIPPED: xmllint cannot be run ({error}): install libxml2-utils to judge pain.001"),
            }
        }
    }
}
