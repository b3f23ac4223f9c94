//! The user book holds: each command in it is run, each file in it is taken, each name in it is there.

mod blocks;
mod told;
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::demo::Demo;
use crate::running::bartizan;
use blocks::{Block, chapters, inline};
pub(crate) use blocks::{blocks, commands};
pub(crate) use world::World;

const QUICKSTART: &str = "docs/book/quickstart.md";
const KEEPING: &str = "docs/book/keeping.md";
const COOKBOOK: &str = "docs/book/cookbook.md";
pub(crate) const README: &str = "README.md";

/// Commands that are not run here: how they begin, and which test does what they do.
const ELSEWHERE: [(&str, &str); 7] = [
    ("apt install ./bartizan", "ops::package installs the package on a copy of this machine"),
    ("systemctl enable --now", "ops::package has systemd verify the units and starts what they start"),
    ("cp deploy/systemd/", "ops::package: the package brings what these three lines do"),
    ("systemd-sysusers", "ops::package"),
    ("systemd-tmpfiles", "ops::package"),
    ("chown -R bartizan:", "there is no user of this name here; ops::package looks at whose the data is"),
    ("cargo xtask test", "it is what runs this"),
];

/// Runs what stands in a block of commands, and compares what is shown of it.
fn obey(world: &mut World, block: &Block, elsewhere: &mut BTreeSet<&str>) {
    for command in commands(block) {
        if let Some((begin, _)) = ELSEWHERE.iter().find(|(begin, _)| command.text.starts_with(begin)) {
            elsewhere.insert(begin);
            continue;
        }
        let place = format!("{}:{}: `{}`", block.file, block.line, command.text);
        let ran = world.run(&command.text);
        // What the doctor finds of the machine that tests run on is not for the book to say.
        let well = ran.code == 0 || (ran.code == 9 && command.text.starts_with("bartizan doctor"));
        assert!(well, "{place} ends with {}: {}", ran.code, ran.said);
        if !command.shown.is_empty() {
            told::compare(&command.shown, &ran.said, &mut world.met)
                .unwrap_or_else(|why| panic!("{place}: {why}"));
        }
    }
}

/// Does what a page says, from top to bottom.
fn follow(world: &mut World, file: &str, elsewhere: &mut BTreeSet<&str>) {
    for block in blocks(file) {
        match (block.language.as_str(), &block.saved_as) {
            ("console", _) => obey(world, &block, elsewhere),
            ("toml" | "cedar", Some(name)) => world.save(name, &block.text),
            // Each by itself, below.
            ("toml" | "cedar" | "json" | "ini" | "text", None) => {}
            (other, _) => panic!("{file}:{}: what is a block of `{other}`?", block.line),
        }
    }
}

/// The quickstart makes the deployment; keeping it ends sessions and is last.
fn in_order() -> Vec<String> {
    let (mut first, mut last) = (vec![QUICKSTART.to_owned()], vec![KEEPING.to_owned()]);
    first.extend(chapters().into_iter().filter(|file| file != QUICKSTART && file != KEEPING));
    first.append(&mut last);
    first
}

#[test]
fn every_command_of_the_book_is_run_and_prints_what_the_book_shows() {
    let began = std::time::Instant::now();
    let mut world = World::new();
    let mut elsewhere = BTreeSet::new();
    for file in in_order() {
        match file.as_str() {
            // A machine that gets the package, and serves nothing yet.
            "docs/book/operations.md" => {
                world.on_another_machine("package", |world| follow(world, &file, &mut elsewhere));
            }
            KEEPING => {
                // What ada did at night.
                world.save("night/finance.toml", "[[group]]\nname = \"finance\"\nmembers = [\"bob\"]\n");
                assert_eq!(world.run("bartizan apply -f night").code, 0);
                let text = "@id(\"night-shift\") forbid (principal, action in Action::\"http\", resource == \
                            App::\"wiki\") when { context.time.hour < 5 };";
                world.save("night/night.cedar", text);
                assert_eq!(world.run("bartizan apply -f night").code, 0);
                follow(&mut world, &file, &mut elsewhere);
            }
            _ => follow(&mut world, &file, &mut elsewhere),
        }
        if file == QUICKSTART {
            // Bob's link is in what was shown; he gets in, and eve was said not to.
            let link = world.met.iter().find(|(book, _)| book.contains("/claim?t=")).unwrap().1.clone();
            assert_eq!(world.open(&link, "wiki"), 200, "bob reads the wiki");
            checked(&mut world);
        }
    }
    let mut stranger = World::new();
    follow(&mut stranger, README, &mut elsewhere);
    let status = |person| stranger.ask_demo(person, "mine").0;
    assert_eq!((status("bob"), status("eve")), (200, 403), "the app is open to bob, and not to eve");
    drop(stranger);
    let stale: Vec<&str> =
        ELSEWHERE.iter().map(|(begin, _)| *begin).filter(|begin| !elsewhere.contains(begin)).collect();
    assert!(stale.is_empty(), "nothing in the book begins so: {stale:?}");
    println!("MEASURED the commands of the book: {:.1} s", began.elapsed().as_secs_f64());
}

/// Every file that the book shows by itself: what boots a process is in order, objects can be applied, policies are valid.
fn checked(world: &mut World) {
    let folder = world.path("checked");
    std::fs::create_dir_all(folder.join("tls")).unwrap();
    let key = rcgen::KeyPair::generate().unwrap();
    let names = ["wiki.access.example.com", "auth.access.example.com"].map(|name| world.here(name));
    let certificate = rcgen::CertificateParams::new(names).unwrap().self_signed(&key).unwrap();
    for (name, text) in [
        ("tls/fullchain.pem", certificate.pem()),
        ("tls/privkey.pem", key.serialize_pem()),
        ("telemetry-headers", String::from("authorization: Bearer x\n")),
    ] {
        std::fs::write(folder.join(name), text).unwrap();
        std::fs::set_permissions(folder.join(name), std::fs::Permissions::from_mode(0o600)).unwrap();
    }
    // The apps and groups that other chapters speak of are there.
    let common = blocks(COOKBOOK).into_iter().find(|block| block.section.is_empty()).unwrap();
    world.save("common/common.toml", &common.text);
    assert_eq!(world.run("bartizan apply -f common").code, 0);
    for file in chapters().into_iter().filter(|file| file != COOKBOOK).chain([README.to_owned()]) {
        for block in blocks(&file).iter().filter(|block| block.saved_as.is_none()) {
            let command = match block.language.as_str() {
                "cedar" => {
                    world.save("one.cedar", &block.text);
                    "bartizan policy check one.cedar"
                }
                "toml"
                    if ["[[app]]", "[[client]]", "[[group]]", "[[user]]"]
                        .iter()
                        .any(|kind| block.text.contains(kind)) =>
                {
                    world.save("objects/one.toml", &block.text);
                    "bartizan apply -f objects --dry-run"
                }
                "toml" => {
                    world.save("checked/one.toml", &whole(&block.text));
                    "bartizan config check checked/one.toml"
                }
                "json" => {
                    let read: Result<serde_json::Value, _> = serde_json::from_str(&block.text);
                    assert!(read.is_ok(), "{file}:{}: {read:?}", block.line);
                    continue;
                }
                _ => continue,
            };
            let ran = world.run(command);
            assert_eq!(ran.code, 0, "{file}:{}: {}", block.line, ran.said);
        }
    }
}

/// A configuration with what a part of one leaves out.
fn whole(part: &str) -> String {
    let begin = "domain = \"access.example.com\"\n";
    let listener =
        "\n[[listener]]\naddress = \"127.0.0.1:8443\"\nserves = [\"apps\", \"auth\", \"console\"]\n";
    format!(
        "{}{part}{}",
        if part.contains("domain =") { "" } else { begin },
        if part.contains("[[listener]]") { "" } else { listener }
    )
}

#[test]
fn every_policy_of_the_cookbook_does_what_its_tests_say() {
    let all = blocks(COOKBOOK);
    let mut sections: BTreeMap<&str, Vec<&Block>> = BTreeMap::new();
    for block in &all {
        sections.entry(&block.section).or_default().push(block);
    }
    let common = sections.remove("").unwrap();
    assert!(sections.len() >= 15, "{:?}", sections.keys());
    let (mut policies, mut cases) = (0, 0);
    for (section, blocks) in sections {
        let dir = tempfile::tempdir().unwrap();
        for (number, block) in common.iter().chain(&blocks).enumerate() {
            let kind = match block.language.as_str() {
                "cedar" => "cedar",
                _ if block.text.contains("[[case]]") => "test.toml",
                _ => "toml",
            };
            std::fs::write(dir.path().join(format!("{number}.{kind}")), &block.text).unwrap();
        }
        let folder = dir.path().to_str().unwrap();
        let (code, out, err) = bartizan(&["policy", "check", folder]);
        assert_eq!(code, 0, "{section}: {out}{err}");
        policies += number_in(&out);
        let (code, out, err) = bartizan(&["policy", "test", folder]);
        assert_eq!(code, 0, "{section}: {out}{err}");
        assert!(number_in(&out) > 0 && out.contains("0 failed"), "{section}: {out}");
        cases += number_in(&out);
    }
    println!("MEASURED the cookbook: {policies} policies, {cases} cases");
}

/// The number that a line begins with.
fn number_in(out: &str) -> u32 {
    out.split_whitespace().next().unwrap().parse().unwrap()
}

#[test]
fn every_command_and_option_that_is_named_is_there() {
    let mut helps: BTreeMap<Vec<String>, String> = BTreeMap::new();
    let mut named = 0;
    for file in chapters().into_iter().chain([README.to_owned()]) {
        // In the tables of commands the program is not named.
        let table = file.ends_with("/commands.md");
        for code in inline(&file) {
            let Some(rest) = code.strip_prefix("bartizan ").or_else(|| table.then_some(code.as_str())) else {
                continue;
            };
            for words in spoken(rest) {
                if table && !code.starts_with("bartizan ") && !NOUNS.contains(&words[0].as_str()) {
                    continue;
                }
                let help = helps.entry(words.clone()).or_insert_with(|| {
                    let args: Vec<&str> = words.iter().map(String::as_str).chain(["--help"]).collect();
                    let (code, out, err) = bartizan(&args);
                    assert_eq!(code, 0, "{file}: `{rest}`: {err}");
                    out
                });
                for option in rest.split(['[', ']', '(', ')', ' ', '|']).filter(|word| word.starts_with("--"))
                {
                    assert!(help.contains(option), "{file}: `{rest}`: there is no {option}\n{help}");
                }
                named += 1;
            }
        }
    }
    assert!(named > 80, "{named} commands are named");
}

/// What rows of the tables of commands begin with.
const NOUNS: [&str; 27] = [
    "apply",
    "backup",
    "completions",
    "config",
    "delete",
    "demo",
    "doctor",
    "gateway",
    "get",
    "history",
    "init",
    "join-token",
    "list",
    "log",
    "login",
    "logout",
    "point",
    "policy",
    "recover",
    "restore",
    "rollback",
    "serve",
    "session",
    "support",
    "user",
    "whoami",
    "why",
];

/// The nouns and verbs that a line of code says; several, where it says `a|b`.
fn spoken(code: &str) -> Vec<Vec<String>> {
    let is_word = |word: &&str| {
        word.chars().all(|c| c.is_ascii_lowercase() || "-|".contains(c)) && !word.starts_with('-')
    };
    let words: Vec<&str> = code.split_whitespace().take_while(is_word).take(2).collect();
    let Some((last, before)) = words.split_last() else { return Vec::new() };
    last.split('|').map(|last| before.iter().copied().chain([last]).map(str::to_owned).collect()).collect()
}

#[test]
fn what_the_contract_says_of_refusals_events_and_the_demo_is_so() {
    let demo = Demo::start();
    let client = crate::http::Client::new(&demo);
    let answer = crate::http::block_on(client.get("payroll", "/x", Some(&demo.token("eve"))));
    assert_eq!(answer.status, 403);
    let problem = answer.json();
    let contract = blocks::page("docs/book/contract.md");
    let shown: serde_json::Value = serde_json::from_str(
        &blocks("docs/book/contract.md").iter().find(|block| block.language == "json").unwrap().text,
    )
    .unwrap();
    let keys =
        |value: &serde_json::Value| value.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(keys(&problem), keys(&shown));
    for field in ["type", "title", "status", "detail", "reason", "resource"] {
        assert_eq!(problem[field], shown[field]);
    }
    let remedies =
        |of: &serde_json::Value| (of["remedies"][0]["kind"].clone(), of["remedies"][0]["text"].clone());
    assert_eq!(remedies(&problem), remedies(&shown));
    demo.json(&["user", "disable", "eve"]);
    let told = |section: &str| -> BTreeSet<String> {
        let section = contract.split(section).nth(1).unwrap().split("\n## ").next().unwrap();
        let codes = section.split('`').skip(1).step_by(2);
        codes.flat_map(|code| code.split([' ', '{', '}', ','])).map(str::to_owned).collect()
    };
    let of_the_demo = told("## The demo");
    for key in keys(&demo.ready).iter().chain(&keys(&demo.ready["people"]["ada"])) {
        assert!(of_the_demo.contains(key), "the contract does not tell `{key}`");
    }
    let told = told("## Events");
    // Evidence follows a moment after.
    let searched =
        || String::from_utf8(demo.cli(&["log", "search", "--json", "--limit", "200"]).stdout).unwrap();
    let out = (0..100)
        .map(|_| {
            std::thread::sleep(std::time::Duration::from_millis(50));
            searched()
        })
        .find(|out| out.contains("admin.change"))
        .expect("the change is in the log");
    let mut fields = BTreeSet::new();
    for line in out.lines() {
        let event: serde_json::Value = serde_json::from_str(line).unwrap();
        fields.extend(keys(&event));
        for of in ["subject", "resource", "request", "object"] {
            fields.extend(event.get(of).filter(|part| part.is_object()).map(keys).into_iter().flatten());
        }
        for of in ["kind", "outcome"] {
            fields.insert(event[of].as_str().unwrap().to_owned());
        }
    }
    assert!(fields.contains("log_index") && fields.contains("change"), "{fields:?}");
    let untold: Vec<&String> = fields.iter().filter(|field| !told.contains(*field)).collect();
    assert!(untold.is_empty(), "the contract does not tell {untold:?}");
}

/// The pictures of the book are made anew, and those that are kept have the same names and size. They change by the minute, so
/// they are kept on request only: `BARTIZAN_SHOTS=write`.
#[test]
fn pictures_are_made_by_the_tests() {
    let made = blocks::root().join("target/shots");
    let _ = std::fs::remove_dir_all(&made);
    std::fs::create_dir_all(&made).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let demo = Demo::start_in(dir.path(), &["--past", "7"]);
    crate::browser::run_with(&demo, "shots", serde_json::json!({ "shots": made.canonicalize().unwrap() }));
    let kept = blocks::root().join("docs/book/images");
    for name in pictures() {
        let (made, kept) = (made.join(&name), kept.join(&name));
        // Where there is no browser, nothing was made.
        if std::env::var_os("BARTIZAN_SHOTS").is_some_and(|wish| wish == "write") && made.exists() {
            std::fs::copy(&made, &kept).unwrap();
        }
        let (width, height, bytes) = size(&kept);
        assert!(bytes <= MOST, "{name} has {bytes} bytes");
        if made.exists() {
            assert_eq!(size(&made).0, width, "{name}");
            assert_eq!(size(&made).1, height, "{name}");
        }
    }
}

/// Pictures that pages name.
fn pictures() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for file in chapters().into_iter().chain([README.to_owned()]) {
        for link in blocks::page(&file).split("![").skip(1).filter_map(|rest| rest.split_once("](")) {
            let name = link.1.split(')').next().unwrap();
            names.extend(name.rsplit_once("images/").map(|(_, name)| name.to_owned()));
        }
    }
    assert!(!names.is_empty(), "a page has a picture");
    names
}

/// Width, height and bytes of a PNG.
fn size(file: &Path) -> (u32, u32, usize) {
    let bytes = std::fs::read(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    assert_eq!(&bytes[1..4], b"PNG", "{}", file.display());
    let number = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
    (number(16), number(20), bytes.len())
}

/// The largest picture that is kept, in bytes: pages of the book open quickly.
const MOST: usize = 120 * 1024;
