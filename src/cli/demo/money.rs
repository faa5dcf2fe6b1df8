//! Money in the story: payments declared, confirmed and split, payouts made.

use serde_json::{Value, json};

use super::{
    client::{Stop, Told},
    narrator::{euros, percent},
    tally::{Who, split},
    world::{Case, World},
};

fn eur(minor: i64) -> Value {
    json!({ "minor": minor, "currency": "EUR" })
}

impl World {
    /// A creditor says that the debtor paid straight to it. With no agency engaged that counts at once, and costs nothing.
    pub async fn paid_directly(&mut self, case: &Case, declared_by: &str, amount: i64, bank_reference: &str) -> Told<String> {
        let declared = json!({
            "route": "direct", "amount": eur(amount), "received_on": self.today(), "bank_reference": bank_reference,
        });
        let reply = self.party(case.creditor)?.client.post(&format!("/api/v1/cases/{}/payments", case.id), &declared).await?;
        let payment = reply.json().text("/id")?.to_owned();
        self.does(
            case.creditor,
            &format!("{declared_by} declares a direct payment of {}, bank reference {bank_reference}", euros(amount)),
        )?;
        if case.engaged.is_none() {
            self.holds(
                reply.json().text("/status")? == "confirmed",
                "nobody else is concerned: it counts at once, without any fee",
            )?;
            self.book(case, &payment, case.creditor, amount);
        }
        Ok(payment)
    }

    /// The agency confirms what the creditor declared; its fee is due from the creditor.
    pub async fn agency_confirms(&mut self, case: &Case, payment: &str, amount: i64) -> Told {
        let engaged = case.engaged.ok_or_else(|| Stop::because("no agency is engaged that could confirm"))?;
        self.confirm(engaged.agency, payment).await?;
        self.does(engaged.agency, &format!("confirms: {} arrived at the creditor's own bank", euros(amount)))?;
        self.tell_split(case, amount)?;
        self.book(case, payment, case.creditor, amount);
        Ok(())
    }

    /// The debtor paid into the agency's client account: the agency reports it, the creditor confirms.
    pub async fn paid_to_agency(&mut self, case: &Case, amount: i64, bank_reference: &str) -> Told<String> {
        let engaged = case.engaged.ok_or_else(|| Stop::because("no agency is engaged that could be paid"))?;
        let declared = json!({
            "route": "agency_account", "amount": eur(amount), "received_on": self.today(), "bank_reference": bank_reference,
        });
        let reply = self.party(engaged.agency)?.client.post(&format!("/api/v1/cases/{}/payments", case.id), &declared).await?;
        let payment = reply.json().text("/id")?.to_owned();
        self.does(engaged.agency, &format!("reports {} on its client account, bank reference {bank_reference}", euros(amount)))?;
        self.tell_mails().await?;
        self.confirm(case.creditor, &payment).await?;
        self.does(case.creditor, "confirms the payment")?;
        self.tell_split(case, amount)?;
        self.book(case, &payment, engaged.agency, amount);
        Ok(payment)
    }

    async fn confirm(&self, who: Who, payment: &str) -> Told {
        let reply = self.party(who)?.client.post(&format!("/api/v1/payments/{payment}/confirmation"), &json!({})).await?;
        let status = reply.json().text("/status")?.to_owned();
        if status == "confirmed" {
            Ok(())
        } else {
            Err(Stop::because(format!("payment {payment} was confirmed, but is {status}")))
        }
    }

    fn book(&mut self, case: &Case, payment: &str, holder: Who, amount: i64) {
        let today = self.today();
        self.tally.confirmed(today, payment, case.creditor, case.engaged, holder, amount);
    }

    fn tell_split(&self, case: &Case, amount: i64) -> Told {
        let Some(engaged) = case.engaged else { return Ok(()) };
        let (creditor, agency) = (self.party(case.creditor)?.company.short, self.party(engaged.agency)?.company.short);
        let parts = split(case.creditor, engaged, amount);
        self.tell.detail(&format!(
            "fee {} of {} = {} + VAT {} · of it the platform's commission {} + VAT {}",
            percent(engaged.fee_bp),
            euros(amount),
            euros(parts.fee),
            euros(parts.fee_vat),
            euros(parts.commission),
            euros(parts.commission_vat)
        ));
        let platform = parts.commission + parts.commission_vat;
        self.tell.detail(&format!(
            "{} = {creditor} {} + {agency} {} + Entente {}",
            euros(amount),
            euros(parts.creditor),
            euros(parts.agency),
            euros(platform)
        ));
        Ok(())
    }

    /// Whoever holds the money of a payment pays out one of those whose it is.
    pub async fn remit(&mut self, payer: Who, payment: &str, payee: Who) -> Told {
        let expected = self.tally.owed(payment, payee);
        let (from, to) = (self.party(payer)?.clone(), self.party(payee)?.clone());
        let due = from.client.get("/api/v1/payouts?status=due&limit=200").await?;
        for payout in due.json().list("/data")? {
            if payout.text("/payment_id")? != payment || payout.text("/payee_id")? != to.id {
                continue;
            }
            let (id, amount, due_on) = (payout.text("/id")?, payout.minor("/amount")?, payout.text("/due_on")?);
            let body = json!({ "paid_on": self.today(), "bank_reference": format!("OUT-{}", id.get(id.len().saturating_sub(8)..).unwrap_or(id)) });
            from.client.post(&format!("/api/v1/payouts/{id}/remittance"), &body).await?;
            let today = self.today();
            self.tally.remitted(today, payment, payee);
            self.does(payer, &format!("pays out {} to {}, due by {due_on}", euros(amount), to.company.short))?;
            return self.holds(amount == expected, "to the cent what the demo reckons");
        }
        Err(Stop::because(format!(
            "{} holds nothing of payment {payment} that is due to {}",
            from.company.short, to.company.short
        )))
    }
}
