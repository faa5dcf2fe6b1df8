//! `serve` and `work`: run until told to stop, watch our own database, drain before leaving.

use std::{net::TcpListener, time::Duration};

use entente::{config::Settings, db::private::PrivateServer, server, workers};
use tokio::signal::unix::{SignalKind, signal};

use super::{Failure, say, start};

const WATCH_EVERY: Duration = Duration::from_millis(500);

pub async fn serve(settings: Settings) -> Result<(), Failure> {
    let listen = settings.listen.clone();
    let listener = TcpListener::bind(&listen).map_err(|error| format!("cannot listen on {listen}: {error}"))?;
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let (app, mut database) = start::app(settings).await?;
    let running = server::start(app.clone(), listener, threads)?;
    let crew = workers::hire(&app, app.settings.workers);
    say(&format!("Entente listens on http://{listen} (API: http://{listen}/api/docs)"));
    let handle = running.handle();
    actix_web::rt::spawn(running);
    wait_for_end(&mut database.private).await?;
    handle.stop(true).await;
    crew.dismiss().await;
    Ok(())
}

pub async fn work(settings: Settings) -> Result<(), Failure> {
    let (app, mut database) = start::app(settings).await?;
    let crew = workers::hire(&app, app.settings.workers.max(1));
    tracing::info!("working");
    wait_for_end(&mut database.private).await?;
    crew.dismiss().await;
    Ok(())
}

/// Until SIGINT or SIGTERM; meanwhile our own database is started again whenever it dies.
pub(super) async fn wait_for_end(private: &mut Option<PrivateServer>) -> Result<(), Failure> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    loop {
        tokio::select! {
            _ = interrupt.recv() => return Ok(()),
            _ = terminate.recv() => return Ok(()),
            () = tokio::time::sleep(WATCH_EVERY) => watch(private.as_mut()).await,
        }
    }
}

async fn watch(private: Option<&mut PrivateServer>) {
    let Some(server) = private else { return };
    if server.postmaster_lives() {
        return;
    }
    tracing::error!("the database died; starting it again");
    if let Err(error) = server.ensure_running().await {
        tracing::error!(%error, "the database does not come back; trying again");
    }
}
