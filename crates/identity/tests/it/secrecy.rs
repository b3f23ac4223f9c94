//! Nothing secret is printed, and nothing secret is on disk in clear.

use bartizan_identity::{CodePurpose, Step};
use bartizan_model::Secret;

use crate::rig::{Rig, secret};

fn every_byte(folder: &std::path::Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            bytes.extend(every_byte(&path));
        } else {
            bytes.extend(std::fs::read(path).unwrap());
        }
    }
    bytes
}

#[tokio::test]
async fn neither_debug_nor_disk_tells() {
    let rig = Rig::new().await;
    let (flow, visit) = (&rig.flow, rig.visit());
    let ada = rig.somebody("ada").await;
    let eve = rig.newcomer("eve").await;
    let password = secret("giraffe crossing teapot");
    let mut shown = String::new();
    let mut secrets: Vec<Secret<String>> = vec![password.clone(), ada.password.clone(), ada.totp.base32()];
    secrets.extend(ada.recovery.iter().cloned());
    secrets.extend(ada.recovery.iter().map(|code| code.expose(|text| secret(&text.replace('-', "")))));

    let link = rig.code(CodePurpose::SignIn { user: ada.user }).await;
    let claim = rig.code(CodePurpose::Claim { user: eve }).await;
    secrets.extend([link.text().clone(), claim.text().clone()]);
    shown += &format!("{link:?} {claim:?} {flow:?}");
    let start = flow.attempts().start(None);
    let step = flow.claim_password(&start, &claim, &password, &visit).await.unwrap();
    shown += &format!("{step:?}");
    let Step::Next(claiming) = step else { panic!() };
    let totp = claiming.totp_secret().unwrap().clone();
    let code = totp.code(rig.step());
    secrets.extend([totp.base32(), claiming.csrf().clone(), totp.url("Rowing Club", "eve")]);
    let sealed = flow.attempts().seal(&claiming).unwrap();
    shown += &format!("{sealed:?} {sealed} {:?}", sealed.expose(|text| flow.attempts().open(text)));
    let step = flow.claim_finish(&claiming, &code, &visit).await.unwrap();
    shown += &format!("{step:?}");
    let Step::SignedIn(signed_in) = step else { panic!() };
    secrets.push(signed_in.device_mark);
    secrets.extend(signed_in.recovery_codes.unwrap().codes().iter().cloned());
    let step = flow.link(&flow.attempts().start(None), &link, &visit).await.unwrap();
    shown += &format!("{step:?}");
    let Step::Next(attempt) = step else { panic!() };
    let step = flow.second_recovery(&attempt, &ada.recovery[0], &visit).await.unwrap();
    shown += &format!("{step:?}");
    secrets.extend([sealed, secret("$argon2id$"), secret("otpauth://")]);

    rig.store.close().await;
    let disk = every_byte(rig.folder.path());
    assert!(disk.len() > 10_000);
    let on_disk = |text: &str| disk.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(on_disk("signin:recovery"), "what is not secret is found");
    for (number, secret) in secrets.iter().enumerate() {
        secret.expose(|text| {
            assert!(!shown.contains(text.as_str()), "{number} is printed");
            assert!(!on_disk(text), "{number} is on disk");
        });
    }
    for personal in ["Martenquist", "Netscape", "192.0.2.1"] {
        assert!(!on_disk(personal), "{personal}");
    }
    let raw = totp.to_bytes();
    raw.expose(|raw| assert!(!disk.windows(raw.len()).any(|window| window == raw)));
}
