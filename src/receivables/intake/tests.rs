use chrono::NaiveDate;
use proptest::prelude::*;

use super::*;
use crate::{
    receivables::{DebtorKind, test_support::shared_dir},
    types::{Country, Currency, Money},
};

mod documents;
mod hostile;
mod packed;

const UBL_INVOICE: &[u8] = include_bytes!("../../../tests/samples/intake/ubl-invoice.xml");
const UBL_CREDIT_NOTE: &[u8] = include_bytes!("../../../tests/samples/intake/ubl-credit-note.xml");
const CII_INVOICE: &[u8] = include_bytes!("../../../tests/samples/intake/cii-invoice.xml");
const ZUGFERD_1: &[u8] = include_bytes!("../../../tests/samples/intake/zugferd-1.xml");
const FACTURAE_BATCH: &[u8] = include_bytes!("../../../tests/samples/intake/facturae-batch.xml");
const FATTURAPA_TWO_BODIES: &[u8] = include_bytes!("../../../tests/samples/intake/fatturapa-two-bodies.xml");

fn defaults() -> Defaults {
    row::tests::defaults()
}

fn csv(text: &str) -> Reading {
    read(text.as_bytes(), &defaults()).unwrap()
}

fn drafts(reading: &Reading) -> Vec<&Draft> {
    reading.rows.iter().map(|row| row.draft.as_ref().unwrap()).collect()
}

fn refusal(reading: &Reading, position: usize) -> (u32, Option<&str>, &str) {
    let row = &reading.rows[position];
    let refusal = row.draft.as_ref().unwrap_err();
    (row.row, refusal.column.as_deref(), refusal.code)
}

const HEADER: &str = "number;issued_on;due_on;amount;debtor_name;debtor_kind\n";

#[test]
fn the_template_is_accepted_as_downloaded() {
    let reading = csv(TEMPLATE);
    assert_eq!((reading.format, reading.notes.len()), (Format::Csv, 0));
    let candidate = check(drafts(&reading)[0].clone(), &defaults()).unwrap();
    assert_eq!(candidate.principal, Money::parse_decimal("1234.56", "EUR".parse().unwrap()).unwrap());
    assert_eq!(candidate.debtor.legal_name, "Peluquería Ejemplo SL");
}

#[test]
fn the_same_invoice_is_read_from_files_of_four_countries() {
    let files = [
        "Nº factura;Fecha;Vencimiento;Importe;Razón social;NIF\nF-1;25/01/2026;24/02/2026;1.234,56;Acme;B12345674\n",
        "N° facture\tDate facture\tDate d'échéance\tMontant TTC\tNom du client\tSIREN\nF-1\t25/01/2026\t24/02/2026\t1 234,56 €\tAcme\t732829320\n",
        "invoice number,issue date,due date,amount,customer\r\nF-1,01/25/2026,02/24/2026,\"1,234.56\",Acme\r\n",
        "Rechnungs-Nr.|Rechnungsdatum|Fällig am|Betrag|Kunde\nF-1|25.01.2026|24.02.2026|1234,56|Acme\n",
    ];
    for file in files {
        let reading = csv(file);
        let draft = drafts(&reading)[0];
        let shown =
            (draft.number.as_str(), draft.issued_on.to_string(), draft.due_on.unwrap().to_string(), draft.principal.minor);
        assert_eq!(shown, ("F-1", "2026-01-25".to_owned(), "2026-02-24".to_owned(), 123_456), "{file}");
    }
}

#[test]
fn the_encodings_of_spreadsheets_are_read() {
    let text = format!("{HEADER}F-1;2026-01-15;2026-02-14;10,00;Peña y Cía;business\n");
    let utf16: Vec<u8> = std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let latin: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    for bytes in [text.clone().into_bytes(), utf16, latin] {
        assert_eq!(drafts(&read(&bytes, &defaults()).unwrap())[0].debtor.legal_name, "Peña y Cía");
    }
}

#[test]
fn one_bad_row_costs_no_other() {
    let reading = csv(&format!(
        "{HEADER}F-1;2026-01-15;2026-02-14;10;Acme;business\n\nF-2;2026-02-31;2026-02-14;10;Acme;business\nF-3;2026-01-15;2026-02-14;ten;Acme;business\n\
         F-4;2026-01-15;2026-02-14;10;;business\nF-5;2026-01-15;2026-02-14;10;Acme;ghost\nF-6;2026-01-15;2026-02-14;10;Acme;business;more\nF-7;2026-01-15\n\
         F-8;2026-01-15;;10;Acme;consumer\n"
    ));
    assert_eq!(reading.rows.len(), 8);
    assert_eq!(refusal(&reading, 1), (4, Some("issued_on"), "not_a_date"));
    assert_eq!(refusal(&reading, 2), (5, Some("amount"), "not_an_amount"));
    assert_eq!(refusal(&reading, 3), (6, Some("debtor_name"), "missing"));
    assert_eq!(refusal(&reading, 4), (7, Some("debtor_kind"), "unknown_kind"));
    assert_eq!(refusal(&reading, 5), (8, None, "cell_count"));
    assert_eq!(refusal(&reading, 6), (9, Some("debtor_name"), "missing"));
    assert_eq!(reading.rows[7].draft.as_ref().unwrap().debtor.kind, Some(DebtorKind::Consumer));
}

#[test]
fn a_cell_that_could_not_be_computed_says_nothing() {
    let rows = "F-1;2026-01-15;2026-02-14;#¡REF!;Acme;business\nF-2;2026-01-15;2026-02-14;10;#N/A;business\n#1;2026-01-15;2026-02-14;10;#Acme;business\n";
    let reading = csv(&format!("{HEADER}{rows}"));
    assert_eq!(refusal(&reading, 0), (2, Some("amount"), "missing"));
    assert_eq!(refusal(&reading, 1), (3, Some("debtor_name"), "missing"));
    assert_eq!(reading.rows[2].draft.as_ref().unwrap().debtor.legal_name, "#Acme");
}

#[test]
fn titles_and_blank_rows_above_the_headings_are_passed_over() {
    let reading =
        csv(&format!("Open items of Acme;;\n;;\nPrinted;25/11/2026\n{HEADER}F-1;2026-01-15;2026-02-14;ten;Acme;business\n"));
    assert_eq!(refusal(&reading, 0), (5, Some("amount"), "not_an_amount"));
}

#[test]
fn a_line_that_names_the_separator_is_no_row() {
    let reading = csv(&format!("sep=;\r\n{HEADER}F-1;2026-01-15;2026-02-14;ten;Acme;business\n"));
    assert_eq!(refusal(&reading, 0), (3, Some("amount"), "not_an_amount"));
}

#[test]
fn ambiguity_is_decided_once_and_said() {
    let reading = csv("number;issued_on;due_on;amount;debtor_name\nF-1;03/04/2026;05/06/2026;1.234;Acme\n");
    let draft = drafts(&reading)[0];
    assert_eq!((draft.issued_on.to_string().as_str(), draft.principal.minor), ("2026-04-03", 123_400));
    let said: Vec<String> = reading.notes.iter().map(ToString::to_string).collect();
    assert_eq!(said.len(), 4, "{said:?}");
    // The due column is proven month first, and one program wrote both.
    let reading = csv("number;issued_on;due_on;amount;debtor_name\nF-1;03/04/2026;05/26/2026;1;Acme\n");
    assert_eq!(drafts(&reading)[0].issued_on.to_string(), "2026-03-04");
}

#[test]
fn a_file_that_cannot_be_trusted_is_refused_as_a_whole() {
    let refused = |text: &str| read(text.as_bytes(), &defaults()).unwrap_err();
    let missing = refused("number;issued_on;due_on;debtor_name\nF-1;2026-01-15;2026-02-14;Acme\n");
    assert_eq!((missing.code(), missing.column().map(|c| c.as_str())), ("missing_column", Some("amount")));
    assert!(missing.to_string().contains("importe") && missing.to_string().contains("issued_on"));
    assert_eq!(refused("hello world\n").code(), "missing_column");
    assert_eq!(refused(&format!("{}{}", HEADER.trim_end(), ";importe\n")).code(), "doubled_column");
    let mixed = "F-1;25/01/2026;2026-02-14;10;Acme;business\nF-2;01/25/2026;2026-02-14;10;Acme;business\n";
    assert_eq!(refused(&format!("{HEADER}{mixed}")).code(), "mixed_dates");
    let mixed = "F-1;2026-01-15;2026-02-14;1.000,00;Acme;business\nF-2;2026-01-15;2026-02-14;1,000.00;Acme;business\n";
    assert_eq!(refused(&format!("{HEADER}{mixed}")).code(), "mixed_amounts");
    assert_eq!(refused("<CrossIndustryInvoice/>").code(), "not_an_invoice");
    assert_eq!(refused("").code(), "empty_file");
}

const UBL: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
  xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
  xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
  <cbc:ID>F-9</cbc:ID><cbc:IssueDate>2026-01-15</cbc:IssueDate><cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>
  <cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode><cac:OrderReference><cbc:ID>PED-7</cbc:ID></cac:OrderReference>
  <cac:AccountingSupplierParty><cac:Party><cac:PartyTaxScheme><cbc:CompanyID>ESB12345674</cbc:CompanyID>
    <cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme></cac:Party></cac:AccountingSupplierParty>
  <cac:AccountingCustomerParty><cac:Party>
    <cac:PostalAddress><cbc:StreetName>Rue de la Paix 1</cbc:StreetName><cbc:CityName>Paris</cbc:CityName><cbc:PostalZone>75002</cbc:PostalZone>
      <cac:Country><cbc:IdentificationCode>FR</cbc:IdentificationCode></cac:Country></cac:PostalAddress>
    <cac:PartyTaxScheme><cbc:CompanyID>FR44732829320</cbc:CompanyID><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>
    <cac:PartyLegalEntity><cbc:RegistrationName>Caf&#233; &amp; Fils</cbc:RegistrationName></cac:PartyLegalEntity>
    <cac:Contact><cbc:ElectronicMail>compta@example.fr</cbc:ElectronicMail></cac:Contact></cac:Party></cac:AccountingCustomerParty>
  <cac:LegalMonetaryTotal><cbc:PayableAmount currencyID="EUR">1234.5</cbc:PayableAmount></cac:LegalMonetaryTotal>
</Invoice>"#;

fn ubl(text: &str) -> Result<Candidate, Refusal> {
    let reading = read(text.as_bytes(), &defaults()).unwrap();
    assert_eq!(reading.format, Format::Ubl);
    reading.rows[0].draft.clone().and_then(|draft| check(draft, &defaults()))
}

#[test]
fn a_ubl_invoice_becomes_a_candidate() {
    let candidate = ubl(UBL).unwrap();
    assert_eq!(
        (candidate.number.as_str(), candidate.issuer.as_str(), candidate.principal.minor),
        ("F-9", "ES:B12345674", 123_450)
    );
    assert_eq!((candidate.due_on.to_string().as_str(), candidate.due_on_assumed), ("2026-02-14", true));
    assert_eq!(candidate.purchase_order.as_deref(), Some("PED-7"));
    let debtor = candidate.debtor;
    assert_eq!((debtor.legal_name.as_str(), debtor.identity_key.as_str()), ("Café & Fils", "FR:732829320"));
    assert_eq!((debtor.country.as_str(), debtor.language.as_str(), debtor.city.as_deref()), ("FR", "fr", Some("Paris")));
}

#[test]
fn what_a_ubl_invoice_cannot_be_is_refused_with_its_column() {
    let refused = |from: &str, to: &str| {
        assert!(UBL.contains(from));
        let refusal = ubl(&UBL.replace(from, to)).unwrap_err();
        (refusal.column.unwrap_or_default(), refusal.code)
    };
    let at = |column: &str, code| (column.to_owned(), code);
    assert_eq!(refused(">1234.5<", ">0<"), at("amount", "not_positive"));
    assert_eq!(refused(">1234.5<", ">-1.00<"), at("amount", "not_positive"));
    assert_eq!(refused(">1234.5<", ">1.234,5<"), at("amount", "not_an_amount"));
    assert_eq!(refused("currencyID=\"EUR\"", "currencyID=\"USD\""), at("currency", "currency_mismatch"));
    assert_eq!(refused(">EUR<", ">XXX<"), at("currency", "unknown_currency"));
    assert_eq!(refused(">EUR<", ">USD<"), at("currency", "currency_mismatch"));
    assert_eq!(refused(">380<", ">381<"), at("", "credit_note"));
    assert_eq!(refused(">380<", ">325<"), at("", "pro_forma"));
    assert_eq!(refused(">FR<", ">SE<"), at("country", "unknown_country"));
    assert_eq!(refused("FR44732829320", "FR45732829320"), at("tax_number", "check_digit"));
    assert_eq!(refused("2026-01-15", "15/01/2026"), at("issued_on", "not_a_date"));
    assert_eq!(refused("<cbc:ID>F-9</cbc:ID>", ""), at("number", "missing"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        std::hint::black_box(read(&bytes, &defaults()).is_ok());
    }

    #[test]
    fn no_damage_to_an_invoice_makes_a_reader_panic(at in 0_usize..2000, cut in 0_usize..40, put in prop::collection::vec(any::<u8>(), 0..20)) {
        for sample in [UBL, TEMPLATE] {
            let mut bytes = sample.as_bytes().to_vec();
            let at = at % bytes.len();
            let end = (at + cut).min(bytes.len());
            bytes.splice(at..end, put.iter().copied());
            if let Ok(reading) = read(&bytes, &defaults()) {
                for draft in reading.rows.into_iter().filter_map(|row| row.draft.ok()) {
                    std::hint::black_box(check(draft, &defaults()).is_ok());
                }
            }
        }
    }

    #[test]
    fn no_cell_makes_a_reader_panic(cells in prop::collection::vec("[0-9.,/\\-() €a-zñ\"';\u{0}-\u{1f}]{0,14}", 6)) {
        let text = format!("{HEADER}{}\n", cells.join(";"));
        if let Ok(reading) = read(text.as_bytes(), &defaults()) {
            for draft in reading.rows.into_iter().filter_map(|row| row.draft.ok()) {
                std::hint::black_box(check(draft, &defaults()).is_ok());
            }
        }
    }
}
