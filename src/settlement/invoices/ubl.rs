//! An invoice or credit note as UBL 2.1, with the terms and rules of EN 16931-1.
//!
//! Pure. What may never happen here: a total that is not the sum of the line and its VAT; VAT numbers on an invoice outside
//! the scope of VAT (BR-O-02 to BR-O-04), or none under reverse charge (BR-AE-02).

use std::io;

use super::{FeeInvoice, FeeInvoiceKind, InvoiceParty};
use crate::{
    settlement::{
        FeeKind,
        vat::Treatment,
        xml::{Xml, document, leaf, leaf_with, nested},
    },
    types::{BasisPoints, Money},
};

/// The file.
///
/// # Errors
/// It cannot be written.
pub fn write(invoice: &FeeInvoice) -> io::Result<Vec<u8>> {
    let root = match invoice.kind {
        FeeInvoiceKind::Invoice => "Invoice",
        FeeInvoiceKind::CreditNote => "CreditNote",
    };
    let mut xml = document();
    xml.create_element(root)
        .with_attributes([
            ("xmlns", format!("urn:oasis:names:specification:ubl:schema:xsd:{root}-2").as_str()),
            ("xmlns:cac", "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"),
            ("xmlns:cbc", "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"),
        ])
        .write_inner_content(|xml| body(xml, invoice))?;
    Ok(xml.into_inner())
}

fn body(xml: &mut Xml, invoice: &FeeInvoice) -> io::Result<()> {
    head(xml, invoice)?;
    party(xml, "cac:AccountingSupplierParty", &invoice.issuer, invoice.vat_treatment)?;
    party(xml, "cac:AccountingCustomerParty", &invoice.recipient, invoice.vat_treatment)?;
    nested(xml, &["cac:Delivery"], |xml| leaf(xml, "cbc:ActualDeliveryDate", &invoice.supplied_on.to_string()))?;
    nested(xml, &["cac:PaymentTerms"], |xml| {
        leaf(xml, "cbc:Note", "Settled through the statement of account: taken from what was recovered.")
    })?;
    tax(xml, invoice)?;
    totals(xml, invoice)?;
    line(xml, invoice)
}

/// What UNTDID 1001 calls them: 380 commercial invoice, 381 credit note.
fn head(xml: &mut Xml, invoice: &FeeInvoice) -> io::Result<()> {
    leaf(xml, "cbc:CustomizationID", "urn:cen.eu:en16931:2017")?;
    leaf(xml, "cbc:ID", &invoice.number)?;
    leaf(xml, "cbc:IssueDate", &invoice.issued_on.to_string())?;
    match invoice.kind {
        FeeInvoiceKind::Invoice => leaf(xml, "cbc:InvoiceTypeCode", "380")?,
        FeeInvoiceKind::CreditNote => leaf(xml, "cbc:CreditNoteTypeCode", "381")?,
    }
    leaf(xml, "cbc:DocumentCurrencyCode", invoice.net.currency.code())?;
    leaf(xml, "cbc:BuyerReference", &invoice.case_reference)?;
    let Some((number, issued_on)) = invoice.corrects_number.as_ref().zip(invoice.corrects_issued_on) else { return Ok(()) };
    nested(xml, &["cac:BillingReference", "cac:InvoiceDocumentReference"], |xml| {
        leaf(xml, "cbc:ID", number)?;
        leaf(xml, "cbc:IssueDate", &issued_on.to_string())
    })
}

fn party(xml: &mut Xml, role: &str, party: &InvoiceParty, treatment: Treatment) -> io::Result<()> {
    nested(xml, &[role, "cac:Party"], |xml| {
        nested(xml, &["cac:PostalAddress"], |xml| {
            for (name, value) in
                [("cbc:StreetName", &party.street), ("cbc:CityName", &party.city), ("cbc:PostalZone", &party.postal_code)]
            {
                if !value.is_empty() {
                    leaf(xml, name, value)?;
                }
            }
            nested(xml, &["cac:Country"], |xml| leaf(xml, "cbc:IdentificationCode", party.country.as_str()))
        })?;
        if treatment != Treatment::OutsideTheUnion {
            nested(xml, &["cac:PartyTaxScheme"], |xml| {
                leaf(xml, "cbc:CompanyID", &party.vat_number)?;
                vat_scheme(xml)
            })?;
        }
        nested(xml, &["cac:PartyLegalEntity"], |xml| {
            leaf(xml, "cbc:RegistrationName", &party.name)?;
            leaf(xml, "cbc:CompanyID", &party.company_number)
        })
    })
}

fn tax(xml: &mut Xml, invoice: &FeeInvoice) -> io::Result<()> {
    nested(xml, &["cac:TaxTotal"], |xml| {
        amount(xml, "cbc:TaxAmount", invoice.vat)?;
        nested(xml, &["cac:TaxSubtotal"], |xml| {
            amount(xml, "cbc:TaxableAmount", invoice.net)?;
            amount(xml, "cbc:TaxAmount", invoice.vat)?;
            nested(xml, &["cac:TaxCategory"], |xml| {
                category(xml, invoice)?;
                if let Some(code) = exemption(invoice.vat_treatment) {
                    leaf(xml, "cbc:TaxExemptionReasonCode", code)?;
                    leaf(xml, "cbc:TaxExemptionReason", &invoice.vat_ground)?;
                }
                vat_scheme(xml)
            })
        })
    })
}

/// UNCL 5305: standard, reverse charge, outside the scope; the last one knows no rate (BR-O-05).
fn category(xml: &mut Xml, invoice: &FeeInvoice) -> io::Result<()> {
    let code = match invoice.vat_treatment {
        Treatment::Domestic => "S",
        Treatment::ReverseCharge => "AE",
        Treatment::OutsideTheUnion => "O",
    };
    leaf(xml, "cbc:ID", code)?;
    if invoice.vat_treatment == Treatment::OutsideTheUnion { Ok(()) } else { leaf(xml, "cbc:Percent", &percent(invoice.vat_bp)) }
}

const fn exemption(treatment: Treatment) -> Option<&'static str> {
    match treatment {
        Treatment::Domestic => None,
        Treatment::ReverseCharge => Some("VATEX-EU-AE"),
        Treatment::OutsideTheUnion => Some("VATEX-EU-O"),
    }
}

fn totals(xml: &mut Xml, invoice: &FeeInvoice) -> io::Result<()> {
    nested(xml, &["cac:LegalMonetaryTotal"], |xml| {
        amount(xml, "cbc:LineExtensionAmount", invoice.net)?;
        amount(xml, "cbc:TaxExclusiveAmount", invoice.net)?;
        amount(xml, "cbc:TaxInclusiveAmount", invoice.gross)?;
        amount(xml, "cbc:PayableAmount", invoice.gross)
    })
}

fn line(xml: &mut Xml, invoice: &FeeInvoice) -> io::Result<()> {
    let (line, quantity) = match invoice.kind {
        FeeInvoiceKind::Invoice => ("cac:InvoiceLine", "cbc:InvoicedQuantity"),
        FeeInvoiceKind::CreditNote => ("cac:CreditNoteLine", "cbc:CreditedQuantity"),
    };
    let name = match invoice.service {
        FeeKind::SuccessFee => "Success fee",
        FeeKind::Commission => "Commission",
    };
    nested(xml, &[line], |xml| {
        leaf(xml, "cbc:ID", "1")?;
        leaf_with(xml, quantity, ("unitCode", "C62"), "1")?;
        amount(xml, "cbc:LineExtensionAmount", invoice.net)?;
        nested(xml, &["cac:Item"], |xml| {
            leaf(xml, "cbc:Name", &format!("{name}, case {}", invoice.case_reference))?;
            nested(xml, &["cac:ClassifiedTaxCategory"], |xml| {
                category(xml, invoice)?;
                vat_scheme(xml)
            })
        })?;
        nested(xml, &["cac:Price"], |xml| amount(xml, "cbc:PriceAmount", invoice.net))
    })
}

fn vat_scheme(xml: &mut Xml) -> io::Result<()> {
    nested(xml, &["cac:TaxScheme"], |xml| leaf(xml, "cbc:ID", "VAT"))
}

fn amount(xml: &mut Xml, name: &str, amount: Money) -> io::Result<()> {
    leaf_with(xml, name, ("currencyID", amount.currency.code()), &amount.decimal())
}

/// `21.00`
fn percent(rate: BasisPoints) -> String {
    format!("{}.{:02}", rate.0 / 100, rate.0 % 100)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        receivables::intake::{self, Defaults, InvoiceKind, Mapping},
        types::{CaseId, Country, Currency, FeeId, FeeInvoiceId, Language, OrgId, PaymentId},
    };

    fn eur(minor: i64) -> Money {
        Money::new(minor, Currency::EUR)
    }

    fn party(name: &str, vat_number: &str, country: Country) -> InvoiceParty {
        InvoiceParty {
            name: name.to_owned(),
            vat_number: vat_number.to_owned(),
            company_number: vat_number.to_owned(),
            street: "Calle de Alcalá 42".to_owned(),
            postal_code: "28014".to_owned(),
            city: "Madrid".to_owned(),
            country,
        }
    }

    fn invoice() -> FeeInvoice {
        FeeInvoice {
            id: FeeInvoiceId::fresh(),
            number: "ENT-2026-000042".to_owned(),
            kind: FeeInvoiceKind::Invoice,
            issuer_id: OrgId::fresh(),
            recipient_id: OrgId::fresh(),
            corrects_id: None,
            corrects_number: None,
            corrects_issued_on: None,
            issued_on: "2026-11-06".parse().unwrap(),
            supplied_on: "2026-11-05".parse().unwrap(),
            service: FeeKind::SuccessFee,
            fee_id: FeeId::fresh(),
            payment_id: PaymentId::fresh(),
            case_id: CaseId::fresh(),
            case_reference: "RF18539007547034".to_owned(),
            issuer: party("Cobros Claros <SL>", "ESB12345674", Country::Spain),
            recipient: party("Papeles & Co", "ESA46353538", Country::Spain),
            language: Language::Spanish,
            base: eur(100_000),
            rate_bp: BasisPoints(1200),
            net: eur(12_000),
            vat_bp: BasisPoints(2100),
            vat: eur(2_520),
            gross: eur(14_520),
            vat_treatment: Treatment::Domestic,
            vat_ground: "Ley 37/1992 art. 90.Uno".to_owned(),
        }
    }

    fn defaults() -> Defaults {
        Defaults {
            issuer: "ES:B12345674".to_owned(),
            country: Country::Spain,
            debtor_kind: None,
            today: "2026-11-22".parse().unwrap(),
            mapping: Mapping::default(),
        }
    }

    /// Our own reader of other people's invoices judges it, with the rules of EN 16931 that it knows.
    #[test]
    fn what_is_written_reads_back_as_an_invoice_without_a_breach() {
        let xml = write(&invoice()).unwrap();
        let reading = intake::read(&xml, &defaults()).unwrap();
        let document = reading.rows[0].document.as_ref().unwrap();
        assert_eq!((document.kind, document.number.as_deref()), (InvoiceKind::Invoice, Some("ENT-2026-000042")));
        assert_eq!((document.net, document.tax, document.payable), (Some(eur(12_000)), Some(eur(2_520)), Some(eur(14_520))));
        assert!(document.breaches.is_empty(), "{:?}", document.breaches);
    }

    #[test]
    fn a_credit_note_reads_back_as_one_of_its_invoice() {
        let note = FeeInvoice {
            kind: FeeInvoiceKind::CreditNote,
            number: "ENT-R-2026-000001".to_owned(),
            corrects_number: Some("ENT-2026-000042".to_owned()),
            corrects_issued_on: Some("2026-11-06".parse().unwrap()),
            ..invoice()
        };
        let reading = intake::read(&write(&note).unwrap(), &defaults()).unwrap();
        let document = reading.rows[0].document.as_ref().unwrap();
        assert_eq!((document.kind, document.preceding[0].number.as_str()), (InvoiceKind::CreditNote, "ENT-2026-000042"));
        assert!(document.breaches.is_empty(), "{:?}", document.breaches);
    }

    #[test]
    fn each_treatment_names_its_category_and_its_ground() {
        let text = |treatment| {
            let zero =
                FeeInvoice { vat_treatment: treatment, vat_bp: BasisPoints(0), vat: eur(0), gross: eur(12_000), ..invoice() };
            String::from_utf8(write(&zero).unwrap()).unwrap()
        };
        let reversed = text(Treatment::ReverseCharge);
        for said in ["<cbc:ID>AE</cbc:ID><cbc:Percent>0.00</cbc:Percent>", "VATEX-EU-AE", "ESB12345674", "ESA46353538"] {
            assert!(reversed.contains(said), "{said} is missing in {reversed}");
        }
        let outside = text(Treatment::OutsideTheUnion);
        assert!(outside.contains("<cbc:ID>O</cbc:ID>") && !outside.contains("cbc:Percent"), "{outside}");
        assert!(!outside.contains("cac:PartyTaxScheme"), "{outside}");
    }
}
