//! From what happened to a record: the open part as it is, the personal part sealed to whom it concerns.

use std::sync::Arc;

use bartizan_model::{Clock, Entropy, Event, EventId, EventKind, Outcome, Personal, Sealed, SealingKeyId};
use bartizan_pki::Sealer;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::counters::Counters;
use crate::memory::Generations;
use crate::spool::{Class, Durability, Slot, Spool, SpoolError};

/// A public key that personal parts are sealed to, with its identifier.
pub(crate) type SealTo = (SealingKeyId, [u8; 32]);

/// Writes events to the spool. All planes and services record through one of these.
#[derive(Debug)]
pub struct Recorder {
    spool: Arc<Spool>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    /// One data key for each person and point, wrapped once: an event then costs a symmetric encryption.
    sealers: Generations<SealTo, Arc<Sealer>>,
    counters: Counters,
}

impl Recorder {
    /// A recorder that writes to this spool.
    #[must_use]
    pub fn new(spool: Arc<Spool>, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        Self { spool, clock, entropy, sealers: Generations::new(SEALERS), counters: Counters::default() }
    }

    /// The spool that it writes to.
    #[must_use]
    pub const fn spool(&self) -> &Arc<Spool> {
        &self.spool
    }

    /// What was counted of what passes here, decisions included.
    #[must_use]
    pub const fn counters(&self) -> &Counters {
        &self.counters
    }

    /// An event of now, of which nothing but kind and outcome is known yet.
    #[must_use]
    pub fn event(&self, kind: EventKind, outcome: Outcome) -> Event {
        let now = self.clock.now();
        Event::new(EventId::ordered(now, self.entropy.as_ref()), now, kind, outcome)
    }

    /// Records something other than a decision: a sign-in step, a change, a start. It is on disk when this returns.
    ///
    /// # Errors
    /// [`SpoolError`]: it is not recorded, so it must not take effect.
    ///
    /// Cancel safe: no; when dropped, the event may have been recorded.
    pub async fn record(
        &self,
        event: Event,
        personal: &Personal,
        seal_to: Option<(SealingKeyId, [u8; 32])>,
    ) -> Result<(), SpoolError> {
        let (kind, outcome) = (event.kind, event.outcome);
        let payload = self.encode(event, personal, seal_to)?;
        let sequence = self.spool.record(Class::Essential, payload)?;
        self.spool.durable(sequence).await?;
        self.counters.count_recorded(kind, outcome);
        Ok(())
    }

    pub(crate) fn write(&self, class: Class, payload: Vec<u8>) -> Result<u64, SpoolError> {
        self.spool.record(class, payload)
    }

    pub(crate) fn write_in(&self, slot: Slot, payload: Vec<u8>) -> Result<u64, SpoolError> {
        self.spool.record_in(slot, payload)
    }

    pub(crate) async fn settle(&self, sequence: u64, durability: Durability) -> Result<(), SpoolError> {
        match durability {
            Durability::Batched => Ok(()),
            Durability::Strict => self.spool.durable(sequence).await,
        }
    }

    /// The stored form of an event. Without a key for a personal part there is no stored form: it is not kept in
    /// clear, and it is not left out.
    pub(crate) fn encode(
        &self,
        mut event: Event,
        personal: &Personal,
        seal_to: Option<SealTo>,
    ) -> Result<Vec<u8>, SpoolError> {
        if !personal.is_empty() {
            let seal_to = seal_to.ok_or_else(|| refused("there is no key to seal a personal part to"))?;
            let sealer = match self.sealers.get(&seal_to) {
                Some(sealer) => sealer,
                None => {
                    let sealer =
                        Arc::new(Sealer::new(&seal_to.1).map_err(|error| refused(&error.to_string()))?);
                    self.sealers.insert(seal_to, Arc::clone(&sealer));
                    sealer
                }
            };
            let plain = serde_json::to_vec(personal).map_err(|error| refused(&error.to_string()))?;
            let bytes =
                sealer.seal(event.id.as_bytes(), &plain).map_err(|error| refused(&error.to_string()))?;
            event.sealed = Some(Sealed { key: seal_to.0, bytes: URL_SAFE_NO_PAD.encode(bytes) });
        }
        serde_json::to_vec(&event).map_err(|error| refused(&error.to_string()))
    }
}

fn refused(why: &str) -> SpoolError {
    SpoolError::Unwritable(format!("the event cannot be sealed: {why}"))
}

/// How many people's data keys are kept ready (twice, being generations).
const SEALERS: usize = 8192;
