//! The process's metrics in Prometheus' text form.

use std::{sync::OnceLock, time::Duration};

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio_util::sync::CancellationToken;

static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();

/// Bounds of all histograms, in seconds.
const BUCKETS: [f64; 14] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// How often histograms are summed up.
const UPKEEP: Duration = Duration::from_secs(5);

/// Installs the recorder at the first call and returns what renders it.
///
/// Servers in one process (tests) share it.
pub fn handle() -> PrometheusHandle {
    HANDLE
        .get_or_init(|| {
            let builder = PrometheusBuilder::new();
            let recorder = match builder.set_buckets(&BUCKETS) {
                Ok(builder) => builder.build_recorder(),
                Err(_) => PrometheusBuilder::new().build_recorder(),
            };
            let handle = recorder.handle();
            let _ = ::metrics::set_global_recorder(recorder);
            handle
        })
        .clone()
}

/// Sums histograms up until `stop`: a value that is recorded takes memory until then, for ever where
/// nobody asks for the metrics.
pub(crate) async fn upkeep(stop: CancellationToken) {
    let again = async {
        loop {
            tokio::time::sleep(UPKEEP).await;
            handle().run_upkeep();
        }
    };
    stop.run_until_cancelled(again).await;
}
