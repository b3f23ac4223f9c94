//! A deployment's identity: store, spool, people, and the flow of a sign-in.

use std::net::IpAddr;
use std::sync::Arc;

use bartizan_enforce::Recorder;
use bartizan_enforce::spool::{Spool, SpoolConfig, read_segment};
use bartizan_identity::{
    Attempt, Attributes, CodePurpose, Enrolment, Flow, NewPerson, People, SessionLifetimes, SignIns,
    SignedIn, Step, TotpSecret, TotpStep, Visit,
};
use bartizan_model::{
    Clock, Entropy, Event, ObjectKind, PresentedCredential, RequestId, SealingKeyId, Secret, UserId,
};
use bartizan_pki::SealingKeyPair;
use bartizan_store::{ChangeSet, Expect, MasterKey, SqliteStore, Store, Write};
use bartizan_testkit::{FakeClock, SeededEntropy};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

pub(crate) struct Rig {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<FakeClock>,
    pub(crate) entropy: Arc<SeededEntropy>,
    pub(crate) recorder: Arc<Recorder>,
    pub(crate) people: People,
    pub(crate) sign_ins: SignIns,
    pub(crate) flow: Arc<Flow>,
    pub(crate) anonymous: SealingKeyId,
    pub(crate) stop: CancellationToken,
    _tasks: JoinSet<()>,
}

/// Somebody with a password and an app.
#[derive(Clone)]
pub(crate) struct Somebody {
    pub(crate) user: UserId,
    pub(crate) login: String,
    pub(crate) password: Secret<String>,
    pub(crate) totp: TotpSecret,
    pub(crate) recovery: Vec<Secret<String>>,
}

pub(crate) fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

impl Rig {
    pub(crate) async fn new() -> Self {
        Self::over(|store| store).await
    }

    /// A rig whose flow sees the store through something else.
    pub(crate) async fn over(wrap: impl FnOnce(Arc<dyn Store>) -> Arc<dyn Store>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(FakeClock::default());
        let entropy = Arc::new(SeededEntropy::new(7));
        let (as_clock, as_entropy): (Arc<dyn Clock>, Arc<dyn Entropy>) = (clock.clone(), entropy.clone());
        let master = MasterKey::from_bytes([7; 32]);
        let path = folder.path().join("bartizan.db");
        let store: Arc<dyn Store> =
            Arc::new(SqliteStore::open(&path, master, as_entropy.clone()).await.unwrap());
        let store = wrap(store);
        let spool = Spool::open(SpoolConfig::at(folder.path().join("spool")), 0, entropy.as_ref()).unwrap();
        let (stop, mut tasks) = (CancellationToken::new(), JoinSet::new());
        tasks.spawn(Arc::clone(&spool).run(stop.clone()));
        let recorder = Arc::new(Recorder::new(spool, as_clock.clone(), as_entropy.clone()));
        let people = People::open(store.clone(), as_clock.clone(), as_entropy.clone()).await.unwrap();
        let sign_ins = SignIns::new(
            store.clone(),
            recorder.clone(),
            as_clock.clone(),
            as_entropy.clone(),
            SessionLifetimes::default(),
        );
        let mut anonymous = SealingKeyId::random(entropy.as_ref());
        for day in ["2026-11-23", "2026-11-24"] {
            anonymous = SealingKeyId::random(entropy.as_ref());
            let public = URL_SAFE_NO_PAD.encode(SealingKeyPair::generate().unwrap().public());
            let spec = json!({ "public": public, "day": day });
            let mut change = ChangeSet::new("system", clock.now());
            let (kind, name, lookups, expect) =
                (ObjectKind::SealingKey, anonymous.to_string(), Vec::new(), Expect::Absent);
            change.writes.push(Write::Put { kind, name, spec, lookups, expect });
            store.commit(change).await.unwrap();
        }
        let flow = Flow::open(
            store.clone(),
            people.clone(),
            sign_ins.clone(),
            recorder.clone(),
            as_clock,
            as_entropy,
            String::from("Rowing Club"),
        )
        .await
        .unwrap();
        let flow = Arc::new(flow);
        Self {
            folder,
            store,
            clock,
            entropy,
            recorder,
            people,
            sign_ins,
            flow,
            anonymous,
            stop,
            _tasks: tasks,
        }
    }

    /// The flow as a process that starts later has it.
    pub(crate) async fn reopened(&self) -> Flow {
        let (store, people, sign_ins) = (self.store.clone(), self.people.clone(), self.sign_ins.clone());
        let (recorder, clock, entropy) = (self.recorder.clone(), self.clock.clone(), self.entropy.clone());
        Flow::open(store, people, sign_ins, recorder, clock, entropy, String::from("Rowing Club"))
            .await
            .unwrap()
    }

    /// Somebody who was made and has no factors yet.
    pub(crate) async fn newcomer(&self, login: &str) -> UserId {
        let attributes = Attributes {
            login: login.into(),
            display: format!("{login} Martenquist"),
            mail: None,
            profile: None,
        };
        self.people.create(&NewPerson { attributes, admin: false }, "test").await.unwrap()
    }

    /// Somebody with factors. The app was enrolled with the step before now.
    pub(crate) async fn somebody(&self, login: &str) -> Somebody {
        let user = self.newcomer(login).await;
        self.enrol(user, login).await
    }

    /// New factors for somebody.
    pub(crate) async fn enrol(&self, user: UserId, login: &str) -> Somebody {
        let password = secret(&format!("zebra {:x} teapot", self.entropy.next_u64()));
        let totp = TotpSecret::generate(self.entropy.as_ref());
        let enrolment = Enrolment {
            password: password.clone(),
            about: vec![login.into()],
            totp_secret: totp.clone(),
            first_code: totp.code(self.step().plus(-1)),
        };
        let new = self.flow.factors().enrol(user, enrolment, "test").await.unwrap().unwrap();
        Somebody { user, login: login.into(), password, totp, recovery: new.codes.codes().to_vec() }
    }

    pub(crate) fn step(&self) -> TotpStep {
        TotpStep::at(self.clock.now())
    }

    pub(crate) fn visit(&self) -> Visit {
        self.visit_from([192, 0, 2, 1])
    }

    pub(crate) fn visit_from(&self, source: impl Into<IpAddr>) -> Visit {
        Visit {
            source: source.into(),
            user_agent: Some(String::from("Netscape/4.0")),
            request_id: RequestId::ordered(self.clock.now(), self.entropy.as_ref()),
            device: None,
            provider: None,
        }
    }

    /// A link or code for this purpose.
    pub(crate) async fn code(&self, purpose: CodePurpose) -> PresentedCredential {
        let lives_for = purpose.lives_for();
        let issued = self.flow.codes().issue(purpose, lives_for, "test").await.unwrap();
        issued.text.expose(|text| PresentedCredential::parse(text)).unwrap()
    }

    /// The attempt after a right password.
    pub(crate) async fn after_password(&self, who: &Somebody) -> Attempt {
        let start = self.flow.attempts().start(None);
        let step = self.flow.password(&start, &who.login, &who.password, &self.visit()).await.unwrap();
        let Step::Next(attempt) = step else { panic!("{step:?}") };
        attempt
    }

    /// Signs somebody in by password and the code of this step.
    pub(crate) async fn signed_in(&self, who: &Somebody, step: TotpStep) -> SignedIn {
        let attempt = self.after_password(who).await;
        let step = self.flow.second_totp(&attempt, &who.totp.code(step), &self.visit()).await.unwrap();
        let Step::SignedIn(signed_in) = step else { panic!("{step:?}") };
        signed_in
    }

    pub(crate) async fn sessions(&self, user: UserId) -> usize {
        self.sign_ins.list(Some(user)).await.unwrap().len()
    }

    /// Everything that was recorded.
    pub(crate) fn events(&self) -> Vec<Event> {
        let mut events = Vec::new();
        let mut files: Vec<_> =
            std::fs::read_dir(self.folder.path().join("spool")).unwrap().map(|f| f.unwrap().path()).collect();
        files.sort();
        for file in files.iter().filter(|file| file.extension().is_some_and(|ext| ext == "seg")) {
            let bytes = std::fs::read(file).unwrap();
            read_segment(&bytes, |_, payload| events.push(serde_json::from_slice(payload).unwrap())).unwrap();
        }
        events
    }

    /// Action and reason (or `ok`) of the newest steps, oldest first.
    pub(crate) fn steps(&self) -> Vec<(String, String)> {
        let steps = self.events().into_iter().filter(|event| event.kind.as_str() == "signin.step");
        steps
            .map(|event| {
                (event.action.unwrap(), event.reason.unwrap_or_else(|| event.outcome.as_str().into()))
            })
            .collect()
    }

    pub(crate) fn last_step(&self) -> (String, String) {
        self.steps().pop().unwrap()
    }
}

pub(crate) fn is_wrong(step: &Step) -> bool {
    matches!(step, Step::Wrong(_))
}

pub(crate) fn is_over(step: &Step) -> bool {
    matches!(step, Step::StartOver(_))
}
