//! Device marks: how a browser that has signed a person in before is told from a stranger's.
//!
//! A mark proves nothing of who sits there. It only gives the browser a count of its own in the throttle, so that
//! strangers who guess at an account do not make its owner wait.

use std::sync::Arc;
use std::time::Duration;

use bartizan_model::{Clock, Entropy, Secret, Timestamp, UserId};
use bartizan_pki::StateKey;
use serde::{Deserialize, Serialize};

use crate::error::Error;

/// A mark that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeviceMark {
    pub(crate) id: [u8; 16],
    pub(crate) user: UserId,
}

impl DeviceMark {
    /// Whom this browser has signed in.
    #[must_use]
    pub const fn user(&self) -> UserId {
        self.user
    }
}

/// Makes and reads marks.
#[derive(Debug, Clone)]
pub struct DeviceMarks {
    key: Arc<StateKey>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

/// What is sealed in a mark.
#[derive(Serialize, Deserialize)]
struct Form {
    id: [u8; 16],
    user: UserId,
    made: Timestamp,
}

impl DeviceMarks {
    /// Marks under this key.
    #[must_use]
    pub fn new(key: Arc<StateKey>, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        Self { key, clock, entropy }
    }

    /// A mark for a browser that has just signed this person in.
    ///
    /// # Errors
    /// [`Error::Key`].
    pub fn mark(&self, user: UserId) -> Result<Secret<String>, Error> {
        let mut id = [0; 16];
        self.entropy.fill(&mut id);
        let form = Form { id, user, made: self.clock.now() };
        // INVARIANT: plain data with string keys always has a JSON form.
        let plain = serde_json::to_vec(&form).unwrap_or_default();
        Ok(Secret::new(self.key.seal(PURPOSE, &plain)?))
    }

    /// The mark that a browser shows; `None` if it is none of ours, or too old.
    #[must_use]
    pub fn read(&self, text: &str) -> Option<DeviceMark> {
        let plain = self.key.open(PURPOSE, text)?;
        let form: Form = plain.expose(|bytes| serde_json::from_slice(bytes)).ok()?;
        let age = self.clock.now().since(form.made);
        (age < LIVES_FOR).then_some(DeviceMark { id: form.id, user: form.user })
    }
}

const PURPOSE: &str = "device";

/// How long a mark counts: half a year. Each sign-in makes a new one.
pub const LIVES_FOR: Duration = Duration::from_secs(180 * 24 * 3600);
