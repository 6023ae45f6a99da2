//! This device's part in the experimental suite: the switch, and its key packages on the server.

use e2ee::Suite;
use protocol::{
    Code, Problem,
    limits::{KEY_PACKAGES, KEY_PACKAGES_LOW},
    rest::keys::{KeyPackageCount, KeyPackagesRequest},
    socket::KeyPackagesLow,
};

use crate::{
    ResponseKind,
    engine::Step,
    jobs::Job,
    setup::{LAST_RESORT_AGE, key_packages},
    state::{Experiment, Registration},
};

/// The suite that is switched on by hand, where this build speaks one.
pub(crate) fn experimental() -> Option<Suite> {
    let all = Suite::ALL.iter().copied();
    all.into_iter().find(|suite| *suite != Suite::Classic)
}

impl Step<'_> {
    pub(crate) fn set_post_quantum(&mut self, on: bool) {
        if experimental().is_none() {
            let problem = Problem::new(Code::Policy).detail("This build has no such keys.");
            return self.refuse(None, &problem);
        }
        self.state.experiment.edit_or(Experiment::default).on = on;
        self.session.count_wanted = on;
        self.session.own.changed = true;
    }

    /// How the switch stands; `None` where there is none.
    pub(crate) fn post_quantum(&self) -> Option<bool> {
        experimental().map(|_| self.experiment().is_some())
    }

    /// What was done for the experiment, while it is switched on.
    pub(crate) fn experiment(&self) -> Option<&Experiment> {
        self.state.experiment.get().filter(|it| it.on)
    }

    /// Uploads key packages of the experimental suite, where they are due.
    pub(crate) fn pump_experiment(&mut self) {
        let registered = self
            .state
            .account
            .get()
            .filter(|account| account.registration == Registration::Done);
        let (Some(suite), Some(experiment), Some(account)) =
            (experimental(), self.experiment(), registered)
        else {
            return;
        };
        let device_id = account.device_id;
        if experiment.last_resort_at.is_none() && experiment.upload.is_none() {
            self.make_experiment(KEY_PACKAGES, true);
        }
        let (packages, count) = (Job::ExperimentPackages, Job::ExperimentCount);
        if let Some(body) = self.experiment().and_then(|it| it.upload.clone()) {
            if self.session.jobs.idle(packages) {
                self.post(packages, "/api/key-packages", &body);
            }
        } else if self.session.count_wanted
            && self.session.is_live()
            && self.session.jobs.idle(count)
        {
            self.session.count_wanted = false;
            let suite = suite.number();
            let path = format!("/api/key-packages/count?device_id={device_id}&suite={suite}");
            self.get(count, path, ResponseKind::Json);
        }
    }

    /// The server's count of what is left, asked for or told.
    fn replenish_experiment(&mut self, left: u32) {
        let Some(experiment) = self.experiment() else {
            return;
        };
        let (None, Some(made)) = (&experiment.upload, experiment.last_resort_at) else {
            return;
        };
        let old = self.now - made > LAST_RESORT_AGE;
        let missing = KEY_PACKAGES.saturating_sub(left as usize);
        if (left as usize) < KEY_PACKAGES_LOW {
            self.make_experiment(missing, old);
        } else if old {
            self.make_experiment(0, true);
        }
    }

    fn make_experiment(&mut self, count: usize, last_resort: bool) {
        let (Some(suite), Some(account)) = (experimental(), self.state.account.get()) else {
            return;
        };
        let device_id = account.device_id;
        let seconds = self.server_seconds();
        let Some(mut keys) = self.keys.take() else {
            return;
        };
        let packages = key_packages(&mut keys, suite, count, seconds, self);
        let last = last_resort.then(|| keys.client.last_resort(suite, seconds, &mut self.rng));
        *self.keys = Some(keys);
        let (Ok(key_packages), Ok(last)) = (packages, last.transpose()) else {
            return self.undo_groups();
        };
        let now = self.now;
        if let Some(experiment) = self.state.experiment.edit() {
            if last.is_some() {
                experiment.last_resort_at = Some(now);
            }
            experiment.upload = Some(KeyPackagesRequest {
                device_id,
                key_packages,
                last_resort: last.map(Into::into),
            });
        }
    }

    pub(crate) fn experiment_reply(&mut self, reply: Result<KeyPackageCount, Box<Problem>>) {
        match reply {
            Err(problem) if self.retries(Job::ExperimentPackages, &problem) => {}
            // As with the classic ones: what was stored before a crash is refused the second time.
            _ => {
                self.session.jobs.succeeded(Job::ExperimentPackages);
                if let Some(experiment) = self.state.experiment.edit() {
                    experiment.upload = None;
                }
            }
        }
    }

    pub(crate) fn experiment_count_reply(&mut self, reply: Result<KeyPackageCount, Box<Problem>>) {
        match reply {
            Ok(reply) => {
                self.session.jobs.succeeded(Job::ExperimentCount);
                self.replenish_experiment(reply.count);
            }
            Err(problem) => {
                self.session.count_wanted |= self.retries(Job::ExperimentCount, &problem)
            }
        }
    }

    /// Few key packages of a suite are left.
    pub(crate) fn key_packages_low(&mut self, low: KeyPackagesLow) {
        let Some(suite) = Suite::from_number(low.suite) else {
            return;
        };
        if suite == Suite::Classic {
            self.replenish(low.left);
        } else {
            self.replenish_experiment(low.left);
        }
    }
}
