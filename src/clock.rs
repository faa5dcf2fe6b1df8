//! `GET /clock` and `PUT /clock`: the product's time, which a demonstration may move forward.

use actix_web::{HttpResponse, http::StatusCode, web::Data};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use crate::{
    app::App,
    http::{Code, Json, Problem, resource},
    parties::OperatorMember,
    types::clock::ClockRefusal,
    workers,
};

#[derive(OpenApi)]
#[openapi(paths(show, set))]
pub struct Docs;

/// The product's time.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClockView {
    pub now: DateTime<Utc>,
    /// Whether `PUT /clock` may move it.
    pub movable: bool,
}

/// Where to move the clock to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClockSetting {
    /// Not before now.
    pub now: DateTime<Utc>,
}

/// What time it is.
#[utoipa::path(get, path = "/clock", tag = "clock", security(()), responses((status = 200, body = ClockView)))]
pub async fn show(app: Data<App>) -> Result<HttpResponse, Problem> {
    resource(StatusCode::OK, &ClockView { now: app.clock.now(), movable: app.clock.is_movable() })
}

/// Finishes what is under way, moves the clock forward, and does what falls due before it answers. For the operator of a
/// server started with a movable clock.
#[utoipa::path(put, path = "/clock", tag = "clock", request_body = ClockSetting,
    responses((status = 200, body = ClockView), (status = 403, description = "the clock is real"), (status = 422, description = "backwards")))]
pub async fn set(app: Data<App>, _operator: OperatorMember, setting: Json<ClockSetting>) -> Result<HttpResponse, Problem> {
    let wished = setting.0.now;
    app.clock.offset_for(wished).map_err(refused)?;
    workers::until_idle(&app).await?;
    let offset = app.clock.offset_for(wished.max(app.clock.now())).map_err(refused)?;
    app.move_clock(offset).await?;
    workers::until_idle(&app).await?;
    show(app).await
}

fn refused(refusal: ClockRefusal) -> Problem {
    match refusal {
        ClockRefusal::NotMovable => Problem::new(Code::Forbidden).detail(refusal.to_string()),
        ClockRefusal::Backwards { .. } | ClockRefusal::TooFar => Problem::invalid("/now", refusal.to_string()),
    }
}
