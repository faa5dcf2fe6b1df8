//! The HTTP server: one process serves API, pages and health.

use std::{io, time::Duration};

use actix_web::{App as Actix, HttpServer, dev::Server, middleware, web};
use tracing_actix_web::TracingLogger;

use crate::{app::App, http::middleware::problems, routes};

/// Headers must be in within this; a slow body is cut by the size limits and the keep-alive.
const HEADERS_WITHIN: Duration = Duration::from_secs(10);
const DRAIN_SECONDS: u64 = 20;

/// Binds `listen` and returns the server, to be spawned by the caller.
///
/// # Errors
/// The address is taken or not ours.
pub fn start(app: App, listen: &str) -> io::Result<Server> {
    let server = HttpServer::new(move || {
        Actix::new()
            .app_data(web::Data::new(app.clone()))
            .wrap(middleware::from_fn(problems))
            .wrap(middleware::Compress::default())
            .wrap(TracingLogger::default())
            .configure(routes::configure)
    })
    .client_request_timeout(HEADERS_WITHIN)
    .shutdown_timeout(DRAIN_SECONDS)
    .disable_signals()
    .bind(listen)?
    .run();
    Ok(server)
}
