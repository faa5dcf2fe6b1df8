//! Invoices inside other files: PDFs, signed envelopes, spreadsheets, archives. The containers are made here.

use std::io::{Cursor, Write};

use ::zip::{ZipWriter, write::SimpleFileOptions};
use base64::{Engine, engine::general_purpose::STANDARD};
use lopdf::{Document, Object, Stream, StringFormat, dictionary};

use super::*;

pub fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in entries {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// A PDF with these files embedded, named in the tree and as associated files.
pub fn pdf(attachments: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut document, names) = specifications(attachments);
    let associated: Vec<Object> = names.iter().skip(1).step_by(2).cloned().collect();
    let tree = document.add_object(dictionary! { "Names" => names });
    let catalogue = dictionary! {
        "Type" => "Catalog", "Names" => dictionary! { "EmbeddedFiles" => tree }, "AF" => associated,
    };
    saved(document, catalogue)
}

fn specifications(attachments: &[(&str, &[u8])]) -> (Document, Vec<Object>) {
    let mut document = Document::with_version("1.7");
    let mut names = Vec::new();
    for (name, content) in attachments {
        let mut stream = Stream::new(dictionary! { "Type" => "EmbeddedFile" }, content.to_vec());
        stream.compress().unwrap();
        let stream = document.add_object(stream);
        let text = |text: &str| Object::String(text.as_bytes().to_vec(), StringFormat::Literal);
        let specification = dictionary! {
            "Type" => "Filespec", "F" => text(name), "UF" => text(name), "EF" => dictionary! { "F" => stream, "UF" => stream },
        };
        let specification = document.add_object(specification);
        names.extend([text(name), specification.into()]);
    }
    (document, names)
}

fn saved(mut document: Document, catalogue: lopdf::Dictionary) -> Vec<u8> {
    let catalogue = document.add_object(catalogue);
    document.trailer.set("Root", catalogue);
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).unwrap();
    bytes
}

fn documents(bytes: &[u8]) -> (Format, Vec<Option<String>>) {
    let reading = read(bytes, &defaults()).unwrap();
    let numbers = reading.rows.iter().map(|row| row.document.as_ref().and_then(|document| document.full_number()));
    (reading.format, numbers.collect())
}

#[test]
fn a_pdf_is_read_by_the_invoice_it_carries() {
    let number = Some("RE-4711".to_owned());
    for name in ["factur-x.xml", "ZUGFeRD-invoice.xml", "xrechnung.xml", "anything.xml"] {
        let attachments: [(&str, &[u8]); 2] = [("terms.txt", b"General terms"), (name, CII_INVOICE)];
        assert_eq!(documents(&pdf(&attachments)), (Format::Pdf, vec![number.clone()]), "{name}");
    }
    let preceded = [b"\n\r\n".as_slice(), &pdf(&[("factur-x.xml", CII_INVOICE)])].concat();
    assert_eq!(documents(&preceded).0, Format::Pdf);
}

#[test]
fn attachments_are_found_by_either_list_and_by_none() {
    let build = |catalogue: fn(Vec<Object>, &mut Document) -> lopdf::Dictionary| {
        let (mut document, names) = specifications(&[("factur-x.xml", CII_INVOICE)]);
        let catalogue = catalogue(names, &mut document);
        saved(document, catalogue)
    };
    let associated = build(|names, _| dictionary! { "Type" => "Catalog", "AF" => vec![names[1].clone()] });
    let nested = build(|names, document| {
        let leaf = document.add_object(dictionary! { "Names" => names });
        let node = document.add_object(dictionary! { "Kids" => vec![leaf.into()] });
        dictionary! { "Type" => "Catalog", "Names" => dictionary! { "EmbeddedFiles" => dictionary! { "Kids" => vec![node.into()] } } }
    });
    let unlisted = build(|_, _| dictionary! { "Type" => "Catalog" });
    for pdf in [associated, nested, unlisted] {
        assert_eq!(documents(&pdf).1, [Some("RE-4711".to_owned())]);
    }
}

#[test]
fn attachments_whose_objects_are_packed_are_found() {
    let (mut document, names) = specifications(&[("factur-x.xml", CII_INVOICE)]);
    let catalogue =
        dictionary! { "Type" => "Catalog", "Names" => dictionary! { "EmbeddedFiles" => dictionary! { "Names" => names } } };
    let catalogue = document.add_object(catalogue);
    document.trailer.set("Root", catalogue);
    let mut bytes = Vec::new();
    let options = lopdf::SaveOptions::builder().use_object_streams(true).use_xref_streams(true).build();
    document.save_with_options(&mut bytes, options).unwrap();
    assert!(bytes.windows(6).any(|window| window == b"ObjStm"));
    assert_eq!(documents(&bytes).1, [Some("RE-4711".to_owned())]);
}

#[test]
fn an_encrypted_pdf_says_so() {
    let (mut document, _) = specifications(&[("factur-x.xml", CII_INVOICE)]);
    document.trailer.set("Encrypt", dictionary! { "Filter" => "Standard" });
    let bytes = saved(document, dictionary! { "Type" => "Catalog" });
    assert_eq!(read(&bytes, &defaults()).unwrap_err(), FileRefusal::Encrypted);
}

#[test]
fn a_name_tree_that_bites_its_tail_ends() {
    let (mut document, _) = specifications(&[]);
    let node = document.new_object_id();
    document.objects.insert(node, dictionary! { "Kids" => vec![node.into(), node.into()] }.into());
    let bytes = saved(document, dictionary! { "Type" => "Catalog", "Names" => dictionary! { "EmbeddedFiles" => node } });
    assert_eq!(read(&bytes, &defaults()).unwrap_err().code(), "pdf_without_xml");
}

#[test]
fn a_pdf_without_an_invoice_says_what_it_carries() {
    let refusal = |attachments: &[(&str, &[u8])]| read(&pdf(attachments), &defaults()).unwrap_err();
    assert!(refusal(&[]).to_string().contains("no file at all"));
    let other = refusal(&[("terms.xml", b"<terms/>"), ("photo.jpg", b"\xff\xd8")]);
    assert!(other.to_string().contains("terms.xml, photo.jpg"), "{other}");
    assert_eq!(refusal(&[("factur-x.xml", &CII_INVOICE[..1500])]).code(), "broken_xml");
}

/// An element of DER.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    [&[tag, 0x84][..], &length, content].concat()
}

/// The same with the indefinite length of BER.
fn ber(tag: u8, content: &[u8]) -> Vec<u8> {
    [&[tag, 0x80][..], content, &[0, 0]].concat()
}

const SIGNED_DATA: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
const DATA: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01];

/// A signed envelope whose signature nobody looks at.
fn envelope(wrap: fn(u8, &[u8]) -> Vec<u8>, content: Option<Vec<u8>>) -> Vec<u8> {
    let content = content.map(|content| wrap(0xa0, &content)).unwrap_or_default();
    let encapsulated = wrap(0x30, &[DATA, &content].concat());
    let signed = wrap(0x30, &[&[0x02, 0x01, 0x01][..], &der(0x31, &[]), &encapsulated, &der(0x31, &[])].concat());
    wrap(0x30, &[SIGNED_DATA, &wrap(0xa0, &signed)].concat())
}

pub fn p7m() -> Vec<u8> {
    envelope(der, Some(der(0x04, FATTURAPA_TWO_BODIES)))
}

#[test]
fn a_signed_envelope_is_opened_and_its_signature_said_to_be_unchecked() {
    let pieces: Vec<u8> = FATTURAPA_TWO_BODIES.chunks(500).flat_map(|chunk| der(0x04, chunk)).collect();
    let binary = p7m();
    let base64 = STANDARD.encode(&binary);
    let lines: String = base64.as_bytes().chunks(64).map(|line| format!("{}\r\n", std::str::from_utf8(line).unwrap())).collect();
    let armoured = format!("-----BEGIN PKCS7-----\n{lines}-----END PKCS7-----\n");
    let samples =
        [binary, envelope(ber, Some(ber(0x24, &pieces))), base64.into_bytes(), lines.into_bytes(), armoured.into_bytes()];
    for sample in samples {
        let reading = read(&sample, &defaults()).unwrap();
        assert_eq!((reading.format, reading.rows.len()), (Format::FatturaPa, 2));
        assert_eq!(reading.notes, [Note::SignatureUnchecked]);
    }
}

#[test]
fn an_envelope_that_holds_no_content_or_is_cut_is_refused() {
    assert_eq!(read(&envelope(der, None), &defaults()).unwrap_err(), FileRefusal::Envelope);
    let whole = p7m();
    for cut in (40..whole.len()).step_by(53) {
        assert_eq!(read(&whole[..cut], &defaults()).unwrap_err(), FileRefusal::Envelope);
    }
    let endless = [&[0x30, 0x80][..], SIGNED_DATA, &[0xa0, 0x80].repeat(200)].concat();
    assert_eq!(read(&endless, &defaults()).unwrap_err(), FileRefusal::Envelope);
}

pub fn xlsx(rows: &str) -> Vec<u8> {
    let types = "<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'/>";
    let root = "<Relationships xmlns='http://schemas.openxmlformats.org/package/2006/relationships'><Relationship Id='r1' \
                Type='http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument' Target='xl/workbook.xml'/></Relationships>";
    let workbook = "<workbook xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main' \
                    xmlns:r='http://schemas.openxmlformats.org/officeDocument/2006/relationships'><sheets>\
                    <sheet name='Notes' sheetId='1' r:id='r1'/><sheet name='Open items' sheetId='2' r:id='r2'/></sheets></workbook>";
    let relations = "<Relationships xmlns='http://schemas.openxmlformats.org/package/2006/relationships'>\
                     <Relationship Id='r1' Type='http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet' Target='worksheets/sheet1.xml'/>\
                     <Relationship Id='r2' Type='http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet' Target='worksheets/sheet2.xml'/>\
                     <Relationship Id='r3' Type='http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles' Target='styles.xml'/></Relationships>";
    let styles = "<styleSheet xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'><cellXfs count='2'><xf numFmtId='0'/>\
                  <xf numFmtId='14' applyNumberFormat='1'/></cellXfs></styleSheet>";
    let sheet = |rows: &str| {
        format!(
            "<worksheet xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'><sheetData>{rows}</sheetData></worksheet>"
        )
    };
    let notes = sheet("<row r='1'><c r='A1' t='inlineStr'><is><t>Exported by hand</t></is></c></row>");
    zip(&[
        ("[Content_Types].xml", types.as_bytes()),
        ("_rels/.rels", root.as_bytes()),
        ("xl/workbook.xml", workbook.as_bytes()),
        ("xl/_rels/workbook.xml.rels", relations.as_bytes()),
        ("xl/styles.xml", styles.as_bytes()),
        ("xl/worksheets/sheet1.xml", notes.as_bytes()),
        ("xl/worksheets/sheet2.xml", sheet(rows).as_bytes()),
    ])
}

/// A row of cells that are texts, numbers or days (style 1), from column A on.
fn xlsx_row(number: u32, cells: &[(&str, &str)]) -> String {
    let cell = |(column, (kind, value)): (char, &(&str, &str))| match *kind {
        "text" => format!("<c r='{column}{number}' t='inlineStr'><is><t>{value}</t></is></c>"),
        "day" => format!("<c r='{column}{number}' s='1'><v>{value}</v></c>"),
        _ => format!("<c r='{column}{number}'><v>{value}</v></c>"),
    };
    format!("<row r='{number}'>{}</row>", ('A'..).zip(cells).map(cell).collect::<String>())
}

const HEADINGS: [(&str, &str); 6] = [
    ("text", "Nº factura"),
    ("text", "Fecha"),
    ("text", "Vencimiento"),
    ("text", "Importe"),
    ("text", "Razón social"),
    ("text", "Tipo de cliente"),
];

fn shown(reading: &Reading) -> Vec<(u32, String, String, i64)> {
    let shown = |row: &Row| {
        let draft = row.draft.as_ref().unwrap();
        (row.row, draft.number.clone(), draft.issued_on.to_string(), draft.principal.minor)
    };
    reading.rows.iter().map(shown).collect()
}

#[test]
fn an_xlsx_goes_the_way_of_csv_with_its_own_numbers_and_days() {
    let rows = [
        xlsx_row(1, &[("text", "Facturas pendientes")]),
        xlsx_row(3, &HEADINGS),
        xlsx_row(
            4,
            &[
                ("number", "20260001"),
                ("day", "46037"),
                ("text", "14/02/2026"),
                ("number", "1234.56"),
                ("text", "Acme"),
                ("text", "empresa"),
            ],
        ),
        xlsx_row(
            6,
            &[("text", "F-2"), ("day", "46037"), ("day", "46067"), ("text", "1.234,50"), ("text", "Acme"), ("text", "empresa")],
        ),
        xlsx_row(
            7,
            &[("text", "F-3"), ("day", "46037"), ("day", "46067"), ("number", "1.5"), ("text", "Acme"), ("text", "empresa")],
        ),
    ];
    let reading = read(&xlsx(&rows.concat()), &defaults()).unwrap();
    assert_eq!(reading.format, Format::Xlsx);
    let day = || "2026-01-15".to_owned();
    let expected =
        [(4, "20260001".to_owned(), day(), 123_456), (6, "F-2".to_owned(), day(), 123_450), (7, "F-3".to_owned(), day(), 150)];
    assert_eq!(shown(&reading), expected);
}

#[test]
fn a_number_that_a_sheet_computed_is_never_a_thousand_times_too_large() {
    let row = |amount| {
        xlsx_row(
            2,
            &[("text", "F-1"), ("day", "46037"), ("day", "46067"), ("number", amount), ("text", "Acme"), ("text", "empresa")],
        )
    };
    let read_amount = |amount| {
        let rows = [xlsx_row(1, &HEADINGS), row(amount)].concat();
        read(&xlsx(&rows), &defaults())
            .unwrap()
            .rows
            .remove(0)
            .draft
            .map(|draft| draft.principal.minor)
            .map_err(|refusal| refusal.code)
    };
    assert_eq!(read_amount("0.30000000000000004"), Ok(30));
    assert_eq!(read_amount("1234"), Ok(123_400));
    // Three decimals are no amount in euros, and no thousand either.
    assert_eq!(read_amount("1.234"), Err("not_an_amount"));
}

pub fn ods(rows: &str) -> Vec<u8> {
    let content = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><office:document-content xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" \
         xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\" xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\">\
         <office:body><office:spreadsheet><table:table table:name=\"Open\">{rows}</table:table></office:spreadsheet></office:body></office:document-content>"
    );
    zip(&[("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", content.as_bytes())])
}

fn ods_row(cells: &[(&str, &str)]) -> String {
    let cell = |(kind, value): &(&str, &str)| match *kind {
        "text" => format!("<table:table-cell office:value-type=\"string\"><text:p>{value}</text:p></table:table-cell>"),
        "day" => format!(
            "<table:table-cell office:value-type=\"date\" office:date-value=\"{value}\"><text:p>15/01/26</text:p></table:table-cell>"
        ),
        _ => format!(
            "<table:table-cell office:value-type=\"currency\" office:value=\"{value}\"><text:p>shown</text:p></table:table-cell>"
        ),
    };
    format!("<table:table-row>{}</table:table-row>", cells.iter().map(cell).collect::<String>())
}

#[test]
fn an_ods_says_the_same_and_its_empty_rows_count() {
    let rows = [
        ods_row(&HEADINGS),
        "<table:table-row table:number-rows-repeated=\"3\"><table:table-cell table:number-columns-repeated=\"16384\"/></table:table-row>".to_owned(),
        ods_row(&[("text", "F-1"), ("day", "2026-01-15"), ("day", "2026-02-14"), ("number", "1234.5"), ("text", "Müller &amp; Co"), ("text", "empresa")]),
        "<table:table-row table:number-rows-repeated=\"1048570\"><table:table-cell table:number-columns-repeated=\"16384\"/></table:table-row>".to_owned(),
    ];
    let reading = read(&ods(&rows.concat()), &defaults()).unwrap();
    assert_eq!(reading.format, Format::Ods);
    assert_eq!(shown(&reading), [(5, "F-1".to_owned(), "2026-01-15".to_owned(), 123_450)]);
    assert_eq!(reading.rows[0].draft.as_ref().unwrap().debtor.legal_name, "Müller & Co");
}

#[test]
fn a_spreadsheet_without_a_list_says_which_column_it_lacks() {
    let rows = xlsx_row(1, &HEADINGS[..3]);
    let refusal = read(&xlsx(&rows), &defaults()).unwrap_err();
    assert_eq!(refusal.code(), "missing_column");
}

#[test]
fn an_archive_of_everything_answers_for_everything() {
    let list = format!("{HEADER}F-1;2026-01-15;2026-02-14;1,00;Acme;business\nF-2;2026-01-15;2026-02-14;ten;Acme;business\n");
    let (pdf, p7m) = (pdf(&[("factur-x.xml", CII_INVOICE)]), p7m());
    let sheet = xlsx(
        &[
            xlsx_row(1, &HEADINGS),
            xlsx_row(2, &[("text", "F-9"), ("day", "46037"), ("day", "46067"), ("number", "1"), ("text", "A"), ("text", "b2b")]),
        ]
        .concat(),
    );
    let archive = zip(&[
        ("2026/", b""),
        ("__MACOSX/2026/._list.csv", b"litter"),
        ("2026/list.csv", list.as_bytes()),
        ("2026/invoice.pdf", &pdf),
        ("2026/fattura.xml.p7m", &p7m),
        ("2026/open.xlsx", &sheet),
    ]);
    let reading = read(&archive, &defaults()).unwrap();
    let answers: Vec<(&str, u32, Format, bool)> =
        reading.rows.iter().map(|row| (row.file.as_deref().unwrap(), row.row, row.format, row.draft.is_ok())).collect();
    assert_eq!(
        answers,
        [
            ("2026/list.csv", 2, Format::Csv, true),
            ("2026/list.csv", 3, Format::Csv, false),
            ("2026/invoice.pdf", 1, Format::Cii, true),
            ("2026/fattura.xml.p7m", 1, Format::FatturaPa, true),
            ("2026/fattura.xml.p7m", 2, Format::FatturaPa, true),
            ("2026/open.xlsx", 2, Format::Xlsx, true),
        ]
    );
    assert!(reading.notes.iter().any(|note| note.to_string().starts_with("2026/fattura.xml.p7m: the signature")));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_damage_to_a_container_makes_a_reader_panic(which in 0_usize..6, at in 0_usize..20_000, cut in 0_usize..40, put in prop::collection::vec(any::<u8>(), 0..20)) {
        let rows = [ods_row(&HEADINGS), ods_row(&[("text", "F-1"), ("day", "2026-01-15")])].concat();
        let mut bytes = match which {
            0 => pdf(&[("factur-x.xml", CII_INVOICE)]),
            1 => p7m(),
            2 => xlsx(&xlsx_row(1, &HEADINGS)),
            3 => ods(&rows),
            4 => zip(&[("invoice.xml", UBL_INVOICE)]),
            _ => FACTURAE_BATCH.to_vec(),
        };
        let at = at % bytes.len();
        let end = (at + cut).min(bytes.len());
        bytes.splice(at..end, put.iter().copied());
        std::hint::black_box(read(&bytes, &defaults()).is_ok());
    }
}
