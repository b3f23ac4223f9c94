//! Clients and their secrets.

use std::sync::Arc;

use bartizan_identity::{ClientAuth, ClientSpec, Clients, GrantType};
use bartizan_model::{ClientName, ObjectKind};
use bartizan_store::{ChangeSet, Expect, Write};
use tokio::task::JoinSet;

use crate::rig::{Rig, secret};

async fn put(rig: &Rig, name: &ClientName, spec: &ClientSpec) {
    let mut change = ChangeSet::new("ada", bartizan_model::Clock::now(rig.clock.as_ref()));
    change.writes.push(Write::Put {
        kind: ObjectKind::Client,
        name: name.to_string(),
        spec: serde_json::to_value(spec).unwrap(),
        lookups: Vec::new(),
        expect: Expect::Any,
    });
    rig.store.commit(change).await.unwrap();
}

fn clients(rig: &Rig) -> Clients {
    Clients::new(Arc::clone(&rig.store), rig.clock.clone(), rig.entropy.clone())
}

#[tokio::test]
async fn a_client_has_one_secret_at_a_time_and_only_a_digest_of_it_is_kept() {
    let rig = Rig::new().await;
    let (clients, name): (_, ClientName) = (clients(&rig), "grafana".parse().unwrap());
    assert!(clients.new_secret(&name, "ada").await.unwrap().is_none());
    let spec = ClientSpec {
        redirect_uris: ["https://grafana.example.org/login".parse().unwrap()].into(),
        grants: GrantType::ALL.iter().copied().collect(),
        ..ClientSpec::default()
    };
    put(&rig, &name, &spec).await;
    let before = clients.get(&name).await.unwrap().unwrap();
    assert!(!clients.check_secret(&before, &secret("")).await.unwrap(), "there is none yet");

    let first = clients.new_secret(&name, "ada").await.unwrap().unwrap();
    assert!(first.expose(|text| text.starts_with("bzk_") && text.len() == 47));
    let client = clients.get(&name).await.unwrap().unwrap();
    assert!(clients.check_secret(&client, &first).await.unwrap());
    // What another keeps of it is as new as what it says.
    let provider = self::clients(&rig);
    let known = provider.get(&name).await.unwrap().unwrap();
    assert!(provider.check_secret(&known, &first).await.unwrap());
    let second = clients.new_secret(&name, "ada").await.unwrap().unwrap();
    let known = provider.get(&name).await.unwrap().unwrap();
    assert!(!provider.check_secret(&known, &first).await.unwrap());
    assert!(provider.check_secret(&known, &second).await.unwrap());
    let client = clients.get(&name).await.unwrap().unwrap();
    assert!(clients.check_secret(&client, &second).await.unwrap());
    for wrong in [first, secret(""), secret("bzk_"), secret(&"a".repeat(100_000))] {
        assert!(!clients.check_secret(&client, &wrong).await.unwrap());
    }
    // Neither in what is told to others, nor in the files.
    let object = rig.store.get(ObjectKind::Client, "grafana").await.unwrap().unwrap();
    second.expose(|text| {
        assert!(!object.spec.to_string().contains(text));
        for file in std::fs::read_dir(rig.folder.path()).unwrap().map(|file| file.unwrap().path()) {
            let bytes = if file.is_file() { std::fs::read(&file).unwrap() } else { Vec::new() };
            assert!(!bytes.windows(text.len()).any(|part| part == text.as_bytes()), "{}", file.display());
        }
    });
    // Whoever proves itself in another way has none, and none that it had counts.
    put(&rig, &name, &ClientSpec { auth: ClientAuth::None, ..client.spec }).await;
    let client = clients.get(&name).await.unwrap().unwrap();
    assert!(!clients.check_secret(&client, &second).await.unwrap());
    assert!(clients.new_secret(&name, "ada").await.unwrap().is_none());
}

#[tokio::test]
async fn of_secrets_that_are_made_at_once_the_last_one_counts() {
    let rig = Rig::new().await;
    let (clients, name): (_, ClientName) = (clients(&rig), "grafana".parse().unwrap());
    put(&rig, &name, &ClientSpec::default()).await;
    let mut tasks = JoinSet::new();
    for _ in 0..5 {
        let (clients, name) = (clients.clone(), name.clone());
        tasks.spawn(async move { clients.new_secret(&name, "ada").await });
    }
    let made = tasks.join_all().await;
    let client = clients.get(&name).await.unwrap().unwrap();
    let mut right = 0;
    for secret in made.into_iter().filter_map(|made| made.ok().flatten()) {
        right += u32::from(clients.check_secret(&client, &secret).await.unwrap());
    }
    assert_eq!(right, 1);
}
