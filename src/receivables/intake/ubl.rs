//! UBL 2.1 invoices and credit notes (EN 16931, Peppol BIS 3, XRechnung).

use super::{
    document::{InvoiceKind, Party},
    encoding::decode_xml,
    facts::{Amount, Facts, Part, Reference, Standard, keep},
    fault::FileRefusal,
    reader::{Content, Contents, Context, Format, Reader},
    untdid,
    xml::{Leaf, Visitor, walk},
};

const INVOICE: &str = "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2";
const CREDIT_NOTE: &str = "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2";

pub struct Ubl;

impl Reader for Ubl {
    fn name(&self) -> &'static str {
        "ubl"
    }

    fn recognises(&self, content: &Content<'_>) -> bool {
        content.root.as_ref().is_some_and(|root| {
            matches!((root.namespace.as_str(), root.name.as_str()), (INVOICE, "Invoice") | (CREDIT_NOTE, "CreditNote"))
        })
    }

    fn read(&self, content: &Content<'_>, _context: &Context<'_>) -> Result<Contents, FileRefusal> {
        let decoded = decode_xml(content.bytes)?;
        let mut found = Found { facts: Facts { standard: Standard::En16931, ..Facts::default() }, ..Found::default() };
        walk(&decoded.text, &mut found)?;
        let credit_note = content.root.as_ref().is_some_and(|root| root.name == "CreditNote");
        let of_code = found.facts.type_code.as_deref().map_or(InvoiceKind::Invoice, untdid::kind);
        found.facts.kind = Some(if credit_note { InvoiceKind::CreditNote } else { of_code });
        Contents::of_documents(Format::Ubl, vec![found.facts])
    }
}

#[derive(Default)]
struct Found {
    facts: Facts,
    part: Part,
    preceding: Reference,
    /// A number waits for the scheme that follows it.
    seller_number: Option<String>,
    buyer_number: Option<String>,
}

impl Visitor for Found {
    fn leaf(&mut self, leaf: &Leaf<'_>) {
        let (facts, text) = (&mut self.facts, leaf.text);
        if let Some(path) = leaf.path.strip_prefix("AccountingSupplierParty/Party/") {
            return party(&mut facts.seller, &mut self.seller_number, path, leaf);
        }
        if let Some(path) = leaf.path.strip_prefix("AccountingCustomerParty/Party/") {
            return party(&mut facts.buyer, &mut self.buyer_number, path, leaf);
        }
        let amount = || Some(Amount::new(text, leaf.currency));
        match leaf.path {
            "InvoiceTypeCode" | "CreditNoteTypeCode" => keep(&mut facts.type_code, text),
            "ID" => keep(&mut facts.number, text),
            "IssueDate" => keep(&mut facts.issued_on, text),
            "DueDate" | "PaymentMeans/PaymentDueDate" => keep(&mut facts.due_on, text),
            "DocumentCurrencyCode" => keep(&mut facts.currency, text),
            "OrderReference/ID" => keep(&mut facts.purchase_order, text),
            "DespatchDocumentReference/ID" => keep(&mut facts.delivery_note, text),
            "Delivery/ActualDeliveryDate" => keep(&mut facts.delivered_on, text),
            "BillingReference/InvoiceDocumentReference/ID" => keep(&mut self.preceding.number, text),
            "BillingReference/InvoiceDocumentReference/IssueDate" => keep(&mut self.preceding.issued_on, text),
            "PayeeParty/PartyName/Name" => keep(&mut facts.payee, text),
            "PaymentTerms/Note" => keep(&mut facts.terms, text),
            "PaymentTerms/PaymentDueDate" | "PaymentTerms/InstallmentDueDate" => keep(&mut self.part.due_on, text),
            "PaymentTerms/Amount" => self.part.amount = amount(),
            "TaxTotal/TaxAmount" => facts.taxes.extend(amount()),
            "PrepaidPayment/PaidAmount" => facts.third_parties.extend(amount()),
            "LegalMonetaryTotal/TaxExclusiveAmount" => facts.net.extend(amount()),
            "LegalMonetaryTotal/TaxInclusiveAmount" => facts.total = facts.total.take().or_else(amount),
            "LegalMonetaryTotal/PrepaidAmount" => facts.prepaid = facts.prepaid.take().or_else(amount),
            "LegalMonetaryTotal/PayableRoundingAmount" => facts.rounding = facts.rounding.take().or_else(amount),
            "LegalMonetaryTotal/PayableAmount" => facts.payable = facts.payable.take().or_else(amount),
            _ => {}
        }
    }

    fn closed(&mut self, path: &str) {
        match path {
            "InvoiceLine" | "CreditNoteLine" => self.facts.lines = self.facts.lines.saturating_add(1),
            "PaymentTerms" => {
                let part = std::mem::take(&mut self.part);
                if part.due_on.is_some() {
                    self.facts.parts.push(part);
                }
            }
            "BillingReference" => self.facts.preceding.push(std::mem::take(&mut self.preceding)),
            _ => {}
        }
    }
}

fn party(party: &mut Party, number: &mut Option<String>, path: &str, leaf: &Leaf<'_>) {
    let text = leaf.text;
    match path {
        "PartyLegalEntity/RegistrationName" => keep(&mut party.name, text),
        "PartyName/Name" => keep(&mut party.trading_name, text),
        "PartyTaxScheme/CompanyID" => *number = Some(text.to_owned()),
        // The scheme follows its number; only VAT schemes name the enterprise (`FC` is a tax-office number).
        "PartyTaxScheme/TaxScheme/ID" => {
            let number = number.take();
            if text.eq_ignore_ascii_case("VAT") {
                party.vat_number = party.vat_number.take().or(number);
            }
        }
        "PartyLegalEntity/CompanyID" => keep(&mut party.register_number, text),
        "PostalAddress/StreetName" => keep(&mut party.street, text),
        "PostalAddress/AdditionalStreetName" => keep(&mut party.more_street, text),
        "PostalAddress/PostalZone" => keep(&mut party.postal_code, text),
        "PostalAddress/CityName" => keep(&mut party.city, text),
        "PostalAddress/Country/IdentificationCode" => keep(&mut party.country, text),
        "Contact/ElectronicMail" => keep(&mut party.email, text),
        "Contact/Telephone" => keep(&mut party.phone, text),
        "EndpointID" => keep(&mut party.electronic_address, &untdid::electronic_address(leaf.scheme, text)),
        _ => {}
    }
}
