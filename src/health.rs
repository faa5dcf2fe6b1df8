//! Whether the process lives, whether it can serve, and its figures for Prometheus.

use std::sync::OnceLock;

use actix_web::{HttpResponse, web::Data};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use serde_json::json;

use crate::{
    app::App,
    db::Scope,
    http::{Code, Problem},
    jobs,
};

/// The process answers.
pub async fn live() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "live" }))
}

/// The database answers too.
///
/// # Errors
/// 503 while it does not.
pub async fn ready(app: Data<App>) -> Result<HttpResponse, Problem> {
    if app.db.is_ready().await {
        return Ok(HttpResponse::Ok().json(json!({ "status": "ready" })));
    }
    Err(Problem::new(Code::Unavailable).detail("the database does not answer"))
}

/// Figures in Prometheus' text format.
///
/// # Errors
/// 503 while the recorder is not set up or the database does not answer.
pub async fn metrics(app: Data<App>) -> Result<HttpResponse, Problem> {
    let recorder = recorder().ok_or_else(|| Problem::new(Code::Unavailable).detail("no recorder of figures is set up"))?;
    let now = app.clock.now();
    let backlog = app.db.transaction(Scope::System, async |conn| jobs::backlog(conn, now).await).await?;
    gauge("entente_jobs_due", backlog.due);
    gauge("entente_jobs_dead", backlog.dead);
    recorder.run_upkeep();
    Ok(HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(recorder.render()))
}

fn gauge(name: &'static str, value: i64) {
    metrics::gauge!(name).set(u32::try_from(value).unwrap_or(u32::MAX));
}

/// Installed once per process.
pub fn recorder() -> Option<&'static PrometheusHandle> {
    static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
    RECORDER.get_or_init(|| PrometheusBuilder::new().install_recorder().ok()).as_ref()
}
