//! What happens more than once: posting a case, showing its card, bidding, awarding, signing.

use serde_json::json;

use super::{
    cast::Debtor,
    client::{Part, Reply, Stop, Told},
    narrator::{euros, moment, percent},
    tally::{COMPENSATION, Engaged, Who, late_interest},
    world::{Case, World},
};

/// A card on the market, as an agency knows it.
#[derive(Debug, Clone)]
pub struct Listing {
    pub id: String,
    pub take_now_bp: i64,
    pub offers_until: chrono::DateTime<chrono::Utc>,
}

/// What an agency asks and promises.
#[derive(Debug, Clone, Copy)]
pub struct Bid {
    pub agency: Who,
    pub fee_bp: i64,
    pub first_contact_hours: i64,
    pub update_every_days: i64,
    pub tone: &'static str,
}

impl World {
    /// A creditor makes a case of all the debtor's invoices; its own reminders begin at once.
    pub async fn post_case(&mut self, creditor: Who, debtor: Debtor) -> Told<Case> {
        self.make_case(creditor, debtor, true).await
    }

    /// A creditor makes a case that is to go on the market: nobody writes to the customer before.
    pub async fn draft_case(&mut self, creditor: Who, debtor: Debtor) -> Told<Case> {
        self.make_case(creditor, debtor, false).await
    }

    async fn make_case(&mut self, creditor: Who, debtor: Debtor, start: bool) -> Told<Case> {
        let invoices: Vec<_> = debtor.invoices.iter().filter_map(|number| self.invoices.get(*number)).cloned().collect();
        let receivables: Vec<&str> = invoices.iter().map(|invoice| invoice.receivable.as_str()).collect();
        let client = &self.party(creditor)?.client;
        let posted = client
            .post("/api/v1/cases", &json!({ "receivable_ids": receivables, "with_interest": true, "start": start }))
            .await?;
        let posted = posted.json();
        let id = posted.text("/id")?.to_owned();
        let shown = client.get(&format!("/api/v1/cases/{id}")).await?;
        let page = shown.json().text("/debtor_page")?.to_owned();
        let case = Case { id, reference: posted.text("/reference")?.to_owned(), creditor, debtor, page, engaged: None };
        let (count, sum) = (invoices.len(), invoices.iter().map(|invoice| invoice.principal).sum::<i64>());
        let plural = if count == 1 { "invoice" } else { "invoices" };
        self.does(
            creditor,
            &format!("posts the case of {}: {count} {plural}, {}, reference {}", debtor.name, euros(sum), case.reference),
        )?;
        self.holds(posted.minor("/principal")? == sum, "the case is worth what its invoices say")?;
        Ok(case)
    }

    /// What is owed today, line by line; on an untouched claim the demo reckons the same.
    pub async fn claim(&self, case: &Case) -> Told<i64> {
        let (total, interest) = self.claim_told(case).await?;
        let invoices = case.debtor.invoices.iter().filter_map(|number| self.invoices.get(*number));
        let (mut expected, mut compensation) = (0, 0);
        for invoice in invoices {
            expected += late_interest(case.creditor, invoice.principal, invoice.due_on, self.today());
            compensation += COMPENSATION;
        }
        self.holds(interest == (expected, compensation), "the demo reckons the same interest and compensation")?;
        Ok(total)
    }

    /// What is owed today: the total, with interest and compensation.
    pub async fn claim_told(&self, case: &Case) -> Told<(i64, (i64, i64))> {
        let client = &self.party(case.creditor)?.client;
        let claim = client.get(&format!("/api/v1/cases/{}/claim?on={}", case.id, self.today())).await?;
        let claim = claim.json();
        let [principal, interest, compensation, total] =
            [claim.minor("/principal")?, claim.minor("/interest")?, claim.minor("/compensation")?, claim.minor("/total")?];
        let words = [("principal", principal), ("late interest", interest), ("fixed compensation", compensation)]
            .map(|(name, amount)| format!("{name} {}", euros(amount)));
        self.tell.detail(&format!("owed on {}: {} = {}", self.today(), words.join(" + "), euros(total)));
        Ok((total, (interest, compensation)))
    }

    /// A creditor puts a case on the market.
    pub async fn list(&mut self, case: &Case, rule: &str) -> Told<Listing> {
        let client = self.party(case.creditor)?.client.clone();
        let reply = client.post(&format!("/api/v1/cases/{}/listing", case.id), &json!({ "award_rule": rule })).await?;
        let listing = read_listing(&reply.json())?;
        let how = if rule == "best_ranked" { "the best-ranked offer shall win by rule" } else { "it will choose by hand" };
        self.does(case.creditor, &format!("puts the case on the market until {}; {how}", moment(listing.offers_until)))?;
        Ok(listing)
    }

    /// An agency looks at the card: all it may know, and nothing of the debtor or its creditor.
    pub async fn look_at_card(&self, agency: Who, case: &Case, listing: &Listing) -> Told {
        let shown = self.party(agency)?.client.get(&format!("/api/v1/listings/{}", listing.id)).await?;
        let card = shown.json();
        self.does(agency, "looks at the anonymous card")?;
        let plain = |part: Part<'_>| part.raw().replace(['"', '[', ']'], "").replace(',', ", ").replace('_', " ");
        let text = |pointer: &str| {
            card.find(pointer).map(plain).filter(|text| !text.is_empty()).unwrap_or_else(|| "not said".to_owned())
        };
        let debtor = format!(
            "{}, {}, {}, {}",
            text("/card/country"),
            text("/card/region"),
            text("/card/debtor_kind"),
            text("/card/sector")
        );
        self.tell.detail(&format!("debtor: {debtor} · {} · {} overdue", text("/card/amount_band"), text("/card/age_band")));
        self.tell.detail(&format!(
            "invoices: {} · documents: {} · tone at most: {} · take-now price {}",
            text("/card/invoice_count"),
            text("/card/documents"),
            text("/card/tone_ceiling"),
            percent(listing.take_now_bp)
        ));
        let told = case.debtor.told_in(&shown.text());
        if let Some(told) = told {
            return Err(Stop::because(format!("the card of listing {} tells “{told}”: {}", listing.id, shown.text())));
        }
        let creditor = self.party(case.creditor)?;
        let silent = ![creditor.company.name, creditor.company.number, &creditor.id, &case.id, &case.reference]
            .iter()
            .any(|told| shown.text().contains(told));
        self.holds(silent, "no name, number, address or invoice of the debtor is on it, nor who is owed")
    }

    /// An agency makes a sealed offer.
    pub async fn offer(&self, listing: &Listing, bid: Bid) -> Told<String> {
        let body = json!({
            "fee_bp": bid.fee_bp, "first_contact_hours": bid.first_contact_hours,
            "update_every_days": bid.update_every_days, "tone": bid.tone,
        });
        let made = self.party(bid.agency)?.client.post(&format!("/api/v1/listings/{}/offers", listing.id), &body).await?;
        self.does(
            bid.agency,
            &format!(
                "offers under seal: {} of what it recovers, first contact within {} h, news every {} days, {} tone",
                percent(bid.fee_bp),
                bid.first_contact_hours,
                bid.update_every_days,
                bid.tone
            ),
        )?;
        Ok(made.json().text("/id")?.to_owned())
    }

    /// Both sides sign the mandate that stands to be signed; the engagement begins.
    pub async fn sign(&mut self, case: &mut Case, engaged: Engaged) -> Told {
        self.tell_mails().await?;
        let mandate = self.mandate_of(case, engaged.agency).await?;
        for who in [case.creditor, engaged.agency] {
            let party = self.party(who)?.clone();
            let pdf = party.client.get(&format!("/api/v1/mandates/{}/document", mandate.0)).await?;
            self.holds(
                pdf.bytes.starts_with(b"%PDF-"),
                &format!("{} reads the mandate: a PDF of {} bytes", party.company.short, pdf.bytes.len()),
            )?;
            let body = json!({ "document_sha256": mandate.1, "full_name": party.company.admin.full_name });
            party.client.post(&format!("/api/v1/mandates/{}/signature", mandate.0), &body).await?;
            self.does(
                who,
                &format!(
                    "{} signs, over the document's hash {}…",
                    party.company.admin.full_name,
                    mandate.1.get(..12).unwrap_or_default()
                ),
            )?;
        }
        self.expect_phase(case, "active").await?;
        case.engaged = Some(engaged);
        Ok(())
    }

    /// What the award opened to the agency.
    pub async fn debtor_is_known(&self, case: &Case, agency: Who) -> Told {
        let shown = self.party(agency)?.client.get(&format!("/api/v1/cases/{}", case.id)).await?;
        let name = shown.json().text("/debtor/legal_name")?.to_owned();
        self.does(agency, &format!("sees for the first time who owes: {name}"))?;
        self.holds(name == case.debtor.name, "both have signed, so now it may")
    }

    /// Id and document hash of the mandate to sign.
    async fn mandate_of(&self, case: &Case, agency: Who) -> Told<(String, String)> {
        let mandates = self.party(agency)?.client.get("/api/v1/mandates").await?;
        for mandate in mandates.json().list("/data")? {
            if mandate.text("/case_id")? == case.id && mandate.text("/status")? == "to_sign" {
                return Ok((mandate.text("/id")?.to_owned(), mandate.text("/document_sha256")?.to_owned()));
            }
        }
        Err(Stop::because(format!("no mandate of case {} stands to be signed by {agency:?}", case.reference)))
    }

    pub async fn expect_phase(&self, case: &Case, phase: &str) -> Told {
        let shown = self.party(case.creditor)?.client.get(&format!("/api/v1/cases/{}", case.id)).await?;
        let found = shown.json().text("/phase")?.to_owned();
        self.holds(found == phase, &format!("the case is {}", phase.replace('_', " ")))
    }

    pub async fn expect_closed(&mut self, case: &Case, outcome: &str) -> Told {
        self.settle_down().await?;
        let shown = self.party(case.creditor)?.client.get(&format!("/api/v1/cases/{}", case.id)).await?;
        let found = shown.json().find("/outcome").map(|part| part.raw().replace('"', "")).unwrap_or_default();
        let closed = shown.json().text("/phase")? == "closed" && found == outcome;
        self.holds(closed, &format!("the case is closed: {}", outcome.replace('_', " ")))
    }

    /// A hold that keeps everybody silent.
    pub async fn expect_hold(&self, case: &Case, kind: &str) -> Told {
        let shown = self.party(case.creditor)?.client.get(&format!("/api/v1/cases/{}", case.id)).await?;
        let held = shown.json().list("/holds")?.iter().any(|hold| hold.text("/kind").is_ok_and(|found| found == kind));
        self.holds(held, &format!("a hold ({kind}) is in force: nobody contacts the debtor meanwhile"))
    }

    pub async fn count_events(&self, case: &Case, kind: &str) -> Told<usize> {
        let events = self.party(case.creditor)?.client.get(&format!("/api/v1/cases/{}/events", case.id)).await?;
        Ok(events.json().list("/data")?.iter().filter(|event| event.text("/kind").is_ok_and(|found| found == kind)).count())
    }

    pub async fn expect_event(&self, case: &Case, kind: &str) -> Told {
        let count = self.count_events(case, kind).await?;
        self.holds(count > 0, &format!("the timeline says: {}", kind.replace('_', " ")))
    }

    /// The card of a case as its creditor sees it.
    pub async fn own_listing(&self, case: &Case) -> Told<Reply> {
        let client = &self.party(case.creditor)?.client;
        let shown = client.get(&format!("/api/v1/cases/{}", case.id)).await?;
        client.get(&format!("/api/v1/listings/{}", shown.json().text("/listing_id")?)).await
    }

    /// The letters that the engine wrote on a case, print-ready.
    pub async fn tell_letters(&self, case: &Case) -> Told {
        let engaged = case.engaged.ok_or_else(|| Stop::because("no agency is engaged that could write letters"))?;
        let client = &self.party(engaged.agency)?.client;
        let deliveries = client.get(&format!("/api/v1/cases/{}/deliveries", case.id)).await?;
        for delivery in deliveries.json().list("/data")? {
            if delivery.text("/channel")? != "letter" {
                continue;
            }
            let pdf = client.get(&format!("/api/v1/deliveries/{}/document", delivery.text("/id")?)).await?;
            let what =
                format!("a letter, “{}”, lies ready to print: a PDF of {} bytes", delivery.text("/subject")?, pdf.bytes.len());
            self.holds(pdf.bytes.starts_with(b"%PDF-"), &what)?;
        }
        Ok(())
    }

    /// Somebody at the agency makes the call that the engine asks for.
    pub async fn call(&self, case: &Case, result: &str, note: &str) -> Told {
        let engaged = case.engaged.ok_or_else(|| Stop::because("no agency is engaged that could call"))?;
        let client = &self.party(engaged.agency)?.client;
        let tasks = client.get("/api/v1/tasks?status=open").await?;
        for task in tasks.json().list("/data")? {
            if task.text("/case_id")? == case.id && task.text("/kind")? == "call" {
                let path = format!("/api/v1/tasks/{}/completion", task.text("/id")?);
                client.post(&path, &json!({ "result": result, "note": note })).await?;
                return self.does(engaged.agency, &format!("does the task “{}”: {note}", task.text("/title")?));
            }
        }
        Err(Stop::because(format!("nobody is asked to call about case {}", case.reference)))
    }
}

pub fn read_listing(listing: &Part<'_>) -> Told<Listing> {
    let until = listing.text("/offers_until")?;
    let offers_until = until.parse().map_err(|_| Stop::because(format!("`{until}` is no time")))?;
    Ok(Listing { id: listing.text("/id")?.to_owned(), take_now_bp: listing.number("/take_now/price_bp")?, offers_until })
}
