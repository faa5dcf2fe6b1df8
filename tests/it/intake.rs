//! Files of every format over HTTP, and the command that compares our reading with a list.

use std::{path::Path, process::Command};

use serde_json::{Value, json};

use crate::support::World;

const UPLOADS: &str = "/api/v1/receivables/uploads";
const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/samples/intake");

fn sample(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(SAMPLES).join(name)).expect("a sample")
}

fn statuses(intake: &Value) -> Vec<&str> {
    intake["rows"].as_array().unwrap().iter().map(|row| row["status"].as_str().unwrap()).collect()
}

#[actix_web::test]
async fn a_file_of_every_format_ends_in_one_answer_for_each_invoice() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let table: [(&str, &str, &[&str]); 10] = [
        ("ubl-invoice.xml", "ubl", &["accepted"]),
        ("ubl-credit-note.xml", "ubl", &["accepted"]),
        ("cii-invoice.xml", "cii", &["accepted"]),
        ("facturae-batch.xml", "facturae", &["accepted", "accepted", "accepted"]),
        ("fatturapa-two-bodies.xml", "fatturapa", &["accepted", "accepted"]),
        ("fattura.xml.p7m", "fatturapa", &["known", "known"]),
        ("factur-x.pdf", "pdf", &["known"]),
        ("list.csv", "csv", &["accepted", "accepted", "accepted"]),
        ("list.xlsx", "xlsx", &["known", "known", "known"]),
        ("list.ods", "ods", &["known", "known", "known"]),
    ];
    for (name, format, expected) in table {
        let intake = creditor.upload(&format!("{UPLOADS}?file_name={name}"), sample(name)).await.expect(200);
        assert_eq!((&intake["format"], statuses(&intake)), (&json!(format), expected.to_vec()), "{name}: {intake}");
    }
    world.finish().await;
}

#[actix_web::test]
async fn an_archive_answers_for_each_file_in_it_and_is_known_when_sent_again() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let intake = creditor.upload(UPLOADS, sample("everything.zip")).await.expect(200);
    assert_eq!((&intake["format"], &intake["accepted"], &intake["refused"]), (&json!("zip"), &json!(10), &json!(0)));
    let credit = &intake["rows"][3];
    assert_eq!(
        (&credit["file"], &credit["row"], &credit["code"]),
        (&json!("2026/facturae-batch.xml"), &json!(3), &json!("credit_note"))
    );
    assert!(intake["notes"][0].as_str().unwrap().starts_with("2026/fattura.xml.p7m: the signature"));
    let again = creditor.upload(UPLOADS, sample("everything.zip")).await.expect(200);
    assert_eq!((&again["accepted"], &again["known"]), (&json!(0), &json!(10)));
    world.finish().await;
}

#[actix_web::test]
async fn a_pdf_and_a_batch_are_kept_as_they_came_for_each_of_their_invoices() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    for (name, media_type) in [
        ("factur-x.pdf", "application/pdf"),
        ("facturae-batch.xml", "application/xml"),
        ("fattura.xml.p7m", "application/pkcs7-mime"),
    ] {
        let intake = creditor.upload(&format!("{UPLOADS}?file_name={name}"), sample(name)).await.expect(200);
        for row in intake["rows"].as_array().unwrap().iter().filter(|row| row["status"] == "accepted" && row["code"].is_null()) {
            let receivable =
                creditor.get(&format!("/api/v1/receivables/{}", row["receivable_id"].as_str().unwrap())).await.expect(200);
            let document = creditor.get(&format!("/api/v1/documents/{}", receivable["document_id"].as_str().unwrap())).await;
            assert_eq!((document.header("content-type"), &document.bytes), (media_type, &sample(name)));
        }
    }
    world.finish().await;
}

#[actix_web::test]
async fn a_number_of_two_invoices_in_one_file_is_refused_in_both() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let list = "number;issued_on;due_on;amount;debtor_name;debtor_kind\nF-1;2026-01-15;2026-02-14;10,00;Acme;business\n\
                F-2;2026-01-15;2026-02-14;10,00;Acme;business\nF-1;2026-01-15;2026-02-14;12,00;Acme;business\n";
    let intake = creditor.upload(UPLOADS, list.into()).await.expect(200);
    assert_eq!(statuses(&intake), ["refused", "accepted", "refused"]);
    assert_eq!((&intake["rows"][0]["code"], &intake["rows"][0]["column"]), (&json!("number_twice"), &json!("number")));
    world.finish().await;
}

fn check(manifest: &Path, known: Option<&Path>) -> (bool, Vec<String>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_entente"));
    command.args(["intake", "check"]).arg(manifest);
    if let Some(known) = known {
        command.arg("--known").arg(known);
    }
    let output = command.output().expect("the program runs");
    let lines = String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect();
    (output.status.success(), lines)
}

#[test]
fn a_list_of_files_is_compared_and_every_difference_named() {
    let folder = tempfile("check");
    std::fs::create_dir_all(folder.join("lists/files")).unwrap();
    std::fs::write(folder.join("lists/files/a.xml"), sample("ubl-invoice.xml")).unwrap();
    std::fs::write(folder.join("lists/scan.pdf"), b"%PDF-1.7\n").unwrap();
    let header = "file,syntax,docs,number,type,issue,due,currency,total,payable,seller,buyer,note\n";
    let right = "files/a.xml,UBL Invoice,1,VF-2026-118,380,2026-03-02,2026-04-01,EUR,1055,1000.00,Verger & Fils SARL,Frutería Ejemplo SL,\n";
    // Relative to the folder above the list.
    let above = right.replace("files/a.xml", "lists/files/a.xml").replace("2026-04-01", "").replace("1000.00", "900");
    let manifest = folder.join("lists/LIST.csv");
    std::fs::write(&manifest, format!("{header}{right}{above}scan.pdf,,,,,,,,,,,,\nmissing.xml,CII,1,9,380,,,,,,,,\n")).unwrap();
    let (success, lines) = check(&manifest, None);
    assert!(!success);
    assert!(lines.contains(&"lists/files/a.xml: due: expected nothing, read 2026-04-01".to_owned()), "{lines:#?}");
    assert!(lines.contains(&"lists/files/a.xml: payable: expected 900, read 1000.00".to_owned()), "{lines:#?}");
    assert!(lines.iter().any(|line| line.starts_with("missing.xml: file: expected a file, read")), "{lines:#?}");
    assert!(lines.iter().any(|line| line.starts_with("scan.pdf: refused")), "{lines:#?}");
    assert_eq!(lines.last().map(String::as_str), Some("2 of 4 files agree"));

    let known = folder.join("known.csv");
    let reasons =
        "file,field,reason\nlists/files/a.xml,due,made up\nlists/files/a.xml,payable,made up\nmissing.xml,*,never written\n";
    std::fs::write(&known, reasons).unwrap();
    let (success, lines) = check(&manifest, Some(&known));
    assert!(success, "{lines:#?}");
    assert_eq!(lines[lines.len() - 2..], ["2 differ for known reasons", "2 of 4 files agree"]);
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn the_shared_list_agrees_but_for_known_reasons() {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/einvoice/EXPECTED.csv");
    if !manifest.exists() {
        eprintln!("SKIPPED: no shared data at {}", manifest.display());
        return;
    }
    let known = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/einvoice-known.csv");
    let (success, lines) = check(&manifest, Some(&known));
    assert!(success, "{lines:#?}");
    assert!(lines.last().unwrap().ends_with(" files agree"));
}

fn tempfile(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()))
}
