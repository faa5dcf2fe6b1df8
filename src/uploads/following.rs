//! Progress as server-sent events: what an upload looks like whenever that changes, until it is finished.

use std::{convert::Infallible, time::Duration};

use actix_web::web::Bytes;
use futures_util::{Stream, stream};

use super::{UploadView, find};
use crate::{app::App, db::By, types::UploadId};

const LOOK_EVERY: Duration = Duration::from_millis(300);
/// Proxies close what is silent for long.
const SILENCE_MAX: Duration = Duration::from_secs(15);

struct Following {
    app: App,
    by: By,
    id: UploadId,
    last: Option<UploadView>,
    ended: bool,
}

/// Events `progress`, then one `finished`. An upload that cannot be seen any more ends the stream.
pub fn follow(app: App, by: By, id: UploadId) -> impl Stream<Item = Result<Bytes, Infallible>> {
    let following = Following { app, by, id, last: None, ended: false };
    stream::unfold(following, |mut following| async move {
        let event = following.next().await?;
        Some((Ok(event.into()), following))
    })
}

impl Following {
    async fn next(&mut self) -> Option<String> {
        if self.ended {
            return None;
        }
        let mut silent = Duration::ZERO;
        loop {
            let (by, id) = (self.by, self.id);
            let found = self.app.db.transaction(by.scope, async |conn| find(conn, &by, id).await).await;
            let Ok(upload) = found else { return None };
            self.ended = upload.is_finished();
            let view = UploadView::from(upload);
            if self.last.as_ref() != Some(&view) {
                let name = if self.ended { "finished" } else { "progress" };
                let event = format!("event: {name}\ndata: {}\n\n", serde_json::to_string(&view).ok()?);
                self.last = Some(view);
                return Some(event);
            }
            if silent >= SILENCE_MAX {
                return Some(": still here\n\n".to_owned());
            }
            tokio::time::sleep(LOOK_EVERY).await;
            silent += LOOK_EVERY;
        }
    }
}
