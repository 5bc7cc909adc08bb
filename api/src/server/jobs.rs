//! What the server does in the background.

use std::sync::Arc;
use std::time::Duration;

use metrics_exporter_prometheus::PrometheusHandle;

use super::tls::{Certificate, Looked};
use crate::wiring::supervisor::{Comes, Job, Passed, Passing, Stop};

/// How often figures are gathered up.
const UPKEEP_EVERY: Duration = Duration::from_secs(5);

/// How often it is looked whether the certificate was renewed.
const CERTIFICATE_EVERY: Duration = Duration::from_secs(2);

/// A certificate that was renewed is used from then on; one that does not fit is told, and the old one stays.
pub(super) fn certificate_reload(certificate: Arc<Certificate>) -> Job {
    Job {
        name: "certificate".into(),
        what: "takes a renewed certificate into use",
        comes: Comes::Every(CERTIFICATE_EVERY),
        rest_max: CERTIFICATE_EVERY,
        stop: Stop::WaitsForIt,
        vital: None,
        pass: Box::new(move || -> Passing {
            let certificate = Arc::clone(&certificate);
            Box::pin(async move {
                match certificate.look() {
                    Ok(Looked::Same) => Passed::Well,
                    Ok(Looked::Replaced) => {
                        tracing::info!("a renewed certificate is in use");
                        Passed::Well
                    }
                    Err(error) => {
                        Passed::Unwell(format!("the one before is still in use: {error:#}"))
                    }
                }
            })
        }),
    }
}

/// Every figure of a histogram is kept until somebody gathers it up: where nobody scrapes, we do.
pub(super) fn metrics_upkeep(figures: PrometheusHandle) -> Job {
    Job {
        name: "metrics_upkeep".into(),
        what: "gathers up the figures that nobody has asked for",
        comes: Comes::Every(UPKEEP_EVERY),
        rest_max: UPKEEP_EVERY,
        stop: Stop::WaitsForIt,
        vital: None,
        pass: Box::new(move || -> Passing {
            let figures = figures.clone();
            Box::pin(async move {
                figures.run_upkeep();
                Passed::Well
            })
        }),
    }
}
