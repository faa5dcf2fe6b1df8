//! `start`: warm start to ready over an existing database (≤ 1 s); `idle_memory` of the process (≤ 80 MiB).

use serde_json::json;

use super::{Place, ROUNDS, median, report};

pub async fn measure(place: &Place) {
    place.serve().await.stop();
    let mut seconds = Vec::new();
    let mut memory = Vec::new();
    for _ in 0..ROUNDS {
        let served = place.serve().await;
        seconds.push(served.ready_after.as_secs_f64());
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        memory.push(served.memory_kib() as f64 / 1024.0);
        served.stop();
    }
    report("start", "s", median(seconds), None, &json!({ "target": "≤ 1" }));
    report("idle_memory", "MiB", median(memory), None, &json!({ "target": "≤ 80" }));
}
