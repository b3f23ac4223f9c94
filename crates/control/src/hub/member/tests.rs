use bartizan_enforce::{PointScope, Scope};
use bartizan_model::{AppFacts, Audit, WireRules};

use super::*;

fn at(seconds: u64) -> BootTime {
    BootTime::from_duration(Duration::from_secs(seconds))
}

fn message(revision: u64) -> FeedMessage {
    FeedMessage {
        subscription: Subscription::new(1),
        revision: Revision::new(revision),
        scope: Scope::Changes,
        facts: Vec::new(),
        policies: None,
        anonymous_key: None,
    }
}

fn applied(revision: u64, cut: u64) -> Applied {
    Applied { revision: Revision::new(revision), cut, ..Applied::default() }
}

fn app(name: &str, upstream: Option<&str>) -> AppFacts {
    AppFacts {
        name: name.parse().unwrap(),
        host: format!("{name}.test"),
        upstream: upstream.map(|upstream| upstream.parse().unwrap()),
        ca: None,
        pass_host: true,
        audit: Audit::Normal,
        groups: BTreeSet::new(),
        wire: WireRules::default(),
        lease: None,
    }
}

fn wiki_only() -> Member {
    Member::new(Sees::Scope(PointScope::Only(["wiki".parse().unwrap(), "auth".parse().unwrap()].into())))
}

#[test]
fn a_lease_counts_from_when_the_point_was_last_up_to_date() {
    const LEASE: Duration = Duration::from_secs(30);
    let mut member = wiki_only();
    let (sender, _receiver) = mpsc::channel(8);
    assert_eq!(member.awaited(LEASE, at(0)), None, "who is not there is not waited for");
    member.subscribed(Subscription::new(1), sender, Revision::new(5), at(10));
    assert_eq!(member.lease_left(LEASE, at(10)), None);
    assert_eq!(member.awaited(LEASE, at(20)), Some(Duration::from_secs(20)), "it is about to get one");
    assert_eq!(member.heard(applied(5, 0), at(11)), Some(Duration::ZERO));
    assert_eq!(member.lease_left(LEASE, at(12)), Some(Duration::from_secs(29)));
    // A change that it does not apply: its heartbeats go on, its lease does not.
    assert!(member.tell(message(6), at(15)));
    for now in [16, 30, 44] {
        assert_eq!(member.heard(applied(5, 0), at(now)), Some(Duration::from_secs(now - 15)));
    }
    assert_eq!(member.lease_left(LEASE, at(44)), Some(Duration::from_secs(1)));
    assert_eq!(member.lease_left(LEASE, at(45)), None);
    assert_eq!(member.heard(applied(6, 3), at(46)), Some(Duration::ZERO));
    assert_eq!(member.did(Revision::new(6)), Some(Did { cut: 3, took: Duration::ZERO }));
}

#[test]
fn a_point_has_not_applied_what_it_was_not_told_of() {
    let mut member = wiki_only();
    let (sender, _receiver) = mpsc::channel(8);
    member.subscribed(Subscription::new(1), sender, Revision::new(5), at(1));
    member.heard(applied(1_000, 0), at(1));
    assert_eq!(member.acknowledged, Revision::new(5));
    assert!(member.tell(message(6), at(2)));
    assert_eq!(member.did(Revision::new(6)), None);
}

#[test]
fn who_does_not_keep_up_is_told_no_more_and_loses_nothing_unseen() {
    let mut member = wiki_only();
    let (sender, mut receiver) = mpsc::channel(1);
    member.subscribed(Subscription::new(1), sender, Revision::new(1), at(1));
    assert!(member.tell(message(2), at(2)));
    assert!(!member.tell(message(3), at(3)), "its queue is full");
    assert!(member.sender.is_none());
    assert_eq!(receiver.try_recv().unwrap().revision, Revision::new(2));
    assert!(receiver.try_recv().is_err(), "and the stream ends");
    // Subscribed again, it is as far as the snapshot.
    let (sender, _receiver) = mpsc::channel(1);
    member.subscribed(Subscription::new(1), sender, Revision::new(9), at(9));
    assert_eq!(member.heard(applied(2, 0), at(12)), Some(Duration::from_secs(3)));
    assert_eq!(member.heard(applied(9, 0), at(13)), Some(Duration::ZERO));
}

#[test]
fn a_point_is_told_of_apps_of_its_scope_and_never_of_our_own_hosts() {
    let member = wiki_only();
    let wiki = Delta::App(app("wiki", Some("http://127.0.0.1:1")));
    assert_eq!(member.concerned(&wiki), Some(wiki));
    assert_eq!(member.concerned(&Delta::App(app("payroll", Some("http://127.0.0.1:1")))), None);
    assert_eq!(member.concerned(&Delta::AppGone("payroll".parse().unwrap())), None);
    let gone = Some(Delta::AppGone("auth".parse().unwrap()));
    assert_eq!(member.concerned(&Delta::App(app("auth", None))), gone);
    let world = World::new();
    let facts = [
        app("wiki", Some("http://127.0.0.1:1")),
        app("payroll", Some("http://127.0.0.1:2")),
        app("auth", None),
    ];
    let (world, _) = world.apply(Revision::new(1), &facts.map(Delta::App));
    let names = member.snapshot(&world).into_iter().map(|fact| match fact {
        Delta::App(app) => app.name.to_string(),
        other => panic!("{other:?}"),
    });
    assert_eq!(names.collect::<Vec<_>>(), ["wiki"]);
    assert!(!member.sees.host(&world, "auth.test") && !member.sees.host(&world, "payroll.test"));
    assert!(member.sees.host(&world, "wiki.test"));
}

#[test]
fn live_grants_are_believed_of_sessions_that_the_point_was_told_of() {
    let mut member = wiki_only();
    let stranger = SessionId::from_bytes([7; 16]);
    member.heard(Applied { live: Some([(stranger, 9)].into()), ..Applied::default() }, at(1));
    assert!(member.live.is_empty());
}

#[test]
fn a_point_that_asks_more_than_people_could_bring_is_slowed_down() {
    let mut member = wiki_only();
    let asked = (0..30_000).filter(|_| member.spend(at(100))).count();
    assert_eq!(asked, 20_000);
    let asked = (0..30_000).filter(|_| member.spend(at(101))).count();
    assert_eq!(asked, 2_000);
}

#[test]
fn who_was_given_up_gets_no_lease_before_it_has_what_it_was_given_up_without() {
    let mut member = wiki_only();
    let (sender, _receiver) = mpsc::channel(8);
    member.subscribed(Subscription::new(1), sender, Revision::new(5), at(1));
    assert_eq!(member.heard(applied(5, 0), at(1)), Some(Duration::ZERO));
    assert!(member.tell(message(6), at(2)));
    member.given_up = Revision::new(6);
    assert_eq!(member.heard(applied(5, 0), at(3)), None);
    assert_eq!(member.renewed, Some(at(1)), "nor does control believe that it has one");
    assert_eq!(member.heard(applied(6, 0), at(4)), Some(Duration::ZERO));
}
