//! Files that mean harm, or were cut on their way: refused by themselves, with a reason and a place.

use super::{packed::zip, *};

fn refused(bytes: &[u8]) -> FileRefusal {
    read(bytes, &defaults()).unwrap_err()
}

fn text(sample: &[u8]) -> String {
    String::from_utf8(sample.to_vec()).unwrap()
}

const DOCUMENTS: [&[u8]; 6] = [UBL_INVOICE, UBL_CREDIT_NOTE, CII_INVOICE, ZUGFERD_1, FACTURAE_BATCH, FATTURAPA_TWO_BODIES];
const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";

#[test]
fn entity_bombs_and_document_types_are_refused_in_every_syntax() {
    let bomb = "<!DOCTYPE a [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;\">]>";
    let outside = "<!DOCTYPE a SYSTEM \"file:///etc/passwd\">";
    for sample in DOCUMENTS {
        for prologue in [bomb, outside] {
            let armed = text(sample).replacen(DECLARATION, &format!("{DECLARATION}{prologue}"), 1);
            assert_eq!(refused(armed.as_bytes()), FileRefusal::DocumentType);
        }
        let close = text(sample).rfind("</").unwrap();
        let mut entity = text(sample);
        entity.insert_str(close, "&c;");
        assert_eq!(refused(entity.as_bytes()), FileRefusal::Entity("c".to_owned()));
    }
}

#[test]
fn deep_nesting_is_refused_before_it_is_climbed() {
    for sample in DOCUMENTS {
        let close = text(sample).rfind("</").unwrap();
        let mut deep = text(sample);
        deep.insert_str(close, &"<x>".repeat(1_000));
        assert_eq!(refused(deep.as_bytes()).code(), "too_deep");
    }
}

#[test]
fn a_truncated_document_is_refused_with_the_place_wherever_it_was_cut() {
    for sample in DOCUMENTS {
        for cut in (sample.len() / 2..sample.len() - 2).step_by(397) {
            let refusal = refused(&sample[..cut]);
            assert!(
                matches!(refusal, FileRefusal::BrokenXml { at, .. } if at > 0) || refusal.code() == "wrong_encoding",
                "{refusal:?}"
            );
        }
    }
}

#[test]
fn a_document_after_the_document_is_refused() {
    let twice = format!("{}{}", text(UBL_INVOICE), text(UBL_INVOICE).replace(DECLARATION, ""));
    assert_eq!(refused(twice.as_bytes()).code(), "broken_xml");
}

#[test]
fn a_wrong_encoding_is_refused_and_never_garbles_a_name() {
    let latin: Vec<u8> = text(UBL_INVOICE).chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect();
    assert_eq!(refused(&latin), FileRefusal::WrongEncoding("UTF-8"));
    let declared = text(UBL_INVOICE).replace("UTF-8", "ISO-8859-1");
    let declared: Vec<u8> = declared.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let reading = read(&declared, &defaults()).unwrap();
    assert_eq!(reading.rows[0].document.as_ref().unwrap().buyer.name.as_deref(), Some("Frutería Ejemplo SL"));
    // UTF-8 that calls itself UTF-16 is what it is, not what it says.
    let misnamed = text(UBL_INVOICE).replace("UTF-8", "UTF-16");
    assert!(read(misnamed.as_bytes(), &defaults()).is_ok());
}

#[test]
fn nothing_and_less_than_nothing_is_not_owed() {
    for amount in ["0.00", "-1000.00"] {
        // Prepaid in full, or more than in full: the totals add up, and nothing is owed.
        let prepaid = if amount == "0.00" { "1055.00" } else { "2055.00" };
        let changed = text(UBL_INVOICE)
            .replace(">1000.00</cbc:PayableAmount>", &format!(">{amount}</cbc:PayableAmount>"))
            .replace(">55.00</cbc:PrepaidAmount>", &format!(">{prepaid}</cbc:PrepaidAmount>"));
        let draft = read(changed.as_bytes(), &defaults()).unwrap().rows.remove(0).draft.unwrap();
        let refusal = check(draft, &defaults()).unwrap_err();
        assert_eq!((refusal.column.as_deref(), refusal.code), (Some("amount"), "not_positive"));
    }
}

#[test]
fn mixed_currencies_are_refused() {
    let mixed = text(UBL_INVOICE).replace("currencyID=\"EUR\">1055.00", "currencyID=\"USD\">1055.00");
    let refusal = read(mixed.as_bytes(), &defaults()).unwrap().rows.remove(0).draft.unwrap_err();
    assert_eq!((refusal.column.as_deref(), refusal.code), (Some("currency"), "currency_mismatch"));
}

#[test]
fn an_invoice_of_ten_thousand_lines_is_read() {
    let invoice = text(UBL_INVOICE);
    let (start, end) = (invoice.find("<cac:InvoiceLine>").unwrap(), invoice.find("</Invoice>").unwrap());
    let long = format!("{}{}{}", &invoice[..start], invoice[start..end].repeat(5_000), &invoice[end..]);
    let reading = read(long.as_bytes(), &defaults()).unwrap();
    assert_eq!(reading.rows[0].document.as_ref().unwrap().lines, 10_000);
}

#[test]
fn a_list_of_a_million_columns_is_refused_in_no_time() {
    let began = std::time::Instant::now();
    for cell in ["", "number"] {
        let wide = format!("{}\n", vec![cell; 2_000_000].join(";"));
        let code = refused(wide.as_bytes()).code();
        assert!(["too_many_columns", "missing_column", "row_too_long"].contains(&code), "{code}");
    }
    assert!(began.elapsed().as_secs() < 20, "{:?}", began.elapsed());
}

#[test]
fn a_file_too_large_is_refused_unread() {
    assert_eq!(refused(&vec![b' '; LARGEST_FILE_BYTES + 1]).code(), "file_too_large");
}

#[test]
fn a_bomb_in_an_archive_is_left_packed_and_its_neighbours_are_read() {
    let blanks = vec![b' '; 30 * 1024 * 1024];
    let archive = zip(&[("bomb.xml", &blanks), ("invoice.xml", UBL_INVOICE)]);
    assert!(archive.len() < 100_000);
    let reading = read(&archive, &defaults()).unwrap();
    let bomb = &reading.rows[0];
    assert_eq!((bomb.file.as_deref(), bomb.draft.as_ref().unwrap_err().code), (Some("bomb.xml"), "unpacks_too_large"));
    assert!(reading.rows[1].draft.is_ok());
}

#[test]
fn many_small_bombs_share_one_budget() {
    let invoice = [UBL_INVOICE, &vec![b' '; 900 * 1024]].concat();
    let names: Vec<String> = (0..240).map(|number| format!("{number}.xml")).collect();
    let entries: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), invoice.as_slice())).collect();
    let reading = read(&zip(&entries), &defaults()).unwrap();
    let refused = reading.rows.iter().filter(|row| row.draft.as_ref().is_err_and(|refusal| refusal.code == "unpacks_too_large"));
    assert!(refused.count() > 10);
}

#[test]
fn names_that_lead_out_of_the_archive_are_not_opened() {
    let hostile = ["../../etc/cron.d/entente", "/etc/passwd", "a/../../b.xml", "..\\..\\b.xml"];
    let mut entries: Vec<(&str, &[u8])> = hostile.iter().map(|name| (*name, UBL_INVOICE)).collect();
    entries.push(("good/invoice.xml", UBL_INVOICE));
    let reading = read(&zip(&entries), &defaults()).unwrap();
    assert_eq!(reading.rows.len(), 5);
    for row in &reading.rows[..4] {
        assert_eq!(row.draft.as_ref().unwrap_err().code, "unsafe_name", "{:?}", row.file);
    }
    assert!(reading.rows[4].draft.is_ok());
}

#[test]
fn archives_in_archives_in_archives_stay_shut() {
    let mut archive = zip(&[("invoice.xml", UBL_INVOICE)]);
    archive = zip(&[("inner.zip", &archive)]);
    let reading = read(&archive, &defaults()).unwrap();
    assert_eq!(reading.rows[0].file.as_deref(), Some("inner.zip/invoice.xml"));
    assert!(reading.rows[0].draft.is_ok());
    archive = zip(&[("outer.zip", &archive)]);
    let reading = read(&archive, &defaults()).unwrap();
    assert_eq!(reading.rows[0].draft.as_ref().unwrap_err().code, "nested_too_deep");
}

#[test]
fn truncated_archives_and_pdfs_are_refused() {
    let archive = zip(&[("invoice.xml", UBL_INVOICE)]);
    for cut in [5, archive.len() / 2, archive.len() - 5] {
        assert_eq!(refused(&archive[..cut]).code(), "broken_archive");
    }
    let pdf = packed::pdf(&[("factur-x.xml", CII_INVOICE)]);
    for cut in [20, pdf.len() / 3, pdf.len() / 2] {
        let code = refused(&pdf[..cut]).code();
        assert!(["broken_pdf", "pdf_without_xml", "broken_xml"].contains(&code), "{cut}: {code}");
    }
}

#[test]
fn a_bomb_in_a_pdf_is_refused() {
    let bomb = packed::pdf(&[("factur-x.xml", &vec![b' '; 30 * 1024 * 1024])]);
    assert!(bomb.len() < 200_000);
    assert_eq!(refused(&bomb).code(), "unpacks_too_large");
}

#[test]
fn an_object_named_a_million_times_is_read_once() {
    // Ten thousand numbers in an object stream, all of them for one long array, and a table that names them all again.
    let numbers: String = (10..10_010).map(|number| format!("{number} 0 ")).collect();
    let content = format!("{numbers}[{}]", "0 ".repeat(100_000));
    let stream = format!(
        "2 0 obj << /Type /ObjStm /N 10000 /First {} /Length {} >>\nstream\n{content}\nendstream endobj\n",
        numbers.len(),
        content.len()
    );
    let names = (10..10_010).map(|number| format!("{number} 0 R ")).collect::<String>();
    let tree = format!(
        "1 0 obj << /Type /Catalog /AF [{names}] /Names << /EmbeddedFiles << /Kids [3 0 R 3 0 R] >> >> >> endobj\n3 0 obj << /Kids [3 0 R {names}] >> endobj\n"
    );
    let pdf = format!("%PDF-1.7\n{stream}{tree}trailer << /Root 1 0 R >>\n");
    let began = std::time::Instant::now();
    assert_eq!(refused(pdf.as_bytes()).code(), "pdf_without_xml");
    assert!(began.elapsed().as_secs() < 5, "{:?}", began.elapsed());
    let endless = format!("%PDF-1.7\n1 0 obj [{}] endobj trailer << >>", "0 ".repeat(1_100_000));
    assert_eq!(refused(endless.as_bytes()).code(), "broken_pdf");
    let deep = format!("%PDF-1.7\n{} trailer << >>", "1 0 obj ".to_owned() + &"[".repeat(1_000_000));
    assert_eq!(refused(deep.as_bytes()).code(), "pdf_without_xml");
}

#[test]
fn a_spreadsheet_that_asks_for_a_million_rows_is_refused() {
    let rows = "<table:table-row table:number-rows-repeated=\"1048576\"><table:table-cell table:number-columns-repeated=\"200\" \
                office:value-type=\"string\"><text:p>number</text:p></table:table-cell></table:table-row>";
    assert_eq!(refused(&packed::ods(rows)).code(), "too_many_cells");
}

#[test]
fn a_header_is_not_repeated_for_a_hundred_thousand_bodies() {
    let body = "<FatturaElettronicaBody/>".repeat(100_000);
    let many = text(FATTURAPA_TWO_BODIES).replacen("</p:FatturaElettronica>", &format!("{body}</p:FatturaElettronica>"), 1);
    assert_eq!(refused(many.as_bytes()).code(), "too_many_rows");
    let many = text(FACTURAE_BATCH).replace("</Invoices>", &format!("{}</Invoices>", "<Invoice/>".repeat(100_000)));
    assert_eq!(refused(many.as_bytes()).code(), "too_many_rows");
}

#[test]
fn one_hostile_file_costs_no_other() {
    let latin: &[u8] = b"<?xml version=\"1.0\" encoding=\"UTF-8\"?><Invoice xmlns=\"urn:oasis:names:specification:ubl:schema:xsd:Invoice-2\">\xff</Invoice>";
    let entries: [(&str, &[u8]); 7] = [
        ("truncated.xml", &UBL_INVOICE[..900]),
        ("catalogue.xml", b"<Catalogue/>"),
        ("scan.pdf", &packed::pdf(&[])),
        ("latin.xml", latin),
        ("empty.csv", b""),
        ("invoice.xml", UBL_INVOICE),
        ("batch.xml", FACTURAE_BATCH),
    ];
    let reading = read(&zip(&entries), &defaults()).unwrap();
    let answers: Vec<(&str, u32, &str)> = reading
        .rows
        .iter()
        .map(|row| (row.file.as_deref().unwrap(), row.row, row.draft.as_ref().map_or_else(|refusal| refusal.code, |_| "read")))
        .collect();
    assert_eq!(
        answers,
        [
            ("truncated.xml", 1, "broken_xml"),
            ("catalogue.xml", 1, "not_an_invoice"),
            ("scan.pdf", 1, "pdf_without_xml"),
            ("latin.xml", 1, "wrong_encoding"),
            ("empty.csv", 1, "empty_file"),
            ("invoice.xml", 1, "read"),
            ("batch.xml", 1, "read"),
            ("batch.xml", 2, "read"),
            ("batch.xml", 3, "credit_note"),
        ]
    );
}
