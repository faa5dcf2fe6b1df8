//! Organisations for a test, signed up as strangers would.

use chrono::TimeDelta;
use entente::{
    db::{By, Scope},
    parties::{
        self, Company, NewMember, PartiesError, Role,
        contact::{Email, Line},
        organisation::CompanyAddress,
        passwords,
    },
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{Client, World};

pub const PASSWORD: &str = "grey-herons-cross-the-estuary-9";

impl World {
    /// A Spanish creditor's administrator. `seed` below a million makes another company of each number.
    pub async fn creditor(&self, seed: u32) -> Client {
        self.organisation("creditor", seed).await
    }

    /// A Spanish agency's administrator, whose licence and insurance for Spain and France are vetted.
    pub async fn agency(&self, seed: u32, operator: &Client) -> Client {
        let agency = self.organisation("agency", seed).await;
        let from = self.now().date_naive() - TimeDelta::days(30);
        for (kind, country) in [("licence", "ES"), ("licence", "FR"), ("insurance", "ES")] {
            let paper = json!({ "kind": kind, "country": country, "issuer": "Registro", "reference": format!("R-{seed}"),
                                "valid_from": from, "valid_until": from + TimeDelta::days(700) });
            let submitted = agency.post("/api/v1/agency/credentials", &paper).await.expect(201);
            let path = format!("/api/v1/operator/credentials/{}/decision", submitted["id"].as_str().unwrap());
            operator.post(&path, &json!({ "decision": "vetted", "note": "seen" })).await.expect(200);
        }
        agency
    }

    async fn organisation(&self, kind: &str, seed: u32) -> Client {
        let stranger = self.stranger();
        stranger.post("/api/v1/sign-up", &sign_up(kind, seed)).await.expect(201);
        self.log_in(&email(kind, seed)).await
    }

    /// The platform's own administrator, made as the command line does.
    pub async fn operator(&self) -> Client {
        let by = By::engine(self.now());
        let address = "operator@entente.example".to_owned();
        let hash = passwords::hash(PASSWORD.to_owned().into(), vec![address.clone()]).await.expect("a hash");
        let (email, full_name): (Email, Line) = (parse(&address), parse("Olga Operadora"));
        let company = platform();
        let made = self.app.db.transaction(Scope::System, async |conn| {
            let admin = NewMember {
                email: &email,
                full_name: &full_name,
                role: Role::Admin,
                language: None,
                password_hash: &hash,
                email_pointer: "/email",
            };
            parties::create_operator(conn, &by, Some(&company), &admin).await
        });
        made.await.map_err(|error: PartiesError| error.to_string()).expect("an operator");
        self.log_in(&address).await
    }

    pub async fn log_in(&self, email: &str) -> Client {
        let session =
            self.stranger().post("/api/v1/sessions", &json!({ "email": email, "password": PASSWORD })).await.expect(201);
        self.stranger().with_token(session["access_token"].as_str().expect("a token"))
    }
}

fn parse<T: DeserializeOwned>(text: &str) -> T {
    serde_json::from_value(text.into()).expect("a valid text")
}

pub fn email(kind: &str, seed: u32) -> String {
    format!("admin@{kind}{seed}.example")
}

/// The body of a sign-up that passes.
pub fn sign_up(kind: &str, seed: u32) -> Value {
    json!({
        "kind": kind, "company_number": cif(seed), "legal_name": format!("{} {seed} SL", kind.to_uppercase()), "iban": iban(seed),
        "address": { "street": "Calle Mayor 1", "postal_code": "28013", "city": "Madrid" },
        "email": format!("hola@{kind}{seed}.example"), "language": "en",
        "admin": { "full_name": format!("Ana {kind} {seed}"), "email": email(kind, seed), "password": PASSWORD },
    })
}

fn platform() -> Company {
    Company {
        company_number: cif(777),
        legal_name: parse("Entente Plataforma SL"),
        country: None,
        iban: iban(777).parse().expect("an IBAN"),
        address: CompanyAddress { street: parse("Calle Mayor 1"), postal_code: parse("28013"), city: parse("Madrid") },
        email: parse("hola@entente.example"),
        phone: None,
        language: None,
    }
}

/// A Spanish company number with its check digit.
pub fn cif(seed: u32) -> String {
    let digits = format!("{:07}", seed % 10_000_000);
    let sum: u32 = digits
        .chars()
        .enumerate()
        .map(|(position, c)| (position, c.to_digit(10).unwrap()))
        .map(|(position, digit)| if position % 2 == 0 { digit * 2 / 10 + digit * 2 % 10 } else { digit })
        .sum();
    format!("B{digits}{}", (10 - sum % 10) % 10)
}

/// A Spanish IBAN with its check digits.
pub fn iban(seed: u32) -> String {
    let account = format!("21000418{:012}", seed);
    let number: u128 = format!("{account}142800").parse().unwrap();
    format!("ES{:02}{account}", 98 - number % 97)
}
