//! Ctrl-C and SIGTERM: noticed, so that everything can be stopped in order.

use std::{
    sync::{
        Once,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use tokio::signal::unix::{SignalKind, signal};

static RECEIVED: AtomicUsize = AtomicUsize::new(0);
static WATCH: Once = Once::new();

/// From now on signals do not end this process: [`received`] tells of them. The third one does.
pub fn watch() {
    WATCH.call_once(|| {
        thread::spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            let Ok(runtime) = runtime else { return };
            runtime.block_on(async {
                let kinds = [
                    SignalKind::interrupt(),
                    SignalKind::terminate(),
                    SignalKind::hangup(),
                ];
                let [Ok(mut interrupt), Ok(mut terminate), Ok(mut hangup)] = kinds.map(signal)
                else {
                    return;
                };
                loop {
                    tokio::select! {
                        _ = interrupt.recv() => {}
                        _ = terminate.recv() => {}
                        _ = hangup.recv() => {}
                    }
                    if RECEIVED.fetch_add(1, Ordering::SeqCst) >= 2 {
                        std::process::exit(130);
                    }
                }
            });
        });
    });
}

/// Whether we were told to stop.
pub fn received() -> bool {
    RECEIVED.load(Ordering::SeqCst) > 0
}
