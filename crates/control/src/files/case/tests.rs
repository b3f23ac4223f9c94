use bartizan_model::Revision;

use super::super::{Files, suppose};
use super::*;

const FILES: [(&str, &str); 2] = [
    (
        "all.toml",
        "[[user]]\nname = \"bob\"\n[[user]]\nname = \"eve\"\ndisabled = true\n\
         [[group]]\nname = \"finance\"\nmembers = [\"bob\", \"eve\", \"group:auditors\"]\n\
         [[app]]\nname = \"payroll\"\nhost = \"payroll.example.com\"\n",
    ),
    (
        "p.cedar",
        "@id(\"finance\") permit (principal in Group::\"finance\", action in Action::\"http\", resource == App::\"payroll\")\n\
         when { context.session.level == \"strong\" && context.session.mfa_age < 3600 && context.risk < 40 };\n\
         @id(\"nights\") forbid (principal, action == Action::\"http:write\", resource == App::\"payroll\")\n\
         when { context.time.hour < 6 || !(context.request.path like \"/open*\") && context.request.source == ip(\"10.0.0.1\") };",
    ),
];

/// What is wrong with the one case of this text, run against the files.
fn run(text: &str) -> Option<String> {
    let files = FILES.map(|(name, text)| (name.to_owned(), text.to_owned()));
    let files = Files::read(&files).unwrap();
    let sources: Vec<_> = files.policies.values().cloned().collect();
    let engine = Engine::compile(Revision::new(1), &sources, None).unwrap();
    let cases = policy_cases("p.test.toml", &format!("[[case]]\n{text}")).unwrap();
    assert_eq!(cases.len(), 1);
    cases[0].run(&engine, &suppose(&files).unwrap()).map(|finding| finding.to_string())
}

#[test]
fn each_circumstance_makes_the_difference_that_it_makes_in_earnest() {
    for (circumstances, expect) in [
        ("user = \"bob\"", "permit"),
        ("user = \"bob\"\nmethod = \"post\"", "permit"),
        ("user = \"bob\"\nlevel = \"basic\"", "deny"),
        ("user = \"bob\"\nmfa_age = 3599", "permit"),
        ("user = \"bob\"\nmfa_age = 3600", "deny"),
        ("user = \"bob\"\nage = 4000", "deny"),
        ("user = \"bob\"\nrisk = 40", "deny"),
        ("user = \"bob\"\nmethod = \"PUT\"\ntime = \"2026-11-24T05:59:00Z\"", "deny"),
        ("user = \"bob\"\nmethod = \"PUT\"\nsource = \"10.0.0.1\"", "deny"),
        ("user = \"bob\"\nmethod = \"PUT\"\nsource = \"10.0.0.1\"\npath = \"/open/1\"", "permit"),
        ("user = \"bob\"\ngroups = []", "deny"),
        ("user = \"zoe\"\ngroups = [\"finance\"]", "permit"),
        ("groups = [\"auditors\"]", "permit"),
        ("user = \"bob\"\nlevel = \"none\"\nreason = \"session_ended\"", "deny"),
        ("user = \"eve\"\nreason = \"subject_disabled\"", "deny"),
        ("reason = \"sign_in_required\"", "deny"),
        ("user = \"bob\"\nlevel = \"basic\"\nreason = \"step_up_required\"\npolicies = []", "deny"),
        ("user = \"bob\"\nmethod = \"PUT\"\nsource = \"10.0.0.1\"\npolicies = [\"nights\"]", "deny"),
        ("user = \"bob\"\npolicies = [\"finance\"]", "permit"),
    ] {
        let other = if expect == "permit" { "deny" } else { "permit" };
        let case = |expect: &str| format!("{circumstances}\napp = \"payroll\"\nexpect = \"{expect}\"\n");
        assert_eq!(run(&case(expect)), None, "{circumstances}");
        let case = case(other).replace("reason", "# reason");
        assert!(run(&case).is_some(), "{circumstances} should not be {other}");
    }
}

#[test]
fn a_case_that_fails_says_what_it_is_and_by_what() {
    let found = run("user = \"bob\"\nlevel = \"basic\"\napp = \"payroll\"\nexpect = \"permit\"\n").unwrap();
    assert!(
        found.starts_with(
            "p.test.toml:1:1: `bob GET payroll/`: expected permit, and it is deny (step_up_required) by []"
        ),
        "{found}"
    );
    assert!(found.contains("session.level = basic"), "{found}");
    for (wrong, expected) in [
        ("user = \"bobb\"\napp = \"payroll\"", "no file declares the person `bobb` (did you mean `bob`?)"),
        ("user = \"bob\"\napp = \"payrol\"", "no file declares the app `payrol` (did you mean `payroll`?)"),
    ] {
        let found = run(&format!("{wrong}\nexpect = \"permit\"\n")).unwrap();
        assert!(found.contains(expected), "{found}");
    }
}

#[test]
fn a_test_file_is_read_strictly() {
    let read = |text: &str| match policy_cases("p.test.toml", text) {
        Ok(_) => Vec::new(),
        Err(findings) => findings.iter().map(ToString::to_string).collect::<Vec<String>>(),
    };
    assert_eq!(
        read("[[case]]\nusr = \"bob\"\nexpect = \"allow\"\nrisk = 101\nreason = \"because\"\n"),
        [
            "p.test.toml:1:1: this case has no `app`",
            "p.test.toml:2:1: unknown key `usr` in [[case]] (did you mean `user`?)",
            "p.test.toml:3:10: `expect` cannot be `allow` (it is one of permit, deny)",
            "p.test.toml:4:8: `risk` is a number from 0 to 100",
            "p.test.toml:5:10: `reason` cannot be `because` (it is one of sign_in_required, session_ended, step_up_required, denied_by_policy, subject_disabled, risk_too_high, device_not_trusted)",
        ]
    );
    assert_eq!(read("").len(), 1);
    assert_eq!(read("[[case]]\napp = \"a\"\nexpect = \"permit\"\nreason = \"denied_by_policy\"\n").len(), 1);
    assert!(read("[[case]]\napp = \"a\"\nexpect = \"deny\"\ndevice = { compliant = true }\n").is_empty());
}
