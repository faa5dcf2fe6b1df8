//! Facturae 3.2, 3.2.1 and 3.2.2, the Spanish format: a batch of invoices of one seller to one buyer.
//!
//! What may never happen here: a corrective invoice below zero taken for a debt.

use super::{
    document::{InvoiceKind, Party},
    encoding::decode_xml,
    facts::{Amount, Facts, Part, Reference, keep},
    fault::FileRefusal,
    reader::{Content, Contents, Context, Format, Reader},
    xml::{Leaf, Visitor, walk},
};
use crate::receivables::DebtorKind;

pub struct Facturae;

impl Reader for Facturae {
    fn name(&self) -> &'static str {
        "facturae"
    }

    /// Every version has a namespace of its own, under two domains so far.
    fn recognises(&self, content: &Content<'_>) -> bool {
        content.root.as_ref().is_some_and(|root| {
            root.name == "Facturae"
                && (root.namespace.starts_with("http://www.facturae.es/Facturae/20")
                    || root.namespace.starts_with("http://www.facturae.gob.es/formato/Versiones/Facturaev3"))
        })
    }

    fn read(&self, content: &Content<'_>, _context: &Context<'_>) -> Result<Contents, FileRefusal> {
        let decoded = decode_xml(content.bytes)?;
        let mut found = Found::default();
        walk(&decoded.text, &mut found)?;
        for facts in &mut found.invoices {
            facts.seller.clone_from(&found.seller);
            facts.buyer.clone_from(&found.buyer);
            facts.payee.clone_from(&found.assignee);
        }
        Contents::of_documents(Format::Facturae, found.invoices)
    }
}

#[derive(Default)]
struct Found {
    seller: Party,
    buyer: Party,
    /// Who the claims of the batch were assigned to.
    assignee: Option<String>,
    invoices: Vec<Facts>,
    facts: Facts,
    part: Part,
    corrected: Reference,
    document_type: Option<String>,
    class: Option<String>,
}

impl Visitor for Found {
    fn leaf(&mut self, leaf: &Leaf<'_>) {
        let (path, text) = (leaf.path, leaf.text);
        if let Some(path) = path.strip_prefix("Invoices/Invoice/") {
            self.invoice(path, text);
        } else if let Some(path) = path.strip_prefix("Parties/SellerParty/") {
            party(&mut self.seller, path, text);
        } else if let Some(path) = path.strip_prefix("Parties/BuyerParty/") {
            party(&mut self.buyer, path, text);
        } else if path == "FileHeader/FactoringAssignmentData/Assignee/LegalEntity/CorporateName" {
            keep(&mut self.assignee, text);
        }
    }

    fn closed(&mut self, path: &str) {
        match path {
            "Invoices/Invoice" => self.finish_invoice(),
            "Invoices/Invoice/InvoiceHeader/Corrective" => self.facts.preceding.push(std::mem::take(&mut self.corrected)),
            "Invoices/Invoice/PaymentDetails/Installment" => self.facts.parts.push(std::mem::take(&mut self.part)),
            "Invoices/Invoice/Items/InvoiceLine" => self.facts.lines = self.facts.lines.saturating_add(1),
            // Administrative centres are of public bodies only (Orden HAP/1074/2014).
            "Parties/BuyerParty/AdministrativeCentres" => self.buyer.kind = Some(DebtorKind::Public),
            _ => {}
        }
    }
}

impl Found {
    fn invoice(&mut self, path: &str, text: &str) {
        let facts = &mut self.facts;
        let amount = || Amount::new(text, None);
        match path {
            "InvoiceHeader/InvoiceNumber" => keep(&mut facts.number, text),
            "InvoiceHeader/InvoiceSeriesCode" => keep(&mut facts.series, text),
            "InvoiceHeader/InvoiceDocumentType" => keep(&mut self.document_type, text),
            "InvoiceHeader/InvoiceClass" => keep(&mut self.class, text),
            "InvoiceHeader/Corrective/InvoiceNumber" => keep(&mut self.corrected.number, text),
            "InvoiceHeader/Corrective/InvoiceSeriesCode" => keep(&mut self.corrected.series, text),
            "InvoiceHeader/Corrective/InvoiceIssueDate" => keep(&mut self.corrected.issued_on, text),
            "InvoiceIssueData/IssueDate" => keep(&mut facts.issued_on, text),
            "InvoiceIssueData/OperationDate" => keep(&mut facts.delivered_on, text),
            "InvoiceIssueData/InvoiceCurrencyCode" => keep(&mut facts.currency, text),
            "InvoiceTotals/TotalGrossAmountBeforeTaxes" => facts.net.push(amount()),
            "InvoiceTotals/TotalTaxOutputs" => facts.taxes.push(amount()),
            "InvoiceTotals/TotalTaxesWithheld" => facts.withheld.push(amount()),
            "InvoiceTotals/InvoiceTotal" => facts.total = Some(amount()),
            "InvoiceTotals/TotalPaymentsOnAccount" => facts.prepaid = Some(amount()),
            "InvoiceTotals/TotalExecutableAmount" => facts.payable = Some(amount()),
            "PaymentDetails/Installment/InstallmentDueDate" => keep(&mut self.part.due_on, text),
            "PaymentDetails/Installment/InstallmentAmount" => self.part.amount = Some(amount()),
            "Items/InvoiceLine/ReceiverTransactionReference" => keep(&mut facts.purchase_order, text),
            "Items/InvoiceLine/DeliveryNotesReferences/DeliveryNote/DeliveryNoteNumber" => keep(&mut facts.delivery_note, text),
            _ => {}
        }
    }

    fn finish_invoice(&mut self) {
        let mut facts = std::mem::take(&mut self.facts);
        let (document_type, class) = (self.document_type.take(), self.class.take());
        let negative = facts.total.as_ref().is_some_and(|total| total.text.starts_with('-'));
        facts.kind = Some(match class.as_deref() {
            Some("OR" | "CR") if negative => InvoiceKind::CreditNote,
            Some("OR" | "CR") => InvoiceKind::Correction,
            _ => InvoiceKind::Invoice,
        });
        facts.type_code = match (document_type, class) {
            (Some(document_type), Some(class)) => Some(format!("{document_type}/{class}")),
            (document_type, class) => document_type.or(class),
        };
        self.invoices.push(facts);
    }
}

fn party(party: &mut Party, path: &str, text: &str) {
    match path {
        "TaxIdentification/TaxIdentificationNumber" => keep(&mut party.vat_number, text),
        "LegalEntity/CorporateName" | "Individual/Name" => keep(&mut party.name, text),
        // The second surname is left to the registers: people sign with one or both.
        "Individual/FirstSurname" => {
            let name = party.name.take().unwrap_or_default();
            party.name = Some(format!("{name} {text}").trim().to_owned());
        }
        "LegalEntity/TradeName" => keep(&mut party.trading_name, text),
        _ => {
            if let Some(path) = path.strip_prefix("LegalEntity/").or_else(|| path.strip_prefix("Individual/")) {
                address(party, path, text);
            }
        }
    }
}

fn address(party: &mut Party, path: &str, text: &str) {
    match path {
        "AddressInSpain/Address" | "OverseasAddress/Address" => keep(&mut party.street, text),
        "AddressInSpain/PostCode" => keep(&mut party.postal_code, text),
        "AddressInSpain/Town" => keep(&mut party.city, text),
        "OverseasAddress/PostCodeAndTown" => match text.split_once(' ') {
            Some((code, town)) if code.bytes().any(|byte| byte.is_ascii_digit()) => {
                keep(&mut party.postal_code, code);
                keep(&mut party.city, town);
            }
            _ => keep(&mut party.city, text),
        },
        "AddressInSpain/CountryCode" | "OverseasAddress/CountryCode" => keep(&mut party.country, text),
        "ContactDetails/Telephone" => keep(&mut party.phone, text),
        "ContactDetails/ElectronicMail" => keep(&mut party.email, text),
        _ => {}
    }
}
