//! Everybody signs up, agencies show their papers, the operator vets them, invoices come in as they are in real life.

use std::collections::BTreeMap;

use entente::{
    app::App,
    parties::{Company as NewCompany, organisation::CompanyAddress},
};
use serde_json::{Value, json};

use crate::cli::{
    Failure,
    demo::{
        cast::{self, Company, IKER, JONE, OPERATOR, Person},
        client::{Reply, Stop, Told},
        narrator::euros,
        tally::Who,
        world::{Party, Taken, World},
    },
    operator,
};

/// A list as a billing program writes it, a batch of Facturae, and the old ones from a spreadsheet.
const URRUTIA_FILES: [(&str, &[u8]); 3] = [
    ("urrutia-facturas.csv", include_bytes!("../files/urrutia-facturas.csv")),
    ("urrutia-arrieta.xml", include_bytes!("../files/urrutia-arrieta.xml")),
    ("urrutia-antiguas.xlsx", include_bytes!("../files/urrutia-antiguas.xlsx")),
];
/// UBL, a Factur-X PDF, CII, and an archive with an Italian invoice in it and one that came before.
const COMPTOIR_FILES: [(&str, &[u8]); 4] = [
    ("CL-26-0412.xml", include_bytes!("../files/CL-26-0412.xml")),
    ("CL-26-0377.pdf", include_bytes!("../files/CL-26-0377.pdf")),
    ("CL-26-0298.xml", include_bytes!("../files/CL-26-0298.xml")),
    ("comptoir-septembre.zip", include_bytes!("../files/comptoir-septembre.zip")),
];
const URRUTIA_JSON: &str = include_str!("../files/urrutia.json");

pub async fn play(world: &mut World, app: &App) -> Told {
    world.tell.chapter("The cast");
    operator_begins(world, app).await?;
    for (who, company) in [(Who::Urrutia, cast::URRUTIA), (Who::Comptoir, cast::COMPTOIR)] {
        sign_up(world, who, company).await?;
    }
    for person in [(IKER, "sales"), (JONE, "accountant")] {
        add_member(world, Who::Urrutia, person).await?;
    }
    for (who, company) in [(Who::Serenos, cast::SERENOS), (Who::Passerelle, cast::PASSERELLE), (Who::Amable, cast::AMABLE)] {
        sign_up(world, who, company).await?;
        show_papers(world, who).await?;
    }
    vet(world).await?;
    world.tell.chapter("Invoices come in, as they are");
    for (name, content) in URRUTIA_FILES {
        upload(world, Who::Urrutia, name, content).await?;
    }
    send_json(world, "sends the refused row again, its number corrected, and one more from its billing program, as JSON").await?;
    for (name, content) in COMPTOIR_FILES {
        upload(world, Who::Comptoir, name, content).await?;
    }
    world.tell_mails().await
}

async fn operator_begins(world: &mut World, app: &App) -> Told {
    let password = world.password.clone();
    let made = appoint(app, password).await.map_err(|error| Stop::because(format!("the operator could not be made: {error}")))?;
    let client = world.log_in(OPERATOR.short, OPERATOR.admin.email).await?;
    world.parties.insert(Who::Entente, Party { company: OPERATOR, id: made, client });
    world.does(Who::Entente, &format!("{}, made by the command line, runs the marketplace", OPERATOR.admin.full_name))
}

/// As `entente operator create` does.
async fn appoint(app: &App, password: String) -> Result<String, Failure> {
    let text = |value: &str| operator::text(value.to_owned());
    let address =
        CompanyAddress { street: text(OPERATOR.street)?, postal_code: text(OPERATOR.postal_code)?, city: text(OPERATOR.city)? };
    let company = NewCompany {
        company_number: OPERATOR.number.to_owned(),
        legal_name: text(OPERATOR.name)?,
        country: None,
        iban: OPERATOR.iban.parse()?,
        address,
        email: operator::text(OPERATOR.email.to_owned())?,
        phone: None,
        language: None,
    };
    let (email, full_name) = (operator::text(OPERATOR.admin.email.to_owned())?, text(OPERATOR.admin.full_name)?);
    Ok(operator::appoint(app, &email, &full_name, Some(&company), password).await?.id.to_string())
}

async fn sign_up(world: &mut World, who: Who, company: Company) -> Told {
    let signed_up = world.nobody.post("/api/v1/sign-up", &company.sign_up(&world.password)).await?;
    let id = signed_up.json().text("/organisation/id")?.to_owned();
    let client = world.log_in(company.short, company.admin.email).await?;
    world.parties.insert(who, Party { company, id, client });
    world.does(who, &format!("{} signs up as {}: {}, {}", company.admin.full_name, company.kind, company.name, company.city))?;
    world.tell.detail(&format!("company number {} and account {} pass their check digits", company.number, company.iban));
    Ok(())
}

async fn add_member(world: &mut World, who: Who, (person, role): (Person, &str)) -> Told {
    let body = json!({ "full_name": person.full_name, "email": person.email, "role": role, "password": world.password });
    world.party(who)?.client.post("/api/v1/members", &body).await?;
    world.does(who, &format!("takes in {} ({role})", person.full_name))
}

async fn show_papers(world: &World, who: Who) -> Told {
    let party = world.party(who)?;
    let licences = party.company.licences.iter().map(|country| ("licence", *country));
    for (kind, country) in licences.chain([("insurance", party.company.country)]) {
        let paper = json!({
            "kind": kind, "country": country, "issuer": "Registro de papeles inventados", "reference": format!("{}-{country}-2026", party.company.number),
            "valid_from": "2026-01-01", "valid_until": "2027-12-31",
        });
        party.client.post("/api/v1/agency/credentials", &paper).await?;
    }
    let where_to = party.company.licences.join(" and ");
    world.does(who, &format!("shows its licence for {where_to} and its insurance, both with an end date"))
}

async fn vet(world: &World) -> Told {
    let operator = &world.party(Who::Entente)?.client;
    let waiting = operator.get("/api/v1/operator/credentials?status=submitted&limit=200").await?;
    let mut vetted: BTreeMap<String, usize> = BTreeMap::new();
    for paper in waiting.json().list("/data")? {
        let path = format!("/api/v1/operator/credentials/{}/decision", paper.text("/id")?);
        operator.post(&path, &json!({ "decision": "vetted", "note": "seen in the register" })).await?;
        *vetted.entry(paper.text("/agency_name")?.to_owned()).or_default() += 1;
    }
    let all: Vec<String> = vetted.iter().map(|(agency, count)| format!("{count} of {agency}")).collect();
    world.does(Who::Entente, &format!("vets the papers: {}. Now they may bid.", all.join(", ")))
}

async fn upload(world: &mut World, who: Who, name: &str, content: &'static [u8]) -> Told {
    let path = format!("/api/v1/receivables/uploads?file_name={name}");
    let answer = world.party(who)?.client.upload(&path, content).await?;
    world.does(who, &format!("uploads {name} ({} bytes)", content.len()))?;
    take_note(world, who, &answer).await
}

async fn send_json(world: &mut World, told: &str) -> Told {
    let body: Value =
        serde_json::from_str(URRUTIA_JSON).map_err(|error| Stop::because(format!("urrutia.json is no JSON: {error}")))?;
    let answer = world.party(Who::Urrutia)?.client.post("/api/v1/receivables", &body).await?;
    world.does(Who::Urrutia, told)?;
    take_note(world, Who::Urrutia, &answer).await
}

/// Tells what became of each row, and remembers what came in.
async fn take_note(world: &mut World, who: Who, answer: &Reply) -> Told {
    let intake = answer.json();
    world.tell.detail(&format!(
        "read as {}: {} accepted, {} known already, {} refused",
        intake.text("/format")?,
        intake.number("/accepted")?,
        intake.number("/known")?,
        intake.number("/refused")?
    ));
    for row in intake.list("/rows")? {
        let (line, number) =
            (row.number("/row")?, row.find("/number").map(|part| part.raw().replace('"', "")).unwrap_or_default());
        match row.text("/status")? {
            "accepted" => {
                let taken = read_receivable(world, who, row.text("/receivable_id")?, row.text("/debtor_id")?).await?;
                world.tell.detail(&format!("row {line}: {number}, {}, due {}", euros(taken.principal), taken.due_on));
                world.invoices.insert(number, taken);
            }
            "known" => world.tell.detail(&format!("row {line}: {number} is known already; nothing is doubled")),
            _ => world.tell.detail(&format!("row {line}: refused, column {}: {}", row.text("/column")?, row.text("/reason")?)),
        }
    }
    Ok(())
}

async fn read_receivable(world: &World, who: Who, id: &str, debtor: &str) -> Told<Taken> {
    let shown = world.party(who)?.client.get(&format!("/api/v1/receivables/{id}")).await?;
    let shown = shown.json();
    let due = shown.text("/due_on")?;
    let due_on = due.parse().map_err(|_| Stop::because(format!("`{due}` is no day")))?;
    Ok(Taken { receivable: id.to_owned(), debtor: debtor.to_owned(), principal: shown.minor("/principal")?, due_on })
}
