use bartizan_enforce::spool::{Spool, SpoolConfig};
use bartizan_pki::{JoinToken, point_of};
use bartizan_store::{MasterKey, SqliteStore};
use bartizan_testkit::{FakeClock, SeededEntropy};
use serde_json::{Value, json};

use super::*;

const DAY: Duration = Duration::from_secs(24 * 3600);

struct Rig {
    points: Arc<Points>,
    store: Arc<dyn Store>,
    clock: Arc<FakeClock>,
    spool: Arc<Spool>,
    dir: tempfile::TempDir,
    _tasks: tokio::task::JoinSet<()>,
}

impl Rig {
    async fn new() -> Self {
        Self::reached_at(Some("control.example.org:8444")).await
    }

    async fn reached_at(address: Option<&str>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(FakeClock::default());
        let entropy: Arc<dyn Entropy> = Arc::new(SeededEntropy::new(5));
        let master = MasterKey::from_bytes([3; 32]);
        let store = SqliteStore::open(&dir.path().join("db"), master, Arc::clone(&entropy)).await.unwrap();
        let store: Arc<dyn Store> = Arc::new(store);
        let spool = Spool::open(SpoolConfig::at(dir.path().join("spool")), 0, entropy.as_ref()).unwrap();
        let mut tasks = tokio::task::JoinSet::new();
        tasks.spawn(Arc::clone(&spool).run(tokio_util::sync::CancellationToken::new()));
        let shared: Arc<dyn Clock> = clock.clone();
        let recorder = Arc::new(Recorder::new(Arc::clone(&spool), Arc::clone(&shared), Arc::clone(&entropy)));
        let mut change = ChangeSet::new("ada", shared.now());
        for (name, spec) in [
            ("wiki", json!({"host": "wiki.example.org", "upstream": "http://10.0.0.1:80"})),
            ("console", json!({"host": "console.example.org"})),
            ("ours", json!({"host": "ours.example.org"})),
        ] {
            change.writes.push(put(ObjectKind::App, name, spec));
        }
        store.commit(change).await.unwrap();
        let (domain, issuer) = (String::from("example.org"), String::from("https://auth.example.org"));
        let address = address.map(str::to_owned);
        let points = Points::open(Arc::clone(&store), recorder, shared, entropy, domain, issuer, address)
            .await
            .unwrap();
        Self { points, store, clock, spool, dir, _tasks: tasks }
    }

    async fn token(&self, scope: PointScope, name: Option<&str>) -> Result<JoinTokenMade, Error> {
        let name = name.map(|name| name.parse().unwrap());
        self.points.create_join_token(PointRole::Gateway, scope, name, None, "ada").await
    }

    async fn join(&self, token: &JoinTokenMade, id: u8) -> Result<Joined, MembershipError> {
        let (_, csr) = point_request().unwrap();
        self.points.join(secret(token), point(id), csr).await
    }

    /// How many events were recorded.
    fn recorded(&self) -> u64 {
        self.spool.standing().newest
    }
}

fn put(kind: ObjectKind, name: &str, spec: Value) -> Write {
    Write::Put { kind, name: name.into(), spec, lookups: Vec::new(), expect: Expect::Any }
}

fn secret(made: &JoinTokenMade) -> Secret<[u8; 32]> {
    made.token.expose(|text| JoinToken::parse(text)).unwrap().secret
}

fn point(id: u8) -> PointId {
    PointId::from_bytes([id; 16])
}

fn only(names: &[&str]) -> PointScope {
    PointScope::Only(names.iter().map(|name| name.parse().unwrap()).collect())
}

fn why<T: std::fmt::Debug, E: ToString>(result: Result<T, E>) -> String {
    result.map_err(|error| error.to_string()).unwrap_err()
}

#[tokio::test]
async fn a_machine_joins_is_known_renews_leaves_and_is_removed() {
    let rig = Rig::new().await;
    let made = rig.token(only(&["wiki"]), Some("edge")).await.unwrap();
    let said = made.token.expose(|text| JoinToken::parse(text)).unwrap();
    assert_eq!((said.address.as_str(), said.domain.as_str()), ("control.example.org:8444", "example.org"));
    assert_eq!(said.authority, sha256(rig.points.authority.certificate()));
    rig.points.set_issuer(String::from("https://auth.example.org:8443"));
    let joined = rig.join(&made, 1).await.unwrap();
    assert_eq!(joined.scope, only(&["wiki"]));
    assert_eq!(joined.issuer, "https://auth.example.org:8443");
    assert_eq!(point_of(&joined.identity.chain[0], "example.org"), Some(point(1)));
    assert_eq!(rig.recorded(), 1);

    let listed = rig.points.list().await.unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0], rig.points.named("edge").await.unwrap());
    assert_eq!(listed[0], rig.points.named(&point(1).to_string()).await.unwrap());
    assert_eq!(rig.points.scope_of(point(1)).await.unwrap(), Some(only(&["wiki"])));
    let stored = rig.store.get(ObjectKind::Point, &point(1).to_string()).await.unwrap().unwrap();
    assert_eq!((stored.author.as_str(), &stored.spec["scope"]), ("ada", &json!(["wiki"])));

    let (_, csr) = point_request().unwrap();
    let renewed = rig.points.renew(point(1), csr.clone()).await.unwrap();
    assert_eq!(point_of(&renewed.chain[0], "example.org"), Some(point(1)));
    assert_ne!(renewed.chain, joined.identity.chain);
    rig.points.leave(point(1)).await.unwrap();

    let gone = rig.points.remove("edge", "ada").await.unwrap();
    assert_eq!((gone.point, gone.revision), (point(1), rig.store.revision().await.unwrap()));
    assert!(matches!(rig.points.renew(point(1), csr).await, Err(MembershipError::Removed)));
    assert!(matches!(rig.points.leave(point(1)).await, Err(MembershipError::Removed)));
    assert_eq!(rig.points.scope_of(point(1)).await.unwrap(), None);
    assert!(matches!(rig.points.remove("edge", "ada").await, Err(Error::NotFound { .. })));
    // The name is free again, the id is not.
    let again = rig.token(PointScope::Apps, Some("edge")).await.unwrap();
    assert!(why(rig.join(&again, 1).await).contains("there is, or was, a point with this id"));
    rig.join(&again, 2).await.unwrap();
}

#[tokio::test]
async fn of_200_that_race_for_a_token_one_gets_it() {
    let rig = Arc::new(Rig::new().await);
    let made = Arc::new(rig.token(PointScope::Apps, None).await.unwrap());
    let mut racing = tokio::task::JoinSet::new();
    for id in 0..200 {
        let (rig, made) = (Arc::clone(&rig), Arc::clone(&made));
        racing.spawn(async move { rig.join(&made, id).await });
    }
    let results = racing.join_all().await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    assert!(results.into_iter().filter_map(Result::err).all(|error| error.to_string() == UNKNOWN));
    assert_eq!(rig.points.list().await.unwrap().len(), 1);
    assert_eq!(rig.recorded(), 1, "only what happened is recorded");
    assert!(rig.store.list(ObjectKind::JoinToken, None, 9).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_token_is_over_after_its_time_and_is_removed_then() {
    let rig = Rig::new().await;
    let made = rig.token(PointScope::Apps, Some("edge")).await.unwrap();
    rig.clock.advance(Duration::from_secs(600));
    assert!(why(rig.join(&made, 1).await).starts_with("this join token ended at "));
    assert_eq!(why(rig.join(&made, 1).await), UNKNOWN);
    assert!(rig.store.find(SPACE, "edge").await.unwrap().is_none());
    // Nor does a token that nobody brings keep its name for ever.
    rig.token(PointScope::Apps, Some("edge")).await.unwrap();
    assert!(why(rig.token(PointScope::Apps, Some("edge")).await).contains("with the name `edge`"));
    rig.clock.advance(Duration::from_secs(601));
    rig.token(PointScope::Apps, Some("edge")).await.unwrap();
}

#[tokio::test]
async fn a_token_that_nobody_made_and_a_request_that_proves_nothing_are_refused() {
    let rig = Rig::new().await;
    let (_, csr) = point_request().unwrap();
    assert_eq!(why(rig.points.join(Secret::new([0; 32]), point(1), csr).await), UNKNOWN);
    let made = rig.token(PointScope::Apps, None).await.unwrap();
    for bad in [Vec::new(), b"garbage".to_vec(), vec![0x30; 4096]] {
        let joined = rig.points.join(secret(&made), point(1), bad).await;
        assert!(matches!(joined, Err(MembershipError::Refused(_))));
    }
    assert_eq!(rig.recorded(), 0);
    rig.join(&made, 1).await.expect("the token is not spent by what was refused");
}

#[tokio::test]
async fn tokens_for_what_no_point_serves_are_refused_with_the_reason() {
    let rig = Rig::new().await;
    for own in ["auth", "console", "portal", "ours"] {
        assert!(
            why(rig.token(only(&[own]), None).await).contains("a host of the deployment itself"),
            "{own}"
        );
    }
    assert!(why(rig.token(only(&["wiki", "nope"]), None).await).contains("there is no app `nope`"));
    assert!(why(rig.token(only(&[]), None).await).contains("a scope without an app"));
    let id = point(1).to_string();
    assert!(why(rig.token(PointScope::Apps, Some(&id)).await).contains("reads like the id"));
    for ttl in [Duration::ZERO, DAY + Duration::from_secs(1)] {
        let made =
            rig.points.create_join_token(PointRole::Gateway, PointScope::Apps, None, Some(ttl), "ada").await;
        assert!(why(made).contains("1 second to 24 hours"));
    }
    let deaf = Rig::reached_at(None).await;
    assert_eq!(
        why(deaf.token(PointScope::Apps, None).await),
        "this deployment has no [points] listener: add `[points] address = \"0.0.0.0:8444\"` to bartizan.toml"
    );
}

#[tokio::test]
async fn points_without_a_name_are_numbered() {
    let rig = Arc::new(Rig::new().await);
    let first = rig.token(PointScope::Apps, None).await.unwrap();
    rig.join(&first, 1).await.unwrap();
    rig.token(PointScope::Apps, Some("gateway-3")).await.unwrap();
    let mut racing = tokio::task::JoinSet::new();
    for _ in 0..3 {
        let rig = Arc::clone(&rig);
        racing.spawn(async move { rig.token(PointScope::Apps, None).await.unwrap().name.to_string() });
    }
    let mut names = racing.join_all().await;
    names.sort();
    assert_eq!(names, ["gateway-2", "gateway-4", "gateway-5"]);
}

#[tokio::test]
async fn removing_a_point_takes_its_keys_with_it_and_no_other() {
    let rig = Rig::new().await;
    let made = rig.token(PointScope::Apps, None).await.unwrap();
    rig.join(&made, 1).await.unwrap();
    let mut change = ChangeSet::new("system", rig.clock.now());
    for (name, of) in [("a", 1), ("b", 2), ("c", 1)] {
        let spec = json!({"jwk": {}, "until": "x", "point": point(of).to_string()});
        change.writes.push(put(ObjectKind::AssertionKey, name, spec));
    }
    rig.store.commit(change).await.unwrap();
    rig.points.remove("gateway-1", "ada").await.unwrap();
    let left = rig.store.list(ObjectKind::AssertionKey, None, 9).await.unwrap();
    assert_eq!(left.iter().map(|key| key.name.as_str()).collect::<Vec<_>>(), ["b"]);
}

#[tokio::test]
async fn the_authority_is_made_once_and_no_secret_is_stored_in_clear() {
    let rig = Rig::new().await;
    let made = rig.token(PointScope::Apps, None).await.unwrap();
    let again = Points::open(
        Arc::clone(&rig.store),
        Arc::clone(&rig.points.recorder),
        rig.clock.clone(),
        Arc::new(SeededEntropy::new(6)),
        String::from("example.org"),
        String::new(),
        None,
    )
    .await
    .unwrap();
    assert_eq!(again.authority.certificate(), rig.points.authority.certificate());
    assert!(again.tls().is_ok());
    let stored = rig.store.list(ObjectKind::JoinToken, None, 9).await.unwrap();
    let secret = secret(&made).expose(|secret| CredentialDigest::from_bytes(*secret).to_hex());
    assert!(!format!("{stored:?}").contains(&secret));
    assert!(!format!("{made:?}").contains("bzj_"));
    assert!(rig.dir.path().exists());
}
