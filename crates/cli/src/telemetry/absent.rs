//! In a build without the feature `otel`: a pipeline that there cannot be.

use std::sync::Arc;

use bartizan_policy::Finding;

use super::{Line, Tally};
use crate::config::Telemetry;
use crate::output::Failure;

/// There is none.
#[derive(Debug)]
pub(crate) enum Pipeline {}

/// Nor does anything run.
#[derive(Debug)]
pub(crate) enum Sending {}

impl Pipeline {
    /// The configuration was refused before.
    pub(crate) fn read(telemetry: &Telemetry) -> Result<Arc<Self>, Vec<Finding>> {
        let place = telemetry.ca.as_ref().or(telemetry.headers.as_ref()).map(|file| &file.place);
        Err(place.map(|place| place.error("this bartizan sends no telemetry")).into_iter().collect())
    }

    pub(crate) fn log(&self, _line: Line<'_>) {
        match *self {}
    }

    pub(crate) fn tally(&self) -> [Tally; 2] {
        match *self {}
    }

    pub(crate) fn start(self: &Arc<Self>) -> Result<Sending, Failure> {
        match **self {}
    }
}

impl Sending {
    pub(crate) fn stop(self) {
        match self {}
    }
}
