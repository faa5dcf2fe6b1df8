//! The whole API on one screen.

use actix_web::web::{self, ServiceConfig, get, put};
use utoipa::OpenApi;

use crate::{
    clock, health,
    http::{middleware::nothing_here, problem::ProblemBody},
};

/// What `openapi/entente.yaml` is written from.
#[derive(OpenApi)]
#[openapi(
    info(title = "Entente", description = "A marketplace for unpaid invoices that keeps the customer. Every refusal is `application/problem+json`; `/api/docs/problems` explains each code."),
    components(schemas(ProblemBody)),
    nest((path = "/api/v1", api = clock::Docs)),
    tags((name = "clock", description = "A clock that demonstrations and tests may move"))
)]
struct Api;

/// The API's description, whole.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    Api::openapi()
}

#[rustfmt::skip]
pub fn configure(config: &mut ServiceConfig) {
    config
        .route("/health/live", get().to(health::live))
        .route("/health/ready", get().to(health::ready))
        .route("/metrics", get().to(health::metrics))
        .service(web::scope("/api/v1")
            .route("/clock", get().to(clock::show))
            .route("/clock", put().to(clock::set))
        )
        .default_service(web::to(nothing_here));
}
