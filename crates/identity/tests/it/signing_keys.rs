//! Keys of the OpenID provider over their lives.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use bartizan_identity::{KeyStage, Rotation, SigningKeys};
use bartizan_model::{Clock, ObjectKind};
use bartizan_pki::SigningAlgorithm;
use bartizan_store::{ChangeSet, SecretWrite};

use crate::rig::Rig;

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

async fn open(rig: &Rig) -> SigningKeys {
    let clock: Arc<dyn Clock> = rig.clock.clone();
    SigningKeys::open(rig.store.clone(), clock).await.unwrap()
}

/// The stages of the keys of an algorithm, the newest first.
async fn stages(keys: &SigningKeys, algorithm: SigningAlgorithm) -> Vec<KeyStage> {
    let keys = keys.list().await.unwrap();
    keys.iter().filter(|key| key.algorithm == algorithm).map(|key| key.stage).collect()
}

#[tokio::test]
async fn the_first_key_signs_at_once_and_is_the_same_after_a_restart() {
    let rig = Rig::new().await;
    let first = open(&rig).await.list().await.unwrap();
    assert_eq!(first.len(), 1, "only what is wanted is made");
    assert_eq!((first[0].algorithm, first[0].stage), (SigningAlgorithm::Es256, KeyStage::Current));
    assert_eq!(open(&rig).await.list().await.unwrap(), first);
}

#[tokio::test]
async fn a_key_is_published_before_it_signs_and_after() {
    use KeyStage::{Current, Next, Past};
    let rig = Rig::new().await;
    let keys = open(&rig).await;
    let algorithm = SigningAlgorithm::Es256;
    rig.clock.advance(DAY * 89);
    assert_eq!(keys.keep().await.unwrap(), 0);
    rig.clock.advance(DAY);
    assert_eq!(keys.keep().await.unwrap(), 1);
    assert_eq!(keys.keep().await.unwrap(), 0, "one is waiting");
    assert_eq!(stages(&keys, algorithm).await, [Next, Current]);
    rig.clock.advance(HOUR);
    assert_eq!(stages(&keys, algorithm).await, [Current, Past]);
    assert_eq!(keys.keep().await.unwrap(), 0, "what the old one signed has not ended");
    rig.clock.advance(HOUR);
    assert_eq!(keys.keep().await.unwrap(), 1);
    assert_eq!(stages(&keys, algorithm).await, [Current]);
    let left = keys.list().await.unwrap();
    let stored = rig.store.list(ObjectKind::SigningKey, None, 9).await.unwrap();
    assert_eq!(stored.iter().map(|key| &key.name).collect::<Vec<_>>(), [&left[0].id]);
}

#[tokio::test]
async fn a_key_that_is_withdrawn_is_gone_with_its_secret() {
    let rig = Rig::new().await;
    let keys = open(&rig).await;
    let algorithm = SigningAlgorithm::Es256;
    keys.rotate(algorithm, Rotation::Overlapping, "ada").await.unwrap();
    let before: BTreeSet<String> = keys.list().await.unwrap().into_iter().map(|key| key.id).collect();
    assert_eq!(before.len(), 2);
    let new = keys.rotate(algorithm, Rotation::Withdrawing, "ada").await.unwrap();
    assert_eq!(new.stage, KeyStage::Current);
    assert_eq!(keys.list().await.unwrap(), [new]);
    for id in before {
        assert!(rig.store.secret(&format!("signing-key/{id}")).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn rotating_again_while_a_key_waits_makes_no_other() {
    let rig = Rig::new().await;
    let keys = open(&rig).await;
    let one = keys.rotate(SigningAlgorithm::EdDsa, Rotation::Overlapping, "ada").await.unwrap();
    let two = keys.rotate(SigningAlgorithm::EdDsa, Rotation::Overlapping, "ada").await.unwrap();
    assert_eq!(one, two);
    assert_eq!(stages(&keys, SigningAlgorithm::Es256).await, [KeyStage::Current], "others are not touched");
}

#[tokio::test]
async fn a_key_whose_secret_was_exchanged_does_not_sign() {
    let rig = Rig::new().await;
    let id = open(&rig).await.list().await.unwrap()[0].id.clone();
    let other = bartizan_pki::SigningKey::generate(SigningAlgorithm::Es256).unwrap();
    let mut change = ChangeSet::new("test", rig.clock.now());
    let name = format!("signing-key/{id}");
    change.secrets.push(SecretWrite::Put { name, value: other.to_secret() });
    rig.store.commit(change).await.unwrap();
    let clock: Arc<dyn Clock> = rig.clock.clone();
    let refused = SigningKeys::open(rig.store.clone(), clock).await.unwrap_err();
    assert!(matches!(refused, bartizan_identity::Error::Damaged { .. }), "{refused}");
}
