//! Samples of our own, real files where they stand beside the checkout, and all of them damaged at random.

use proptest::prelude::*;

use super::*;
use crate::{bank::refusal::Fault, receivables::test_support::shared_dir};

fn unsaid() -> Unsaid {
    Unsaid { account: "ES9121000418450200051332".to_owned(), currency: Currency::EUR }
}

const CAMT_053: &[u8] = include_bytes!("../../../tests/samples/bank/camt053.xml");
const CAMT_054: &[u8] = include_bytes!("../../../tests/samples/bank/camt054.xml");
const MT_940: &[u8] = include_bytes!("../../../tests/samples/bank/mt940.sta");
const NORMA_43: &[u8] = include_bytes!("../../../tests/samples/bank/norma43.n43");
const CSV: &[u8] = include_bytes!("../../../tests/samples/bank/statement.csv");
const SAMPLES: [(&[u8], StatementFormat); 5] = [
    (CAMT_053, StatementFormat::Camt053),
    (CAMT_054, StatementFormat::Camt054),
    (MT_940, StatementFormat::Mt940),
    (NORMA_43, StatementFormat::Norma43),
    (CSV, StatementFormat::Csv),
];

/// One month of one account: a payment with its reference, one by two invoice numbers, a charge, and a payment sent back.
#[test]
fn every_format_tells_the_same_story() {
    for (bytes, format) in SAMPLES {
        let file = read(bytes, &unsaid()).unwrap_or_else(|refusal| panic!("{format}: {refusal}"));
        assert_eq!(file.format, format);
        let entries = &file.statements[0].entries;
        assert_eq!(file.statements[0].account, "ES9121000418450200051332", "{format}");
        let told: Vec<_> = entries.iter().map(|entry| (entry.booked_on.to_string(), entry.amount.minor)).collect();
        let expected = [("2026-11-02", 109_585), ("2026-11-03", 35_000), ("2026-11-03", -450), ("2026-11-04", -35_000)];
        assert_eq!(told, expected.map(|(day, minor)| (day.to_owned(), minor)), "{format}");
        assert!(entries[0].text.contains("RF18539007547034"), "{format}: {}", entries[0].text);
        assert!(entries[1].text.contains("F-2026-0817") && entries[1].text.contains("F-2026-0818"), "{format}");
        if format != StatementFormat::Norma43 {
            assert_eq!(entries[0].counterparty.as_deref(), Some("Bodegas Ruiz SA"), "{format}");
            assert_eq!(entries[0].counterparty_account.as_deref(), Some("ES7921000813610123456789"), "{format}");
        }
        if format != StatementFormat::Csv {
            assert!(entries[3].is_reversal && !entries[2].is_reversal, "{format}");
        }
    }
}

#[test]
fn a_collective_entry_is_taken_apart_where_its_details_make_its_sum() {
    let file = read(CAMT_054, &unsaid()).unwrap();
    let places: Vec<&str> = file.statements[0].entries.iter().map(|entry| entry.place.as_str()).collect();
    assert_eq!(places[..2], ["statement 1, entry 1", "statement 1, entry 2, detail 1"]);
    let odd = String::from_utf8(CAMT_054.to_vec())
        .unwrap()
        .replace("<Amt Ccy=\"EUR\">350.00</Amt><!-- detail -->", "<Amt Ccy=\"EUR\">349.00</Amt>");
    let whole = read(odd.as_bytes(), &unsaid()).unwrap();
    assert_eq!(whole.count(), file.count() - 1, "details that do not make the sum leave the entry whole");
    assert_eq!(whole.statements[0].entries[1].amount.minor, 34_550);
}

fn refusal(bytes: &[u8]) -> String {
    read(bytes, &unsaid()).map(|file| format!("{} entries", file.count())).unwrap_err().to_string()
}

#[test]
fn a_wrong_file_is_refused_whole_with_its_place() {
    let camt = String::from_utf8(CAMT_053.to_vec()).unwrap();
    let mt = String::from_utf8(MT_940.to_vec()).unwrap();
    let norma = String::from_utf8(NORMA_43.to_vec()).unwrap();
    let table = [
        (String::new(), "the file is empty"),
        ("hello, world".to_owned(), "no bank statement that is read"),
        ("%PDF-1.7".to_owned(), "no bank statement that is read"),
        ("{}".to_owned(), "no bank statement that is read"),
        (camt.replace("camt.053.001.08", "camt.052.001.08"), "camt.052 tells what may still change"),
        (camt.replace("camt.053.001.08", "camt.053.001.11"), "`camt.053.001.11` is no version"),
        (
            camt.replace("<Amt Ccy=\"EUR\">4.50</Amt>", "<Amt Ccy=\"EUR\">4.5O</Amt>"),
            "statement 1, entry 3: `4.5O` is not an amount",
        ),
        (camt.replace("<Amt Ccy=\"EUR\">4.50</Amt>", "<Amt Ccy=\"EUR\">4.51</Amt>"), "the closing balance is 2091.35 EUR"),
        (camt.replace("<Cd>BOOK</Cd>", ""), "entry 1: Sts is missing"),
        (camt[..camt.len() - 20].to_owned(), "the XML is broken at byte"),
        (format!("<!DOCTYPE a [<!ENTITY b 'b'>]>{}", &camt[camt.find("<Document").unwrap()..]), "document type"),
        (
            mt.replace(":61:2611031103D4,50", ":61:2611031103X4,50"),
            "line 12: `X4,50NCHGNONREF//2026110300002` is neither credit nor debit",
        ),
        (mt.replace(":62F:", ":62G:"), "the statement that begins on line 2: :62F: is missing"),
        (mt.replace(":20:", ":21:"), "line 2: :20: is missing"),
        (mt.replace(":28C:", ":34F:"), "MT942 tells what may still change"),
        (norma.replace("26110326110312", "26130326110312"), "line 6: `261303` is not a day"),
        (norma.lines().take(7).collect::<Vec<_>>().join("\n"), "line 7: the account's totals (record 33) is missing"),
        (norma.replace("0000000003545000002", "0000000003545100002"), "the total of debits is 354.51 EUR in 2"),
        ("Date;Amount\n2026-11-02;1,00\n2026-11-03;12..34\n".to_owned(), "line 3: `12..34` is not an amount"),
        ("Date;Amount\n2026-11-02;1.234\n".to_owned(), "cannot be read one way only"),
        ("Date;Amount\nsum;1,00\n".to_owned(), "line 2: `sum` is not a day"),
        ("Date;Debit;Credit\n2026-11-02;1,00;2,00\n".to_owned(), "line 2: both 1.00 EUR and 2.00 EUR"),
    ];
    for (text, expected) in table {
        let said = refusal(text.as_bytes());
        assert!(said.contains(expected), "expected `{expected}`, got `{said}`");
    }
}

#[test]
fn a_wrapped_line_that_looks_like_a_tag_is_text_and_a_bankers_february_has_thirty_days() {
    let text = ":20:X\n:25:12345678/1020304050EUR\n:28C:1\n:60F:C160229EUR1200,00\n:61:1602300301DR6,00N024NONREF\n\
                :86:106?00FEE?20EREF+VZ1?21SVWZ+12-09-2014T16\n:26:37 Fo?22lgenr\n:62F:C160301EUR1194,00\n-\n";
    let file = read(text.as_bytes(), &unsaid()).unwrap();
    let entry = &file.statements[0].entries[0];
    assert_eq!(file.statements[0].account, "12345678/1020304050");
    assert_eq!(
        (entry.valued_on.unwrap().to_string(), entry.booked_on.to_string()),
        ("2016-02-29".to_owned(), "2016-03-01".to_owned())
    );
    assert_eq!((entry.end_to_end_id.as_deref(), entry.text.as_str()), (Some("VZ1"), "EREF+VZ1SVWZ+12-09-2014T16:26:37 Folgenr"));
}

/// What each real file comes to: how many entries, or a part of the refusal. The sums of several were spoilt when their
/// owners made them anonymous, and fragments of a format are no files of it.
const REAL: &[(&str, &str)] = &[
    ("camt/camt/test/data/camt053.v2.wrong.xml", "there is no statement"),
    ("camt/camt/test/data/camt053.v2.minimal.xml", "1 entries"),
    ("camt/camt/test/data/camt052.v8.xml", "camt.052 tells what may still change"),
    ("camt/bankstatementparser/tests/test_data/golden/camt053_duplicate_same_day.xml", "2 entries"),
    ("camt/bankstatementparser/tests/test_data/golden/camt053_no_namespace.xml", "is no version"),
    ("n43/l10n-spain/l10n_es_account_statement_import_n43/tests/test.n43", "3 entries"),
    ("n43/l10n-spain/l10n_es_account_statement_import_n43/tests/testmulti.n43", "6 entries"),
    ("n43/norma43_parser/spec/fixtures/example2.n43", "the account's totals (record 33) is missing"),
    ("mt940/mt940/mt940_tests/jejik/generic.sta", "2 entries"),
    ("mt940/mt940/mt940_tests/jejik/sns.sta", "2 entries"),
    ("mt940/mt940/mt940_tests/mBank/mt940.sta", "3 entries"),
    ("mt940/mt940/mt940_tests/mBank/mt942.sta", "MT942 tells what may still change"),
    ("mt940/mt940/mt940_tests/self-provided/february_30.sta", "1 entries"),
    ("mt940/mt940/mt940_tests/self-provided/wrapped_timestamp.sta", "1 entries"),
    ("mt940/mt940/mt940_tests/self-provided/overly_long_details.sta", "something is missing"),
    ("mt940/mt940/mt940_tests/cmxl/statement_line.sta", "line 1: :20: is missing"),
    ("mt940/mt940/mt940_tests/betterplace/sepa_snippet_broken.sta", "line 6: this cannot stand here: :25:"),
    ("csv/bank-statement-import/account_statement_import_sheet_file/tests/fixtures/debit_credit_amount.csv", "4 entries"),
    ("csv/bank-statement-import/account_statement_import_sheet_file/tests/fixtures/sample_statement_en.csv", "2 entries"),
    (
        "csv/bank-statement-import/account_statement_import_sheet_file/tests/fixtures/original_currency_no_header.csv",
        "no bank statement",
    ),
    (
        "csv/bank-statement-import/account_statement_import_sheet_file/tests/fixtures/meta_data_separated_credit_debit.csv",
        "is not a day",
    ),
    ("other/bankstatementparser/tests/test_data/sample_split_amounts.csv", "2 entries"),
    ("other/bankstatementparser/tests/test_data/golden/csv_french_headers.csv", "3 entries"),
    ("other/bankstatementparser/tests/test_data/golden/csv_garbled_amount.csv", "`amount` cannot be read one way only"),
];

#[test]
fn real_files_are_read_or_refused_as_known() {
    let Some(shared) = shared_dir() else { return };
    let folder = shared.join("data/bank");
    for (name, expected) in REAL {
        let bytes = std::fs::read(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        let said = read(&bytes, &unsaid()).map_or_else(|refusal| refusal.to_string(), |file| format!("{} entries", file.count()));
        assert!(said.contains(expected), "{name}: expected `{expected}`, got `{said}`");
    }
}

/// Every file of a folder, whatever it is.
fn files(folder: &std::path::Path, found: &mut Vec<(String, Vec<u8>)>) {
    for path in std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            files(&path, found);
        } else if let Ok(bytes) = std::fs::read(&path) {
            found.push((path.display().to_string(), bytes));
        }
    }
}

#[test]
fn of_real_files_the_syntax_is_read_even_where_the_sums_were_spoilt() {
    let Some(shared) = shared_dir() else { return };
    let mut found = Vec::new();
    files(&shared.join("data/bank"), &mut found);
    let mut counts = std::collections::BTreeMap::new();
    for (name, bytes) in &found {
        match read_unproven(bytes, &unsaid()) {
            Ok(file) => *counts.entry(file.format.as_str()).or_insert(0) += 1,
            Err(Refusal::At { place, fault }) => assert!(!place.is_empty() && !fault.to_string().is_empty(), "{name}"),
            Err(refusal) => assert!(!refusal.to_string().is_empty(), "{name}"),
        }
    }
    println!("read: {counts:?} of {} files", found.len());
    for (format, least) in [("camt.053", 9), ("camt.054", 3), ("mt940", 15), ("norma43", 2), ("csv", 7)] {
        assert!(counts.get(format).copied().unwrap_or(0) >= least, "{format}: {counts:?}");
    }
}

fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let sample = (0..SAMPLES.len()).prop_map(|which| SAMPLES[which].0.to_vec());
    let blows = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0_u8..4), 1..12);
    (sample, blows).prop_map(|(mut bytes, blows)| {
        for (at, byte, kind) in blows {
            if bytes.is_empty() {
                break;
            }
            let at = at.index(bytes.len());
            match kind {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                2 => bytes.truncate(at),
                _ => {
                    bytes.drain(at..(at + usize::from(byte)).min(bytes.len()));
                }
            }
        }
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    /// Whatever becomes of a file on its way: it is read or refused, and what is read holds together.
    #[test]
    fn a_damaged_file_never_panics_and_what_is_read_of_it_holds(bytes in damaged()) {
        if let Ok(file) = read(&bytes, &unsaid()) {
            prop_assert!(!file.statements.is_empty());
            for statement in &file.statements {
                prop_assert!(statement.prove().is_ok());
                prop_assert!(statement.entries.iter().all(|entry| entry.amount.minor != 0 && !entry.place.is_empty()));
            }
        }
    }

    #[test]
    fn a_cent_changed_in_a_statement_with_balances_is_noticed(which in 0_usize..3, digit in 1_u8..=9) {
        let (bytes, _) = [SAMPLES[0], SAMPLES[2], SAMPLES[3]][which];
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let (from, to) = [("1095.85", "1095.8"), ("1095,85", "1095,8"), ("00000000109585", "0000000010958")][which];
        prop_assume!(digit != 5);
        let changed = text.replacen(from, &format!("{to}{digit}"), 1);
        let refused = matches!(read(changed.as_bytes(), &unsaid()), Err(Refusal::At { fault: Fault::Balance { .. } | Fault::Total { .. }, .. }));
        prop_assert!(refused);
    }
}
