//! UN/CEFACT Cross Industry Invoice: EN 16931, XRechnung, Factur-X and ZUGFeRD 2 in version 100, ZUGFeRD 1 in its own.
//!
//! ZUGFeRD 1 names the same things a little differently; both names stand side by side below.

use super::{
    document::Party,
    encoding::decode_xml,
    facts::{Amount, Facts, Part, Reference, Standard, keep},
    fault::FileRefusal,
    reader::{Content, Contents, Context, Format, Reader},
    untdid,
    xml::{Leaf, Visitor, walk},
};

const CROSS_INDUSTRY_INVOICE: &str = "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100";
const ZUGFERD_1: &str = "urn:ferd:CrossIndustryDocument:invoice:1p0";

pub struct Cii;

impl Reader for Cii {
    fn name(&self) -> &'static str {
        "cii"
    }

    fn recognises(&self, content: &Content<'_>) -> bool {
        content.root.as_ref().is_some_and(|root| {
            matches!(
                (root.namespace.as_str(), root.name.as_str()),
                (CROSS_INDUSTRY_INVOICE, "CrossIndustryInvoice") | (ZUGFERD_1, "CrossIndustryDocument")
            )
        })
    }

    fn read(&self, content: &Content<'_>, _context: &Context<'_>) -> Result<Contents, FileRefusal> {
        let decoded = decode_xml(content.bytes)?;
        let mut found = Found::default();
        walk(&decoded.text, &mut found)?;
        let mut facts = found.facts;
        let current = content.root.as_ref().is_some_and(|root| root.namespace == CROSS_INDUSTRY_INVOICE);
        facts.standard = if current { Standard::En16931 } else { Standard::Own };
        facts.kind = facts.type_code.as_deref().map(untdid::kind);
        Contents::of_documents(Format::Cii, vec![facts])
    }
}

#[derive(Default)]
struct Found {
    facts: Facts,
    part: Part,
    preceding: Reference,
}

/// The three parts of a transaction, by both names.
const AGREEMENT: &[&str] = &["ApplicableHeaderTradeAgreement/", "ApplicableSupplyChainTradeAgreement/"];
const DELIVERY: &[&str] = &["ApplicableHeaderTradeDelivery/", "ApplicableSupplyChainTradeDelivery/"];
const SETTLEMENT: &[&str] = &["ApplicableHeaderTradeSettlement/", "ApplicableSupplyChainTradeSettlement/"];

fn below<'a>(path: &'a str, parents: &[&str]) -> Option<&'a str> {
    parents.iter().find_map(|parent| path.strip_prefix(parent))
}

impl Visitor for Found {
    fn leaf(&mut self, leaf: &Leaf<'_>) {
        let Some((head, path)) = leaf.path.split_once('/') else { return };
        match head {
            "ExchangedDocument" | "HeaderExchangedDocument" => self.header(path, leaf.text),
            "SupplyChainTradeTransaction" | "SpecifiedSupplyChainTradeTransaction" => {
                if let Some(path) = below(path, AGREEMENT) {
                    self.agreement(path, leaf);
                } else if let Some(path) = below(path, SETTLEMENT) {
                    self.settlement(path, leaf);
                } else if let Some(path) = below(path, DELIVERY) {
                    self.delivery(path, leaf.text);
                }
            }
            _ => {}
        }
    }

    fn closed(&mut self, path: &str) {
        let Some((_, path)) = path.split_once('/') else { return };
        if path == "IncludedSupplyChainTradeLineItem" {
            self.facts.lines = self.facts.lines.saturating_add(1);
        }
        match below(path, SETTLEMENT) {
            Some("SpecifiedTradePaymentTerms") => {
                let part = std::mem::take(&mut self.part);
                if part.due_on.is_some() {
                    self.facts.parts.push(part);
                }
            }
            Some("InvoiceReferencedDocument") => self.facts.preceding.push(std::mem::take(&mut self.preceding)),
            _ => {}
        }
    }
}

impl Found {
    fn header(&mut self, path: &str, text: &str) {
        match path {
            "ID" => keep(&mut self.facts.number, text),
            "TypeCode" => keep(&mut self.facts.type_code, text),
            "IssueDateTime/DateTimeString" => keep(&mut self.facts.issued_on, text),
            _ => {}
        }
    }

    fn agreement(&mut self, path: &str, leaf: &Leaf<'_>) {
        if let Some(path) = path.strip_prefix("SellerTradeParty/") {
            return party(&mut self.facts.seller, path, leaf);
        }
        if let Some(path) = path.strip_prefix("BuyerTradeParty/") {
            return party(&mut self.facts.buyer, path, leaf);
        }
        if matches!(path, "BuyerOrderReferencedDocument/IssuerAssignedID" | "BuyerOrderReferencedDocument/ID") {
            keep(&mut self.facts.purchase_order, leaf.text);
        }
    }

    fn delivery(&mut self, path: &str, text: &str) {
        match path {
            "ActualDeliverySupplyChainEvent/OccurrenceDateTime/DateTimeString" => keep(&mut self.facts.delivered_on, text),
            "DespatchAdviceReferencedDocument/IssuerAssignedID"
            | "DeliveryNoteReferencedDocument/IssuerAssignedID"
            | "DeliveryNoteReferencedDocument/ID" => keep(&mut self.facts.delivery_note, text),
            _ => {}
        }
    }

    fn settlement(&mut self, path: &str, leaf: &Leaf<'_>) {
        let (facts, text) = (&mut self.facts, leaf.text);
        match path {
            "InvoiceCurrencyCode" => keep(&mut facts.currency, text),
            "PayeeTradeParty/Name" => keep(&mut facts.payee, text),
            "SpecifiedTradePaymentTerms/Description" => keep(&mut facts.terms, text),
            "SpecifiedTradePaymentTerms/DueDateDateTime/DateTimeString" => keep(&mut self.part.due_on, text),
            "SpecifiedTradePaymentTerms/PartialPaymentAmount" => self.part.amount = Some(Amount::new(text, leaf.currency)),
            "InvoiceReferencedDocument/IssuerAssignedID" | "InvoiceReferencedDocument/ID" => {
                keep(&mut self.preceding.number, text)
            }
            "InvoiceReferencedDocument/FormattedIssueDateTime/DateTimeString" => keep(&mut self.preceding.issued_on, text),
            _ => {
                let summations =
                    ["SpecifiedTradeSettlementHeaderMonetarySummation/", "SpecifiedTradeSettlementMonetarySummation/"];
                if let Some(path) = below(path, &summations) {
                    summation(facts, path, leaf);
                }
            }
        }
    }
}

fn summation(facts: &mut Facts, path: &str, leaf: &Leaf<'_>) {
    let amount = Amount::new(leaf.text, leaf.currency);
    let slot = match path {
        "TaxBasisTotalAmount" => return facts.net.push(amount),
        "TaxTotalAmount" => return facts.taxes.push(amount),
        "GrandTotalAmount" => &mut facts.total,
        "TotalPrepaidAmount" => &mut facts.prepaid,
        "RoundingAmount" => &mut facts.rounding,
        "DuePayableAmount" => &mut facts.payable,
        _ => return,
    };
    slot.get_or_insert(amount);
}

fn party(party: &mut Party, path: &str, leaf: &Leaf<'_>) {
    let text = leaf.text;
    match path {
        "Name" => keep(&mut party.name, text),
        "SpecifiedLegalOrganization/TradingBusinessName" => keep(&mut party.trading_name, text),
        "SpecifiedLegalOrganization/ID" => keep(&mut party.register_number, text),
        // `FC` is a number with the tax office; only `VA` names the enterprise.
        "SpecifiedTaxRegistration/ID" if leaf.scheme == Some("VA") => keep(&mut party.vat_number, text),
        "PostalTradeAddress/LineOne" => keep(&mut party.street, text),
        "PostalTradeAddress/LineTwo" => keep(&mut party.more_street, text),
        "PostalTradeAddress/PostcodeCode" => keep(&mut party.postal_code, text),
        "PostalTradeAddress/CityName" => keep(&mut party.city, text),
        "PostalTradeAddress/CountryID" => keep(&mut party.country, text),
        "URIUniversalCommunication/URIID" => {
            keep(&mut party.electronic_address, &untdid::electronic_address(leaf.scheme, text));
        }
        "DefinedTradeContact/TelephoneUniversalCommunication/CompleteNumber" => keep(&mut party.phone, text),
        "DefinedTradeContact/EmailURIUniversalCommunication/URIID" => keep(&mut party.email, text),
        _ => {}
    }
}
