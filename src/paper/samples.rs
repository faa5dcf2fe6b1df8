//! Sheets with plausible content, for tests and for looking at.

use chrono::{NaiveDate, NaiveTime};
use chrono_tz::Tz;

use super::{
    BadDebtSheet, CaseFileSheet, Claim, ClaimRow, Credential, Demand, FeeInvoiceSheet, LetterSheet, Letterhead, MandateSheet,
    Party, PaymentDetails, ReceiptSheet, RowKind, StatementSheet,
    bad_debt::BadDebtRow,
    case_file::{PaymentRow, TimelineRow, Verification},
    mail::DebtorMail,
    mandate::{Limits, Signature, Terms},
    notice::{Addressee, ListedCase, Notice},
    receipt::{AllocationRow, Part},
    statement::{AccountRows, MovementRow},
    treasury::{TreasuryBlock, TreasuryPart, TreasurySheet},
};
use crate::types::{BasisPoints, Channel, Country, Currency, FeeSchedule, Language, Money, Tone, term::TermKind};

pub fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

pub fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::EUR)
}

fn party(name: &str, number: &str, street: &str, postal_code: &str, city: &str, country: Country) -> Party {
    let text = |text: &str| Some(text.to_owned());
    Party {
        name: name.to_owned(),
        company_number: text(number),
        street: text(street),
        postal_code: text(postal_code),
        city: text(city),
        country,
        email: text("hola@example.com"),
        phone: text("+34 930 00 00 00"),
    }
}

pub fn creditor() -> Party {
    party("Papeles del Sur SA", "A41000001", "Calle de la Industria 7", "41007", "Sevilla", Country::Spain)
}

pub fn agency() -> Party {
    party("Cobros Claros SL", "B08000002", "Avinguda Diagonal 410, 3r 2a", "08037", "Barcelona", Country::Spain)
}

pub fn debtor() -> Party {
    let mut debtor = party("Librairie de l'Étoile SARL", "732829320", "14 rue des Martyrs", "75009", "Paris", Country::France);
    debtor.email = None;
    debtor
}

pub fn licence() -> Credential {
    Credential {
        issuer: "Registro de agencias de recobro".to_owned(),
        reference: "RA-2024-118".to_owned(),
        valid_until: day("2028-12-31"),
    }
}

pub fn insurance() -> Credential {
    Credential {
        issuer: "Mutua de Responsabilidad".to_owned(),
        reference: "RC-99-2041".to_owned(),
        valid_until: day("2027-06-30"),
    }
}

pub fn claim() -> Claim {
    let row = |kind: RowKind, minor: i64| ClaimRow {
        invoice: Some("F-2026-0817".to_owned()),
        kind,
        uncertain: false,
        amount: eur(minor),
    };
    let interest = RowKind::Interest {
        from: day("2026-09-03"),
        until: day("2026-11-03"),
        days: 62,
        rate: BasisPoints(1015),
        base: eur(123_456),
        ground: "Ley 3/2004 art. 7.2".to_owned(),
    };
    Claim {
        on: day("2026-11-23"),
        rows: vec![
            row(
                RowKind::Principal {
                    issued_on: day("2026-08-03"),
                    due_on: day("2026-09-02"),
                    ground: "Código Civil art. 1091".to_owned(),
                },
                123_456,
            ),
            row(interest, 2_129),
            row(RowKind::Compensation { ground: "Ley 3/2004 art. 8".to_owned() }, 4_000),
            ClaimRow { invoice: None, kind: RowKind::Paid, uncertain: false, amount: eur(-20_000) },
        ],
    }
}

pub fn payment_details() -> PaymentDetails {
    PaymentDetails {
        holder: "Cobros Claros SL".to_owned(),
        iban: "ES9121000418450200051332".parse().expect("an IBAN"),
        reference: "RF18539007547034".parse().expect("a reference"),
    }
}

pub fn demand(language: Language) -> Demand {
    Demand {
        language,
        tone: Tone::Neutral,
        sender: agency(),
        licence: Some(licence()),
        acts_for: Some(creditor()),
        debtor: debtor(),
        earlier: None,
        claim: claim(),
        offer: None,
        pay_by: day("2026-12-07"),
        payment: payment_details(),
        page_link: "https://entente.example/d/AZrOs4j1f3uO2nT5bH1kq0xYp3cVd8mWlR2sQeUaLzA".to_owned(),
        own_words: None,
    }
}

pub fn letter(language: Language) -> LetterSheet {
    LetterSheet {
        demand: demand(language),
        reference: "L-2026-000412".to_owned(),
        sent_on: day("2026-11-23"),
        letterhead: Letterhead::default(),
        page_code: None,
    }
}

pub fn addressee(language: Language) -> Addressee {
    Addressee { organisation: "Papeles del Sur SA".to_owned(), language, zone: Tz::Europe__Madrid }
}

pub fn notices() -> Vec<Notice> {
    let link = || "https://entente.example/cases/case_01938f5c2b7a7c0e9d3f4a5b6c7d8e9f".to_owned();
    let case_reference = || "RF18 5390 0754 7034".to_owned();
    let listed = || ListedCase { country: Country::Spain, currency: Currency::EUR, amount_band: "500_to_2000".to_owned() };
    let at = || "2026-11-25T16:00:00Z".parse().expect("an instant");
    let ending =
        |term: &TermKind| Notice::TermEnding { term: *term, case_reference: case_reference(), until: at(), link: link() };
    let mut all = vec![
        Notice::OfferLost {
            on: listed(),
            fee: Some(BasisPoints(1450)),
            reason: "Another agency promised a first contact within 24 hours.".to_owned(),
        },
        Notice::OfferWon { on: listed(), fee: BasisPoints(1200), sign_by: at(), link: link() },
        Notice::MandateToSign {
            case_reference: case_reference(),
            other_party: agency().name,
            fee: BasisPoints(1200),
            sign_by: at(),
            link: link(),
        },
        Notice::PaymentDeclared {
            case_reference: case_reference(),
            declared_by: agency().name,
            amount: eur(50_000),
            received_on: day("2026-11-20"),
            answer_by: at(),
            link: link(),
        },
        Notice::PaymentConfirmed {
            case_reference: case_reference(),
            amount: eur(50_000),
            received_on: day("2026-11-20"),
            share: eur(42_740),
            payout_due_on: day("2026-11-23"),
            link: link(),
        },
        Notice::AccountToConfirm {
            iban: "ES91 2100 0418 4502 0005 1332".to_owned(),
            code: "04711999".to_owned(),
            confirm_by: "2026-11-25T09:15:00Z".parse().expect("an instant"),
            cooling_days: 3,
            link: "https://entente.example/".to_owned(),
        },
        Notice::CaseReturned {
            case_reference: case_reference(),
            agency: agency().name,
            reason: "The debtor answers to the creditor alone.".to_owned(),
            link: link(),
        },
        Notice::PasswordForgotten { full_name: "Lucía Vega".to_owned(), link: link() },
        Notice::Invited { full_name: "Lucía Vega".to_owned(), organisation: agency().name, link: link() },
        Notice::CaseClosed {
            case_reference: case_reference(),
            outcome: "paid".to_owned(),
            recovered: eur(109_585),
            link: link(),
        },
    ];
    all.extend(TermKind::ALL.iter().map(ending));
    all
}

pub fn signature() -> Signature {
    Signature {
        full_name: "Lucía Vega".to_owned(),
        signed_at: "2026-11-23T09:15:00Z".parse().expect("an instant"),
        address: "192.0.2.7".to_owned(),
        document_sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".to_owned(),
    }
}

pub fn framework(language: Language) -> super::FrameworkSheet {
    super::FrameworkSheet {
        language,
        reference: "frm_2026".to_owned(),
        made_on: day("2026-11-23"),
        creditor: creditor(),
        agency: agency(),
        licences: vec![licence()],
        insurances: vec![insurance()],
        client_account: "FR1420041010050500013M02606".parse().expect("an IBAN"),
        commission: BasisPoints(2000),
        payout_target_hours: 72,
        notice_days: 30,
    }
}

pub fn mandate(language: Language) -> MandateSheet {
    MandateSheet {
        language,
        zone: Tz::Europe__Madrid,
        reference: "M-2026-000093".to_owned(),
        case_reference: "RF18 5390 0754 7034".to_owned(),
        made_on: day("2026-11-23"),
        creditor: creditor(),
        agency: agency(),
        licences: vec![licence()],
        insurances: vec![insurance()],
        client_account: "FR1420041010050500013M02606".parse().expect("an IBAN"),
        debtor: debtor(),
        claim: claim(),
        terms: Terms {
            fee: FeeSchedule::Success { rate_bp: BasisPoints(1200) },
            currency: Currency::EUR,
            commission: BasisPoints(2000),
            payout_target_hours: 72,
            exclusive_until: day("2027-05-22"),
            recall_days: 60,
            first_contact_hours: 24,
            update_every_days: 14,
            tone: Tone::Gentle,
        },
        limits: Limits {
            tone_ceiling: Tone::Neutral,
            channels: vec![Channel::Mail, Channel::Letter, Channel::Call],
            contact_from: NaiveTime::from_hms_opt(9, 0, 0).expect("a time"),
            contact_until: NaiveTime::from_hms_opt(18, 30, 0).expect("a time"),
        },
        framework: None,
        creditor_signature: None,
        agency_signature: None,
    }
}

pub fn receipt(language: Language) -> ReceiptSheet {
    let row = |part: Part, minor: i64| AllocationRow { invoice: "F-2026-0817".to_owned(), part, amount: eur(minor) };
    ReceiptSheet {
        language,
        reference: "Q-2026-000031".to_owned(),
        case_reference: "RF18 5390 0754 7034".to_owned(),
        issued_on: day("2026-11-23"),
        issuer: agency(),
        creditor: creditor(),
        debtor: debtor(),
        received_on: day("2026-11-20"),
        bank_reference: "2026112000417".to_owned(),
        allocations: vec![row(Part::Compensation, 4_000), row(Part::Interest, 2_129), row(Part::Principal, 43_871)],
        still_open: eur(59_585),
    }
}

pub fn fee_invoice(language: Language) -> FeeInvoiceSheet {
    let with_vat_number =
        |party: Party| Party { company_number: party.company_number.map(|number| format!("ES{number}")), ..party };
    FeeInvoiceSheet {
        language,
        number: "ENT-2026-000042".to_owned(),
        corrects: None,
        issued_on: day("2026-11-23"),
        supplied_on: day("2026-11-20"),
        issuer: with_vat_number(agency()),
        recipient: with_vat_number(creditor()),
        is_commission: false,
        case_reference: "RF18 5390 0754 7034".to_owned(),
        base: eur(100_000),
        rate: BasisPoints(1200),
        net: eur(12_000),
        vat_rate: BasisPoints(2100),
        vat: eur(2_520),
        gross: eur(14_520),
        vat_ground: "Ley 37/1992 art. 90.Uno".to_owned(),
        is_reverse_charge: false,
    }
}

pub fn treasury(language: Language) -> TreasurySheet {
    let numbers = [("#panic DSO".to_owned(), "30,41".to_owned()), ("CEI".to_owned(), "71,54 %".to_owned())];
    let block = TreasuryBlock {
        currency: "EUR".to_owned(),
        figures: numbers.to_vec(),
        columns: vec!["Age".to_owned(), "Open".to_owned()],
        rows: vec![vec!["31–60".to_owned(), "1.500,00 €".to_owned()]],
    };
    let part = TreasuryPart {
        title: "Ageing".to_owned(),
        text: "What is owed, by how long it has been due.".to_owned(),
        blocks: vec![block.clone(), TreasuryBlock { currency: "GBP".to_owned(), ..block }],
    };
    TreasurySheet { language, owner: creditor(), on: day("2026-11-30"), parts: vec![part] }
}

pub fn statement(language: Language) -> StatementSheet {
    let row = |at: &str, kind: &str, minor: i64| MovementRow {
        at: at.parse().expect("an instant"),
        kind: kind.to_owned(),
        case_reference: Some("RF18539007547034".to_owned()),
        amount: eur(minor),
    };
    StatementSheet {
        language,
        zone: Tz::Europe__Madrid,
        owner: creditor(),
        first_on: day("2026-11-01"),
        last_on: day("2026-11-23"),
        made_at: "2026-11-23T09:15:00Z".parse().expect("an instant"),
        accounts: vec![AccountRows {
            kind: "payable".to_owned(),
            opening: eur(0),
            rows: vec![
                row("2026-11-06T10:00:00Z", "payment.confirmed", -85_480),
                row("2026-11-09T10:00:00Z", "payout.paid", 85_480),
            ],
            closing: eur(0),
        }],
    }
}

pub fn bad_debt(language: Language) -> BadDebtSheet {
    BadDebtSheet {
        language,
        made_on: day("2026-11-23"),
        case_reference: "RF18539007547034".to_owned(),
        creditor: creditor(),
        agency: Some(agency()),
        debtor: debtor(),
        outcome: "insolvent".to_owned(),
        closed_on: day("2026-11-20"),
        recovered: eur(0),
        steps: vec![("contact_sent".to_owned(), 7), ("task_done".to_owned(), 2)],
        first_step_on: Some(day("2026-08-03")),
        last_step_on: Some(day("2026-11-02")),
        rows: vec![BadDebtRow {
            number: "F-2026-0817".to_owned(),
            issued_on: day("2026-06-30"),
            total: eur(121_000),
            open: eur(121_000),
            vat: Some(eur(21_000)),
        }],
        ground: "Ley 37/1992 art. 80.Tres–Cinco".to_owned(),
        last_hash: signature().document_sha256,
    }
}

pub fn case_file(language: Language) -> CaseFileSheet {
    let event = |seq: i32, at: &str, kind: &str, actor: &str, note: &str| TimelineRow {
        seq,
        at: at.parse().expect("an instant"),
        kind: kind.to_owned(),
        actor_kind: actor.to_owned(),
        note: note.to_owned(),
        hash: format!("{:0<64x}", u128::from(seq.unsigned_abs()) * 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced),
    };
    CaseFileSheet {
        language,
        zone: Tz::Europe__Madrid,
        case_reference: "RF18 5390 0754 7034".to_owned(),
        made_at: "2026-11-23T09:15:00Z".parse().expect("an instant"),
        phase: "active".to_owned(),
        outcome: None,
        creditor: creditor(),
        agency: Some(agency()),
        debtor: debtor(),
        claim: Some(claim()),
        payments: vec![PaymentRow {
            received_on: day("2026-11-03"),
            bank_reference: "2026110300117".to_owned(),
            status: "confirmed".to_owned(),
            amount: eur(20_000),
        }],
        timeline: vec![
            event(1, "2026-10-01T08:00:00Z", "posted", "member", ""),
            event(2, "2026-10-01T08:00:04Z", "listed", "member", ""),
            event(3, "2026-10-05T15:00:00Z", "awarded", "engine", "12 %"),
            event(4, "2026-10-06T09:31:12Z", "mandate_signed", "member", ""),
            event(5, "2026-10-06T10:00:00Z", "contact_sent", "engine", "E-mail"),
            event(6, "2026-11-03T11:20:00Z", "payment_confirmed", "api_key", "200,00 €"),
        ],
        verification: Verification::Intact { last_hash: signature().document_sha256 },
    }
}

/// The text of a PDF as read from top to bottom, spaces and line ends folded.
pub fn text_of(pdf: &[u8]) -> String {
    let mut document = lopdf::Document::load_mem(pdf).expect("a PDF");
    let pages: Vec<u32> = document.get_pages().into_keys().collect();
    for object in document.objects.values_mut() {
        let Ok(stream) = object.as_stream_mut() else { continue };
        let Ok(content) = stream.decompressed_content() else { continue };
        // lopdf reads maps of glyphs to characters only without comments, versions and writing modes.
        let map = String::from_utf8_lossy(&content);
        if !map.contains("begincmap") {
            continue;
        }
        let kept = map.lines().filter(|line| !["%", "/CMapVersion", "/WMode"].iter().any(|start| line.starts_with(start)));
        let kept = kept.collect::<Vec<_>>().join("\n");
        stream.dict.remove(b"Filter");
        stream.set_content(kept.into_bytes());
    }
    let text = document.extract_text(&pages).expect("text");
    text.replace(['\u{a0}', '\u{202f}', '\u{ad}'], " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Writes every sheet and mail to the folder named by `ENTENTE_SHEETS` when compiling, to be looked at.
#[test]
fn papers_to_look_at() {
    let Some(folder) = option_env!("ENTENTE_SHEETS") else { return };
    let write = |name: String, content: &[u8]| std::fs::write(format!("{folder}/{name}"), content).expect("a file");
    for language in Language::ALL {
        let mut signed = mandate(*language);
        signed.creditor_signature = Some(signature());
        for (name, pdf) in [
            ("letter", letter(*language).pdf()),
            ("mandate", signed.pdf()),
            ("framework", framework(*language).pdf()),
            ("receipt", receipt(*language).pdf()),
            ("bad_debt_certificate", bad_debt(*language).certificate()),
            ("bad_debt_credit_note", bad_debt(*language).draft_credit_note()),
            ("statement", statement(*language).pdf()),
            ("fee_invoice", fee_invoice(*language).pdf()),
            ("case_file", case_file(*language).pdf()),
        ] {
            write(format!("{name}-{language}.pdf"), &pdf.expect(name));
        }
        let notices = notices().into_iter().map(|notice| super::notice::to_organisation(&addressee(*language), &notice));
        let mails = DebtorMail::ALL.iter().map(|template| super::mail::to_debtor(*template, &demand(*language))).chain(notices);
        for (number, mail) in mails.enumerate() {
            let mail = mail.expect("a mail");
            write(format!("mail-{number}-{language}.html"), mail.html.as_bytes());
            write(format!("mail-{number}-{language}.txt"), format!("{}\n\n{}", mail.subject, mail.text).as_bytes());
        }
    }
}
