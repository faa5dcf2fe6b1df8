//! FatturaPA 1.0 to 1.2, the Italian format: one header, one body for each invoice.
//!
//! What may never happen here: the tax that a public body pays to the treasury itself (split payment) claimed from it.

use super::{
    document::{InvoiceKind, Party},
    encoding::decode_xml,
    facts::{Amount, Facts, Part, Reference, keep},
    fault::FileRefusal,
    reader::{Content, Contents, Context, Format, Reader},
    xml::{Leaf, Visitor, walk},
};
use crate::receivables::DebtorKind;

pub struct FatturaPa;

impl Reader for FatturaPa {
    fn name(&self) -> &'static str {
        "fatturapa"
    }

    fn recognises(&self, content: &Content<'_>) -> bool {
        content.root.as_ref().is_some_and(|root| {
            root.name == "FatturaElettronica"
                && (root.namespace.starts_with("http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1")
                    || root.namespace.starts_with("http://www.fatturapa.gov.it/sdi/fatturapa/v1"))
        })
    }

    fn read(&self, content: &Content<'_>, _context: &Context<'_>) -> Result<Contents, FileRefusal> {
        let decoded = decode_xml(content.bytes)?;
        let mut found = Found::default();
        walk(&decoded.text, &mut found)?;
        if found.to_public_body {
            found.buyer.kind = Some(DebtorKind::Public);
        }
        for facts in &mut found.bodies {
            facts.seller.clone_from(&found.seller);
            facts.buyer.clone_from(&found.buyer);
        }
        Contents::of_documents(Format::FatturaPa, found.bodies)
    }
}

#[derive(Default)]
struct Found {
    seller: Party,
    buyer: Party,
    to_public_body: bool,
    bodies: Vec<Facts>,
    facts: Facts,
    part: Part,
    linked: Reference,
    summary: Summary,
    /// The total where the document states none is the sum over the rates: they are kept until its end.
    summaries: Vec<Summary>,
}

/// Tax of one rate (`DatiRiepilogo`).
#[derive(Default, Clone)]
struct Summary {
    taxable: Option<String>,
    tax: Option<String>,
    split: bool,
}

impl Visitor for Found {
    fn leaf(&mut self, leaf: &Leaf<'_>) {
        let text = leaf.text;
        if let Some(path) = leaf.path.strip_prefix("FatturaElettronicaBody/") {
            return self.body(path, text);
        }
        let Some(path) = leaf.path.strip_prefix("FatturaElettronicaHeader/") else { return };
        if let Some(path) = path.strip_prefix("CedentePrestatore/") {
            party(&mut self.seller, path, text);
        } else if let Some(path) = path.strip_prefix("CessionarioCommittente/") {
            party(&mut self.buyer, path, text);
        } else {
            match path {
                "DatiTrasmissione/FormatoTrasmissione" => {
                    self.to_public_body = text.starts_with("FPA") || text.starts_with("SDI")
                }
                // Seven zeros mean: no code, see the certified mail box.
                "DatiTrasmissione/CodiceDestinatario" if text != "0000000" => {
                    keep(&mut self.buyer.electronic_address, &format!("0205:{text}"));
                }
                "DatiTrasmissione/PECDestinatario" => {
                    keep(&mut self.buyer.email, text);
                    keep(&mut self.buyer.electronic_address, &format!("EM:{text}"));
                }
                _ => {}
            }
        }
    }

    fn closed(&mut self, path: &str) {
        match path {
            "FatturaElettronicaBody" => {
                let mut facts = std::mem::take(&mut self.facts);
                facts.kind = facts.type_code.as_deref().map(kind);
                add_up(&mut facts, &std::mem::take(&mut self.summaries));
                self.bodies.push(facts);
            }
            "FatturaElettronicaBody/DatiGenerali/DatiFattureCollegate" => {
                self.facts.preceding.push(std::mem::take(&mut self.linked));
            }
            "FatturaElettronicaBody/DatiBeniServizi/DettaglioLinee" => self.facts.lines = self.facts.lines.saturating_add(1),
            "FatturaElettronicaBody/DatiBeniServizi/DatiRiepilogo" => self.summaries.push(std::mem::take(&mut self.summary)),
            "FatturaElettronicaBody/DatiPagamento/DettaglioPagamento" => self.facts.parts.push(std::mem::take(&mut self.part)),
            _ => {}
        }
    }
}

impl Found {
    fn body(&mut self, path: &str, text: &str) {
        let facts = &mut self.facts;
        let amount = || Amount::new(text, None);
        match path {
            "DatiGenerali/DatiGeneraliDocumento/TipoDocumento" => keep(&mut facts.type_code, text),
            "DatiGenerali/DatiGeneraliDocumento/Divisa" => keep(&mut facts.currency, text),
            "DatiGenerali/DatiGeneraliDocumento/Data" => keep(&mut facts.issued_on, text),
            "DatiGenerali/DatiGeneraliDocumento/Numero" => keep(&mut facts.number, text),
            "DatiGenerali/DatiGeneraliDocumento/ImportoTotaleDocumento" => facts.total = Some(amount()),
            "DatiGenerali/DatiGeneraliDocumento/DatiRitenuta/ImportoRitenuta" => facts.withheld.push(amount()),
            "DatiGenerali/DatiOrdineAcquisto/IdDocumento" => keep(&mut facts.purchase_order, text),
            "DatiGenerali/DatiFattureCollegate/IdDocumento" => keep(&mut self.linked.number, text),
            "DatiGenerali/DatiFattureCollegate/Data" => keep(&mut self.linked.issued_on, text),
            "DatiGenerali/DatiDDT/NumeroDDT" => keep(&mut facts.delivery_note, text),
            "DatiGenerali/DatiDDT/DataDDT" | "DatiGenerali/DatiTrasporto/DataOraConsegna" => keep(&mut facts.delivered_on, text),
            "DatiBeniServizi/DatiRiepilogo/ImponibileImporto" => self.summary.taxable = Some(text.to_owned()),
            "DatiBeniServizi/DatiRiepilogo/Imposta" => self.summary.tax = Some(text.to_owned()),
            "DatiBeniServizi/DatiRiepilogo/EsigibilitaIVA" => self.summary.split = text == "S",
            "DatiPagamento/DettaglioPagamento/DataScadenzaPagamento" => keep(&mut self.part.due_on, text),
            "DatiPagamento/DettaglioPagamento/DataRiferimentoTerminiPagamento" => keep(&mut self.part.from, text),
            "DatiPagamento/DettaglioPagamento/GiorniTerminiPagamento" => keep(&mut self.part.days, text),
            "DatiPagamento/DettaglioPagamento/ImportoPagamento" => self.part.amount = Some(amount()),
            "DatiPagamento/DettaglioPagamento/Beneficiario" => keep(&mut facts.payee, text),
            _ => {}
        }
    }
}

/// TD16 to TD23 and TD27 to TD29 are made out by the buyer or to oneself, for the tax office.
fn kind(code: &str) -> InvoiceKind {
    match code {
        "TD04" | "TD08" => InvoiceKind::CreditNote,
        "TD16" | "TD17" | "TD18" | "TD19" | "TD20" | "TD21" | "TD22" | "TD23" | "TD27" | "TD28" | "TD29" => {
            InvoiceKind::SelfInvoice
        }
        _ => InvoiceKind::Invoice,
    }
}

/// What each rate says, and the tax that the buyer keeps back where payment is split.
fn add_up(facts: &mut Facts, summaries: &[Summary]) {
    for summary in summaries {
        let amount = |text: &Option<String>| text.as_deref().map(|text| Amount::new(text, None));
        facts.net.extend(amount(&summary.taxable));
        facts.taxes.extend(amount(&summary.tax));
        if summary.split {
            facts.withheld.extend(amount(&summary.tax));
        }
    }
    facts.payable_by_parts = true;
}

fn party(party: &mut Party, path: &str, text: &str) {
    match path {
        "DatiAnagrafici/IdFiscaleIVA/IdPaese" => keep(&mut party.vat_number, text),
        "DatiAnagrafici/IdFiscaleIVA/IdCodice" => {
            let country = party.vat_number.take().unwrap_or_default();
            party.vat_number = Some(format!("{country}{text}"));
        }
        // Eleven digits are a body's number, the same as for tax; sixteen letters and digits are a person's.
        "DatiAnagrafici/CodiceFiscale" if text.len() == 11 && party.vat_number.is_none() => {
            party.vat_number = Some(format!("IT{text}"));
        }
        "DatiAnagrafici/Anagrafica/Denominazione" | "DatiAnagrafici/Anagrafica/Nome" => keep(&mut party.name, text),
        "DatiAnagrafici/Anagrafica/Cognome" => {
            let name = party.name.take().unwrap_or_default();
            party.name = Some(format!("{name} {text}").trim().to_owned());
        }
        "Sede/Indirizzo" => keep(&mut party.street, text),
        "Sede/NumeroCivico" => {
            let street = party.street.take().unwrap_or_default();
            party.street = Some(format!("{street} {text}").trim().to_owned());
        }
        "Sede/CAP" => keep(&mut party.postal_code, text),
        "Sede/Comune" => keep(&mut party.city, text),
        "Sede/Nazione" => keep(&mut party.country, text),
        "Contatti/Email" => keep(&mut party.email, text),
        "Contatti/Telefono" => keep(&mut party.phone, text),
        _ => {}
    }
}
