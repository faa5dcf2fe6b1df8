//! The HTTP server: one process serves API, pages and health.

use std::{io, net::TcpListener, time::Duration};

use actix_web::{App as Actix, HttpServer, dev::Server, middleware, web};
use tracing_actix_web::TracingLogger;

use crate::{
    app::App,
    health,
    http::{Problem, limits::Limits, middleware::problems},
    routes,
};

/// Headers must be in within this; a slow body is cut by the size limits and the keep-alive.
const HEADERS_WITHIN: Duration = Duration::from_secs(10);
const DRAIN_SECONDS: u64 = 20;

/// A server on `listener`, to be spawned by the caller.
///
/// # Errors
/// The listener cannot be used.
pub fn start(app: App, listener: TcpListener, threads: usize) -> io::Result<Server> {
    // Figures are kept from the first request on.
    if health::recorder().is_none() {
        tracing::warn!("no recorder of figures could be set up");
    }
    let limits = web::Data::new(Limits::of(&app));
    let server = HttpServer::new(move || {
        // The shared pool would do as well, only slower.
        let db = app.db.for_one_of(threads).unwrap_or_else(|_| app.db.clone());
        Actix::new()
            .app_data(web::Data::new(App { db, ..app.clone() }))
            .app_data(limits.clone())
            .app_data(web::PathConfig::default().error_handler(|_, _| Problem::not_found().into()))
            .wrap(middleware::from_fn(problems))
            .wrap(middleware::Compress::default())
            .wrap(TracingLogger::default())
            .configure(routes::configure)
    })
    .client_request_timeout(HEADERS_WITHIN)
    .shutdown_timeout(DRAIN_SECONDS)
    .disable_signals()
    .workers(threads)
    .listen(listener)?
    .run();
    Ok(server)
}
