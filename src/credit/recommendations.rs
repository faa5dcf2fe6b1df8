//! What a customer's standing suggests, each with its reason and, for what may be done about an overdue amount, what it is expected
//! to bring within 90 days. A published rule table (`docs/insight.md`). Pure; a person decides.

use serde::Serialize;
use utoipa::ToSchema;

use super::Score;
use crate::types::{BasisPoints, Money, MoneyError, Rounding, text_enum};

const WHOLE_BP: i64 = BasisPoints::WHOLE;
/// From here on a customer is a good payer; below the second a slow one, below the third a poor one.
const GOOD_BP: i64 = 9_000;
const SLOW_BP: i64 = 7_000;
const POOR_BP: i64 = 5_000;
/// So long overdue, no more is delivered; so long, whoever knows the customer speaks first.
const LONG_DAYS: i64 = 60;
/// Of a limit, what is nearly all and what is little.
const NEARLY_ALL_BP: i64 = 8_000;
const LITTLE_BP: i64 = 5_000;

text_enum! {
    /// What to do.
    pub enum Advice {
        RaiseLimit => "raise_limit",
        LowerLimit => "lower_limit",
        /// Part of each order in advance.
        AskForDeposit => "ask_for_deposit",
        ShortenTerms => "shorten_terms",
        BlockOrders => "block_orders",
        ReleaseOrders => "release_orders",
        /// Remind, write, call.
        Chase => "chase",
        /// Wait: nobody writes for a month.
        Hold => "hold",
        /// Its account owner speaks first.
        TalkToSales => "talk_to_sales",
        OfferPlan => "offer_plan",
        PostToMarket => "post_to_market",
    }
}

text_enum! {
    /// Why.
    pub enum AdviceReason {
        Insolvent => "insolvent",
        InHardship => "in_hardship",
        Disputed => "disputed",
        LongOverdue => "long_overdue",
        OverLimit => "over_limit",
        PoorPayer => "poor_payer",
        SlowPayer => "slow_payer",
        /// Pays well, and has used nearly all of its limit.
        GoodPayer => "good_payer",
        /// Nothing overdue, within its limit.
        InOrder => "in_order",
        HasAccountOwner => "has_account_owner",
        /// It is expected to bring most.
        BringsMost => "brings_most",
        /// What else could be done.
        Alternative => "alternative",
    }
}

/// An advice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Recommendation {
    pub advice: Advice,
    pub because: AdviceReason,
    /// What it is expected to bring of what is overdue within 90 days, less what it costs; null where no outcomes say.
    pub expected_net: Option<Money>,
}

/// A customer as the rules look at it; amounts in one currency.
#[derive(Debug, Clone, Copy)]
pub struct Standing<'a> {
    pub score: &'a Score,
    pub limit: Option<Money>,
    pub open: Money,
    pub overdue: Money,
    pub oldest_overdue_days: i64,
    pub is_insolvent: bool,
    pub is_in_hardship: bool,
    pub is_disputed: bool,
    pub has_account_owner: bool,
    /// It is on the market or with an agency already.
    pub is_placed: bool,
    /// Of similar cases, what was recovered, and what agencies take of it.
    pub market: Option<(BasisPoints, BasisPoints)>,
}

/// How much of a limit is used.
///
/// # Errors
/// More than an `i64` holds.
pub fn use_of(limit: Money, open: Money) -> Result<Option<i64>, MoneyError> {
    if limit.currency != open.currency || limit.minor <= 0 {
        return Ok(None);
    }
    crate::types::money::divide(i128::from(open.minor.max(0)) * i128::from(WHOLE_BP), limit.minor.into(), Rounding::HalfUp)
        .map(Some)
}

/// What is suggested: first on terms, then on what is overdue, there the suggested step first and its alternatives after it.
///
/// # Errors
/// More than an `i64` holds.
pub fn recommend(standing: &Standing<'_>) -> Result<Vec<Recommendation>, MoneyError> {
    let mut all: Vec<Recommendation> =
        on_terms(standing)?.into_iter().map(|(advice, because)| Recommendation { advice, because, expected_net: None }).collect();
    all.extend(on_overdue(standing)?);
    Ok(all)
}

fn on_terms(standing: &Standing<'_>) -> Result<Vec<(Advice, AdviceReason)>, MoneyError> {
    let used = standing.limit.map(|limit| use_of(limit, standing.open)).transpose()?.flatten();
    let over = standing.limit.is_some_and(|limit| limit.currency == standing.open.currency && standing.open.minor > limit.minor);
    let (paying, overdue) = (standing.score.paid_30_bp, standing.overdue.is_positive());
    if standing.is_insolvent {
        return Ok(vec![(Advice::BlockOrders, AdviceReason::Insolvent)]);
    }
    let mut all = Vec::new();
    if overdue && standing.oldest_overdue_days > LONG_DAYS {
        all.push((Advice::BlockOrders, AdviceReason::LongOverdue));
    } else if over {
        all.push((Advice::AskForDeposit, AdviceReason::OverLimit));
    } else if !overdue && paying >= SLOW_BP {
        all.push((Advice::ReleaseOrders, AdviceReason::InOrder));
    }
    if paying < POOR_BP {
        if !over {
            all.push((Advice::AskForDeposit, AdviceReason::PoorPayer));
        }
        if used.is_some_and(|used| used < LITTLE_BP) {
            all.push((Advice::LowerLimit, AdviceReason::PoorPayer));
        }
    } else if paying < SLOW_BP {
        all.push((Advice::ShortenTerms, AdviceReason::SlowPayer));
    } else if paying >= GOOD_BP && !standing.score.is_thin && !overdue && used.is_some_and(|used| used >= NEARLY_ALL_BP) {
        all.push((Advice::RaiseLimit, AdviceReason::GoodPayer));
    }
    Ok(all)
}

/// What may be done about what is overdue, the suggested step first.
fn on_overdue(standing: &Standing<'_>) -> Result<Vec<Recommendation>, MoneyError> {
    if !standing.overdue.is_positive() {
        return Ok(Vec::new());
    }
    let (months_3, months_2) = (paid_within(standing, 3), paid_within(standing, 2));
    let share = |bp: i64| share(standing.overdue, bp).map(Some);
    let chase = share(months_3)?;
    let market = market(standing)?;
    // A month is given away: what is left of the 90 days is two.
    let mut ways = vec![(Advice::Chase, chase), (Advice::Hold, share(months_2)?)];
    if standing.has_account_owner {
        ways.push((Advice::TalkToSales, chase));
    }
    ways.push((Advice::OfferPlan, None));
    if !standing.is_placed {
        ways.push((Advice::PostToMarket, market));
    }
    let (first, because) = step(standing, chase, market);
    ways.sort_by_key(|(advice, net)| (*advice != first, std::cmp::Reverse(net.map_or(-1, |net| net.minor))));
    let told = |(advice, expected_net): (Advice, Option<Money>)| Recommendation {
        advice,
        because: if advice == first { because } else { AdviceReason::Alternative },
        expected_net,
    };
    Ok(ways.into_iter().map(told).collect())
}

fn step(standing: &Standing<'_>, chase: Option<Money>, market: Option<Money>) -> (Advice, AdviceReason) {
    let brings_more = market.zip(chase).is_some_and(|(market, chase)| market.minor > chase.minor);
    if standing.is_insolvent {
        (Advice::Hold, AdviceReason::Insolvent)
    } else if standing.is_disputed {
        (Advice::Hold, AdviceReason::Disputed)
    } else if standing.is_in_hardship {
        (Advice::OfferPlan, AdviceReason::InHardship)
    } else if standing.has_account_owner && standing.oldest_overdue_days <= LONG_DAYS {
        (Advice::TalkToSales, AdviceReason::HasAccountOwner)
    } else if brings_more && !standing.is_placed && standing.oldest_overdue_days > LONG_DAYS {
        (Advice::PostToMarket, AdviceReason::BringsMost)
    } else {
        (Advice::Chase, AdviceReason::BringsMost)
    }
}

/// The probability of paying within so many months from now, of what is unpaid at its present age: the score's three windows, the
/// last of which goes on.
fn paid_within(standing: &Standing<'_>, months: usize) -> i64 {
    let score = standing.score;
    let of_rest = |until: i64, before: i64| (until - before) * WHOLE_BP / (WHOLE_BP - before).max(1);
    let windows = [score.paid_30_bp, of_rest(score.paid_60_bp, score.paid_30_bp), of_rest(score.paid_90_bp, score.paid_60_bp)];
    let begun = usize::try_from((standing.oldest_overdue_days.max(0)) / 30).unwrap_or(2).min(2);
    let last = windows.last().copied().unwrap_or(0);
    let coming = windows.into_iter().skip(begun).chain(std::iter::repeat(last)).take(months);
    WHOLE_BP - coming.fold(WHOLE_BP, |unpaid, paid| unpaid * (WHOLE_BP - paid) / WHOLE_BP)
}

fn market(standing: &Standing<'_>) -> Result<Option<Money>, MoneyError> {
    let Some((recovered, fee)) = standing.market else { return Ok(None) };
    let gross = share(standing.overdue, recovered.0.into())?;
    share(gross, WHOLE_BP - i64::from(fee.0)).map(Some)
}

fn share(of: Money, bp: i64) -> Result<Money, MoneyError> {
    of.share(BasisPoints(i32::try_from(bp).map_err(|_| MoneyError::Overflow)?), Rounding::HalfUp)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        credit::score::{Record, score},
        types::Currency,
    };

    fn eur(minor: i64) -> Money {
        Money::new(minor, Currency::EUR)
    }

    /// A score without a past, with another probability.
    fn paying(paid_30_bp: i64, is_thin: bool) -> Score {
        let known = score(&Record::default());
        Score { paid_30_bp, paid_60_bp: paid_30_bp.max(9_000), paid_90_bp: paid_30_bp.max(9_400), is_thin, ..known }
    }

    fn standing(score: &Score) -> Standing<'_> {
        Standing {
            score,
            limit: Some(eur(10_000)),
            open: eur(6_000),
            overdue: eur(0),
            oldest_overdue_days: 0,
            is_insolvent: false,
            is_in_hardship: false,
            is_disputed: false,
            has_account_owner: false,
            is_placed: false,
            market: None,
        }
    }

    fn told(standing: &Standing<'_>) -> Vec<(&'static str, &'static str)> {
        recommend(standing).unwrap().iter().map(|one| (one.advice.as_str(), one.because.as_str())).collect()
    }

    #[test]
    fn terms_follow_the_table() {
        let in_order = ("release_orders", "in_order");
        for (paid_30, thin, open, overdue_days, expected) in [
            (9_500, false, 6_000, 0, &[in_order][..]),
            (9_500, false, 8_000, 0, &[in_order, ("raise_limit", "good_payer")][..]),
            (9_500, true, 8_000, 0, &[in_order][..]),
            (9_500, false, 10_001, 0, &[("ask_for_deposit", "over_limit"), ("raise_limit", "good_payer")][..]),
            (6_999, false, 6_000, 0, &[("shorten_terms", "slow_payer")][..]),
            (4_999, false, 6_000, 0, &[("ask_for_deposit", "poor_payer")][..]),
            (4_999, false, 4_999, 0, &[("ask_for_deposit", "poor_payer"), ("lower_limit", "poor_payer")][..]),
            (8_000, false, 6_000, 61, &[("block_orders", "long_overdue")][..]),
            (8_000, false, 6_000, 60, &[][..]),
        ] {
            let score = paying(paid_30, thin);
            let overdue = eur(if overdue_days > 0 { 1_000 } else { 0 });
            let of = Standing { open: eur(open), overdue, oldest_overdue_days: overdue_days, ..standing(&score) };
            assert_eq!(on_terms_told(&of), expected, "{paid_30} {thin} {open} {overdue_days}");
        }
        let score = paying(9_500, false);
        assert_eq!(told(&Standing { is_insolvent: true, ..standing(&score) }), [("block_orders", "insolvent")]);
        // A limit in another currency says nothing about this one.
        let pounds = Some(Money::new(1, Currency::GBP));
        assert_eq!(told(&Standing { limit: pounds, ..standing(&score) }), [in_order]);
    }

    fn on_terms_told(standing: &Standing<'_>) -> Vec<(&'static str, &'static str)> {
        on_terms(standing).unwrap().into_iter().map(|(advice, because)| (advice.as_str(), because.as_str())).collect()
    }

    #[test]
    fn the_next_step_follows_the_table() {
        let score = paying(8_000, false);
        let late = |days| Standing { overdue: eur(5_000), oldest_overdue_days: days, ..standing(&score) };
        let market = Some((BasisPoints(9_500), BasisPoints(1_000)));
        for (of, expected) in [
            (late(10), ("chase", "brings_most")),
            (Standing { has_account_owner: true, ..late(60) }, ("talk_to_sales", "has_account_owner")),
            (Standing { has_account_owner: true, ..late(61) }, ("chase", "brings_most")),
            (Standing { is_disputed: true, has_account_owner: true, ..late(10) }, ("hold", "disputed")),
            (Standing { is_in_hardship: true, ..late(90) }, ("offer_plan", "in_hardship")),
            (Standing { is_insolvent: true, is_disputed: true, ..late(90) }, ("hold", "insolvent")),
            (Standing { market, ..late(90) }, ("post_to_market", "brings_most")),
            (Standing { market, ..late(50) }, ("chase", "brings_most")),
            (Standing { market, is_placed: true, ..late(90) }, ("chase", "brings_most")),
        ] {
            let steps = on_overdue(&of).unwrap();
            let first = steps.first().map(|one| (one.advice.as_str(), one.because.as_str()));
            assert_eq!(first, Some(expected));
            assert!(steps.iter().skip(1).all(|one| one.because == AdviceReason::Alternative));
        }
        assert!(on_overdue(&standing(&score)).unwrap().is_empty(), "nothing is overdue");
    }

    #[test]
    fn what_a_step_brings_comes_from_the_score_and_the_market() {
        let score = paying(8_000, false);
        let of = Standing {
            overdue: eur(100_000),
            oldest_overdue_days: 70,
            market: Some((BasisPoints(6_000), BasisPoints(1_200))),
            ..standing(&score)
        };
        let steps = on_overdue(&of).unwrap();
        let net = |advice| steps.iter().find(|one| one.advice == advice).and_then(|one| one.expected_net).map(|net| net.minor);
        // After 60 days 40 % of what is left are paid in a month: 1 - 0.6^3 in three, 1 - 0.6^2 in two.
        assert_eq!((net(Advice::Chase), net(Advice::Hold)), (Some(78_400), Some(64_000)));
        assert_eq!(net(Advice::PostToMarket), Some(52_800));
        assert_eq!(net(Advice::OfferPlan), None);
    }

    #[test]
    fn a_limit_is_used_by_what_is_open() {
        assert_eq!(use_of(eur(10_000), eur(12_500)), Ok(Some(12_500)));
        assert_eq!(use_of(eur(10_000), eur(-1)), Ok(Some(0)));
        assert_eq!(use_of(eur(0), eur(1)), Ok(None));
        assert_eq!(use_of(eur(1), Money::new(1, Currency::GBP)), Ok(None));
    }
}
