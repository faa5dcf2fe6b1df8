//! What each syntax says, read from a sample of it.

use super::*;

fn documents(bytes: &[u8]) -> Vec<InvoiceDocument> {
    let reading = read(bytes, &defaults()).unwrap();
    reading.rows.into_iter().map(|row| *row.document.unwrap()).collect()
}

fn eur(text: &str) -> Option<Money> {
    Money::parse_decimal(text, Currency::EUR).ok()
}

fn day(text: &str) -> Option<NaiveDate> {
    text.parse().ok()
}

fn parts(document: &InvoiceDocument) -> Vec<(Option<NaiveDate>, Option<Money>)> {
    document.instalments.iter().map(|part| (part.due_on, part.amount)).collect()
}

#[test]
fn ubl_says_who_owes_what_and_why() {
    let [document] = documents(UBL_INVOICE).try_into().unwrap();
    assert_eq!((document.kind, document.type_code.as_deref()), (InvoiceKind::Invoice, Some("380")));
    assert_eq!(
        (document.number.as_deref(), document.issued_on, document.due_on),
        (Some("VF-2026-118"), day("2026-03-02"), day("2026-04-01"))
    );
    assert_eq!((document.net, document.tax, document.total), (eur("1000"), eur("55"), eur("1055")));
    assert_eq!((document.prepaid, document.payable, document.lines), (eur("55"), eur("1000"), 2));
    assert_eq!((document.purchase_order.as_deref(), document.delivery_note.as_deref()), (Some("BC-5501"), Some("BL-901")));
    assert_eq!((document.delivered_on, document.payment_terms.as_deref()), (day("2026-02-27"), Some("30 jours net")));
    assert_eq!(document.seller.name.as_deref(), Some("Verger & Fils SARL"));
    assert_eq!(document.seller.trading_name.as_deref(), Some("Verger"));
    assert_eq!(document.seller.electronic_address.as_deref(), Some("0002:732829320"));
    assert_eq!(document.buyer.vat_number.as_deref(), Some("ESB12345674"));
    assert!(document.breaches.is_empty());
    let draft = document.draft().unwrap();
    assert_eq!((draft.issuer.as_deref(), draft.debtor.street.as_deref()), (Some("FR44732829320"), Some("Calle Mayor 1, Bajo")));
}

#[test]
fn a_credit_note_names_its_invoice_and_is_no_receivable() {
    let reading = read(UBL_CREDIT_NOTE, &defaults()).unwrap();
    let row = &reading.rows[0];
    let document = row.document.as_ref().unwrap();
    assert_eq!((document.kind, document.credited()), (InvoiceKind::CreditNote, eur("211")));
    assert_eq!((document.preceding[0].number.as_str(), document.preceding[0].issued_on), ("VF-2026-118", day("2026-03-02")));
    assert_eq!(row.draft.as_ref().unwrap_err().code, "credit_note");
}

#[test]
fn cii_says_the_same_in_its_own_words() {
    let [document] = documents(CII_INVOICE).try_into().unwrap();
    assert_eq!((document.number.as_deref(), document.issued_on), (Some("RE-4711"), day("2026-03-10")));
    assert_eq!(
        (document.net, document.tax, document.total, document.payable),
        (eur("2000"), eur("380"), eur("2380"), eur("2380"))
    );
    assert_eq!(parts(&document), [(day("2026-04-09"), eur("1380")), (day("2026-05-09"), eur("1000"))]);
    assert_eq!((document.due_on, document.due()), (day("2026-04-09"), day("2026-05-09")));
    assert_eq!(document.payee.as_deref(), Some("Faktor Beispiel AG"));
    assert_eq!((document.purchase_order.as_deref(), document.delivery_note.as_deref()), (Some("PO-88"), Some("LS-77")));
    assert_eq!((document.delivered_on, document.lines), (day("2026-03-09"), 1));
    assert_eq!((document.seller.vat_number.as_deref(), document.seller.register_number.as_deref()), (Some("DE136695976"), None));
    assert_eq!(document.buyer.trading_name.as_deref(), Some("Voorbeeld Daken"));
    assert_eq!(document.buyer.email.as_deref(), Some("admin@voorbeeld.example"));
    assert_eq!(document.preceding[0].number, "RE-4700");
    let draft = document.draft().unwrap();
    assert_eq!((draft.debtor.kind, draft.debtor.country), (Some(DebtorKind::Business), Some(Country::Netherlands)));
}

#[test]
fn zugferd_1_states_no_payable_amount_and_its_terms_in_words() {
    let [document] = documents(ZUGFERD_1).try_into().unwrap();
    assert_eq!((document.payable, document.owed()), (None, eur("119")));
    assert_eq!((document.due_on, document.due_by_terms, document.due()), (None, day("2026-01-19"), day("2026-01-19")));
    assert_eq!((document.purchase_order.as_deref(), document.delivery_note.as_deref()), (Some("B-12"), Some("LS-3")));
}

#[test]
fn a_facturae_batch_is_several_invoices_of_one_seller() {
    let [first, second, corrective] = documents(FACTURAE_BATCH).try_into().unwrap();
    assert_eq!((first.full_number().as_deref(), first.type_code.as_deref()), (Some("A/101"), Some("FC/OO")));
    // A professional's income tax is withheld by the customer: it is not owed to the seller.
    assert_eq!((first.total, first.withheld, first.payable), (eur("1210"), eur("150"), eur("1060")));
    assert_eq!(parts(&first), [(day("2026-03-03"), eur("530")), (day("2026-04-02"), eur("530"))]);
    assert_eq!((first.purchase_order.as_deref(), first.delivery_note.as_deref()), (Some("PED-9"), Some("ALB-4")));
    assert_eq!(
        (first.buyer.name.as_deref(), first.buyer.trading_name.as_deref()),
        (Some("Hostal Modelo SA"), Some("Hostal Modelo"))
    );
    assert_eq!((second.full_number().as_deref(), second.payable), (Some("A/102"), eur("52")));
    assert_eq!((corrective.kind, corrective.credited()), (InvoiceKind::CreditNote, eur("121")));
    assert_eq!(corrective.preceding[0].number, "A/101");
    let reading = read(FACTURAE_BATCH, &defaults()).unwrap();
    let accepted: Vec<bool> = reading.rows.iter().map(|row| row.draft.is_ok()).collect();
    assert_eq!(accepted, [true, true, false]);
    assert_eq!(reading.rows.iter().map(|row| row.row).collect::<Vec<_>>(), [1, 2, 3]);
}

#[test]
fn a_fattura_has_a_body_for_each_invoice() {
    let [split, parted] = documents(FATTURAPA_TWO_BODIES).try_into().unwrap();
    // The public body pays the tax to the treasury: only the net is owed.
    assert_eq!((split.total, split.payable, split.withheld, split.owed()), (None, None, eur("220"), eur("1000")));
    assert_eq!(
        (split.purchase_order.as_deref(), split.delivery_note.as_deref(), split.delivered_on),
        (Some("ODA-3"), Some("D-9"), day("2026-01-18"))
    );
    assert_eq!((split.buyer.kind, split.buyer.street.as_deref()), (Some(DebtorKind::Public), Some("Piazza Municipio 1")));
    assert_eq!(split.buyer.electronic_address.as_deref(), Some("0205:UFABCD"));
    assert_eq!((parted.number.as_deref(), parted.lines, parted.payable), (Some("13/PA"), 2, eur("122")));
    assert_eq!(parts(&parted), [(day("2026-03-22"), eur("61")), (day("2026-04-21"), eur("61"))]);
    assert_eq!(split.seller.vat_number.as_deref(), Some("IT00743110157"));
}

#[test]
fn two_ways_to_pay_a_fattura_are_not_two_parts_of_it() {
    let text = String::from_utf8(FATTURAPA_TWO_BODIES.to_vec()).unwrap().replace(">61.00<", ">122.00<");
    let [_, both] = documents(text.as_bytes()).try_into().unwrap();
    assert_eq!(both.payable, eur("122"));
}

#[test]
fn what_claims_nothing_is_refused_by_its_type() {
    let refusal = |sample: &[u8], from: &str, to: &str| {
        let text = String::from_utf8(sample.to_vec()).unwrap();
        assert!(text.contains(from), "{from}");
        let row = read(text.replacen(from, to, 1).as_bytes(), &defaults()).unwrap().rows.remove(0);
        row.draft.unwrap_err().code
    };
    assert_eq!(refusal(UBL_INVOICE, ">380<", ">381<"), "credit_note");
    assert_eq!(refusal(UBL_INVOICE, ">380<", ">325<"), "pro_forma");
    assert_eq!(refusal(CII_INVOICE, ">380<", ">381<"), "credit_note");
    assert_eq!(refusal(FATTURAPA_TWO_BODIES, ">TD01<", ">TD04<"), "credit_note");
    assert_eq!(refusal(FATTURAPA_TWO_BODIES, ">TD01<", ">TD17<"), "self_invoice");
}

#[test]
fn totals_that_do_not_add_up_are_refused_with_the_rule() {
    let refusal = |from: &str, to: &str| {
        let text = String::from_utf8(UBL_INVOICE.to_vec()).unwrap().replacen(from, to, 1);
        read(text.as_bytes(), &defaults()).unwrap().rows.remove(0).draft.unwrap_err()
    };
    let refused = refusal(">1055.00</cbc:TaxInclusiveAmount>", ">1056.00</cbc:TaxInclusiveAmount>");
    assert_eq!((refused.column.as_deref(), refused.code), (Some("amount"), "totals"));
    assert!(refused.reason.contains("BR-CO-15") && refused.reason.contains("1055.00 EUR"), "{}", refused.reason);
    assert!(refusal(">1000.00</cbc:PayableAmount>", ">1055.00</cbc:PayableAmount>").reason.contains("BR-CO-16"));
}

#[test]
fn an_amount_with_a_fraction_of_a_cent_is_refused_and_zeros_are_not() {
    let read = |amount: &str| {
        let text = String::from_utf8(UBL_INVOICE.to_vec())
            .unwrap()
            .replace(">1000.00</cbc:PayableAmount>", &format!(">{amount}</cbc:PayableAmount>"));
        read(text.as_bytes(), &defaults()).unwrap().rows.remove(0)
    };
    assert_eq!(read("1000.0000").document.unwrap().payable, eur("1000"));
    assert_eq!(read("+1000").document.unwrap().payable, eur("1000"));
    assert_eq!(read("1000.005").draft.unwrap_err().code, "not_an_amount");
    assert_eq!(read("1e3").draft.unwrap_err().code, "not_an_amount");
    assert_eq!(read("1.000,00").draft.unwrap_err().code, "not_an_amount");
}

#[test]
fn every_sample_is_read_by_its_own_reader() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/samples/intake/");
    let table = [
        ("ubl-invoice.xml", "ubl", Format::Ubl, 1, 0),
        ("ubl-credit-note.xml", "ubl", Format::Ubl, 0, 1),
        ("cii-invoice.xml", "cii", Format::Cii, 1, 0),
        ("zugferd-1.xml", "cii", Format::Cii, 1, 0),
        ("facturae-batch.xml", "facturae", Format::Facturae, 2, 1),
        ("fatturapa-two-bodies.xml", "fatturapa", Format::FatturaPa, 2, 0),
        ("fattura.xml.p7m", "p7m", Format::FatturaPa, 2, 0),
        ("factur-x.pdf", "pdf", Format::Pdf, 1, 0),
        ("list.csv", "csv", Format::Csv, 3, 0),
        ("list.xlsx", "xlsx", Format::Xlsx, 3, 0),
        ("list.ods", "ods", Format::Ods, 3, 0),
        ("everything.zip", "zip", Format::Zip, 9, 1),
    ];
    for (name, reader, format, taken, refused) in table {
        let bytes = std::fs::read(format!("{folder}{name}")).unwrap();
        assert_eq!(reader::reader_of(&bytes), Some(reader), "{name}");
        let reading = read(&bytes, &defaults()).unwrap();
        let drafts = reading.rows.iter().filter(|row| row.draft.is_ok()).count();
        assert_eq!((reading.format, drafts, reading.rows.len() - drafts), (format, taken, refused), "{name}");
    }
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), table.len());
}

/// The list of real files beside the checkout, as somebody else's script read them.
#[test]
fn real_files_are_read_as_listed_or_differ_for_known_reasons() {
    let Some(shared) = shared_dir() else { return };
    let list = std::fs::read(shared.join("data/einvoice/EXPECTED.csv")).unwrap();
    let known = include_str!("../../../../tests/einvoice-known.csv");
    let (mut agree, mut all) = (0, 0);
    for entry in manifest::entries(&list).unwrap() {
        let content = std::fs::read(shared.join("data").join(&entry.file)).unwrap();
        all += 1;
        match entry.compare(&content, &defaults()) {
            manifest::Outcome::Agrees | manifest::Outcome::RefusedAsExpected(_) => agree += 1,
            manifest::Outcome::Differs(differences) => {
                assert!(known.contains(&entry.file), "{}: {differences:?}", entry.file);
            }
        }
    }
    println!("{agree} of {all} files agree");
    assert!(agree * 100 >= all * 98, "{agree} of {all} files agree");
}

/// Units of the validation artefacts of EN 16931: documents that keep or break one named rule.
#[test]
fn rules_of_the_standard_show_in_what_is_read() {
    let Some(shared) = shared_dir() else { return };
    let folder = shared.join("data/einvoice/en16931-rules/eInvoicing-EN16931/test");
    let mut checked = std::collections::BTreeMap::<String, (u32, u32)>::new();
    for kind in ["Invoice-unit-UBL", "CreditNote-unit-UBL"] {
        for entry in std::fs::read_dir(folder.join(kind)).unwrap() {
            let path = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            for unit in text.split("<test>").skip(1) {
                check_unit(unit, &path.display().to_string(), &mut checked);
            }
        }
    }
    println!("{checked:?}");
    assert!(checked.len() >= 10, "{checked:?}");
    assert!(checked.values().map(|(kept, broken)| kept + broken).sum::<u32>() >= 40, "{checked:?}");
}

/// Whole documents of the same artefacts, which keep every rule: none is refused for its totals.
#[test]
fn documents_that_keep_every_rule_are_not_blamed_for_one() {
    let Some(shared) = shared_dir() else { return };
    let folder = shared.join("data/einvoice/en16931-rules/eInvoicing-EN16931/test/testfiles");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let row = read(&std::fs::read(&path).unwrap(), &defaults()).unwrap().rows.remove(0);
        let document = row.document.unwrap();
        assert!(document.breaches.is_empty(), "{}: {:?}", path.display(), document.breaches);
        assert!(document.number.is_some() && document.payable.is_some() && document.issued_on.is_some(), "{}", path.display());
        seen += 1;
    }
    assert!(seen >= 20, "{seen}");
}

fn check_unit(unit: &str, path: &str, checked: &mut std::collections::BTreeMap<String, (u32, u32)>) {
    let between = |open: &str, close: &str| unit.split(open).nth(1)?.split(close).next();
    let start = unit.find("<Invoice").or_else(|| unit.find("<CreditNote")).unwrap();
    let name = if unit[start..].starts_with("<Invoice") { "Invoice" } else { "CreditNote" };
    let Some(end) = unit.find(&format!("</{name}>")) else { return };
    let mut text = unit[start..end + name.len() + 3].to_owned();
    // Units hold no more than their rule looks at; no amount is read without a currency.
    if !text.contains("DocumentCurrencyCode") {
        let inside = text.find('>').unwrap() + 1;
        text.insert_str(inside, "<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>");
    }
    let (rule, kept) = match (between("<success>", "<"), between("<error>", "<")) {
        (Some(rule), _) => (rule, true),
        (None, Some(rule)) => (rule, false),
        _ => return,
    };
    let Ok(reading) = read(text.as_bytes(), &defaults()) else { return };
    let Some(document) = &reading.rows[0].document else { return };
    let Some(broken) = breaks(document, rule) else { return };
    assert_eq!(broken, !kept, "{path}: {rule}\n{text}");
    let count = checked.entry(rule.to_owned()).or_default();
    if kept { count.0 += 1 } else { count.1 += 1 }
}

/// Whether the reading shows that the rule is broken; none for rules about what we do not read.
fn breaks(document: &InvoiceDocument, rule: &str) -> Option<bool> {
    Some(match rule {
        "BR-02" => document.number.is_none(),
        "BR-06" => document.seller.name.is_none(),
        "BR-07" => document.buyer.name.is_none(),
        "BR-09" => document.seller.country.is_none(),
        "BR-11" => document.buyer.country.is_none(),
        "BR-13" => document.net.is_none(),
        "BR-14" => document.total.is_none(),
        "BR-16" => document.lines == 0,
        "BR-17" => document.payee.is_none(),
        "BR-CO-15" | "BR-CO-16" => document.breaches.iter().any(|breach| breach.rule == rule),
        "BR-CO-25" => {
            document.payable.is_some_and(Money::is_positive) && document.due_on.is_none() && document.payment_terms.is_none()
        }
        _ => return None,
    })
}
