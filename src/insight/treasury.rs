//! The treasury report: what a board reads, drawn of the reports that every page and file shows.

use chrono::NaiveDate;

use super::{Block, Figure, InsightError, Measure, Report, ReportKind, Value, draw};
use crate::{
    db::{By, Conn},
    paper::{
        Texts,
        treasury::{TreasuryBlock, TreasuryPart, TreasurySheet},
    },
    parties::Organisation,
    types::{Language, OrgId},
};

const PARTS: [ReportKind; 6] =
    [ReportKind::Aging, ReportKind::Dso, ReportKind::Cei, ReportKind::Forecast, ReportKind::Recovery, ReportKind::Provisions];
/// What a mail says of it before anybody opens the file.
const HEADLINES: [Measure; 5] = [Measure::Open, Measure::Overdue, Measure::Dso, Measure::Cei, Measure::Provision];

/// A treasury report as of the end of a day.
#[derive(Debug)]
pub struct TreasuryReport {
    pub on: NaiveDate,
    reports: Vec<Report>,
}

/// The treasury report of `creditor` as of the end of `on`, today unless said.
///
/// # Errors
/// As [`draw`].
pub async fn treasury(
    conn: &mut Conn<'_>,
    by: &By,
    creditor: OrgId,
    on: Option<NaiveDate>,
) -> Result<TreasuryReport, InsightError> {
    let first = draw(conn, by, creditor, ReportKind::Aging, on).await?;
    let on = first.on;
    let mut reports = vec![first];
    for kind in PARTS.iter().skip(1) {
        reports.push(draw(conn, by, creditor, *kind, Some(on)).await?);
    }
    Ok(TreasuryReport { on, reports })
}

impl TreasuryReport {
    /// To print it.
    #[must_use]
    pub fn sheet(&self, owner: &Organisation, language: Language) -> TreasurySheet {
        let parts = self.reports.iter().map(|one| part(one, language)).collect();
        TreasurySheet { language, owner: owner.printed(), on: self.on, parts }
    }

    /// Its main figures in words, currency by currency.
    #[must_use]
    pub fn headlines(&self, language: Language) -> Vec<String> {
        let (texts, colon) = (Texts::of(language), Texts::of(language).say("common.colon"));
        let blocks = self.reports.iter().flat_map(|report| &report.blocks);
        let told = |block: &Block, figure: &Figure| {
            let name = texts.word("measure", figure.measure.as_str());
            HEADLINES
                .contains(&figure.measure)
                .then(|| format!("{} ({}){colon}{}", name, block.currency, number(figure.value, language)))
        };
        blocks.flat_map(|block| block.figures.iter().filter_map(move |figure| told(block, figure))).collect()
    }
}

fn number(value: Option<Value>, language: Language) -> String {
    value.map_or_else(|| "–".to_owned(), |value| value.said(language))
}

fn part(report: &Report, language: Language) -> TreasuryPart {
    let texts = Texts::of(language);
    TreasuryPart {
        title: texts.word("report", report.report.as_str()),
        text: texts.word("report_text", report.report.as_str()),
        blocks: report.blocks.iter().map(|block| printed(block, language)).collect(),
    }
}

fn printed(block: &Block, language: Language) -> TreasuryBlock {
    let texts = Texts::of(language);
    let name = |measure: Measure| texts.word("measure", measure.as_str());
    let row = |row| {
        let numbers = |row: &super::Row| row.values.iter().map(|value| number(*value, language)).collect::<Vec<_>>();
        [vec![block.label(row, language)], numbers(row)].concat()
    };
    TreasuryBlock {
        currency: block.currency.code().to_owned(),
        figures: block.figures.iter().map(|figure| (name(figure.measure), number(figure.value, language))).collect(),
        columns: [texts.word("report_key", block.keyed_by.as_str())]
            .into_iter()
            .chain(block.columns.iter().map(|one| name(*one)))
            .collect(),
        rows: block.rows.iter().map(row).collect(),
    }
}
