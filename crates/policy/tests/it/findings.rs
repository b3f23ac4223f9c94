//! What is said of policies that are wrong, or could be better.

use bartizan_model::Revision;
use bartizan_policy::{Engine, Finding, PolicySource, Severity, split_file};
use proptest::prelude::*;

fn check(text: &str) -> Vec<Finding> {
    let sources = match split_file("p.cedar", text) {
        Ok(sources) => sources,
        Err(findings) => return findings,
    };
    match Engine::compile(Revision::new(1), &sources, None) {
        Ok(engine) => engine.findings().to_vec(),
        Err(findings) => {
            assert!(findings.iter().any(|finding| finding.severity == Severity::Error));
            findings
        }
    }
}

#[test]
fn each_mistake_is_shown_at_its_place_with_what_was_probably_meant() {
    use Severity::{Advice, Error, Warning};
    for (text, line, column, severity, message, help) in [
        (
            "@id(\"a\")\npermit(principal, action, resource)\nwhen { context.sesion.level == \"strong\" };",
            (3, 8, Error, "attribute `sesion` in context not found", "did you mean `session`?"),
        ),
        (
            "@id(\"a\") permit(principal, action, resource) when { context.session.levl == \"strong\" };",
            (1, 53, Error, "attribute `session.levl` in context not found", "did you mean `level`?"),
        ),
        (
            "// what it is for\n@id(\"a\")\npermit(\n  principal in Grup::\"finance\", action, resource);",
            (4, 16, Error, "unrecognized entity type `Grup`", "did you mean `Group`?"),
        ),
        (
            "@id(\"a\") permit(principal, action == Action::\"http:raed\", resource);",
            (1, 38, Error, "unrecognized action `Action::\"http:raed\"`", "did you mean"),
        ),
        (
            "@id(\"a\") permit(principal, action, resource) when { contxt.risk < 4 };",
            (1, 53, Error, "invalid member access `contxt.risk`", "did you mean `context`?"),
        ),
        (
            "@id(\"a\") permit(principal, action, resource) when { context.risk < \"4\" };",
            (1, 68, Error, "unexpected type: expected Long but saw String", ""),
        ),
        (
            "@id(\"a\") permit(principal, action, resource) when { context.risk < };",
            (1, 68, Error, "unexpected token `}`: expected", ""),
        ),
        ("@id(\"a\") permt(principal, action, resource);", (1, 10, Error, "invalid policy effect: permt", "effect must be")),
        ("@id(\"a\") permit(principal, action, resource)", (1, 45, Error, "unexpected end of input", "")),
        ("permit(principal, action, resource);", (1, 1, Error, "this policy has no `@id`", "@id(\"a-name\")")),
        ("@id(\"A b\") permit(principal, action, resource);", (1, 1, Error, "`A b` is not a name", "")),
        (
            "@id(\"a\") permit(principal == ?principal, action, resource);",
            (1, 30, Error, "got a template", "removing the template slot"),
        ),
        (
            "@id(\"a\") permit(principal, action, resource);\n@id(\"b\") permit(principal, action, resource);\n  @id(\"a\") forbid(principal, action, resource);",
            (3, 3, Error, "`@id(\"a\")` stands twice", "line 1"),
        ),
        (
            "@id(\"a\") permit(principal, action in Action::\"admin\", resource == App::\"wiki\");",
            (1, 1, Warning, "no action of this policy goes with its principal and resource", "`admin` to an Admin"),
        ),
        (
            "@id(\"a\") forbid(principal, action, resource) when { false };",
            (1, 1, Warning, "policy is impossible", ""),
        ),
        (
            "@id(\"a\") permit(principal, action, resource) when { context.session.level == \"strng\" };",
            (1, 1, Warning, "`context.session.level` is never `strng`", "did you mean `strong`?"),
        ),
        (
            "@id(\"a\") permit(principal, action, resource) unless { \"2fa\" != context.session.level };",
            (1, 1, Warning, "`context.session.level` is never `2fa`", "none, basic, strong"),
        ),
        (
            "@id(\"a\") permit(principal == User::\"0192f0c1-2b3c-4d4e-8f50-112233445566\", action, resource);",
            (1, 1, Advice, "this policy names a person", "group"),
        ),
        (
            "@id(\"a\") forbid(principal is User, action, resource) when { principal == User::\"x\" };",
            (1, 1, Advice, "this policy names a person", "group"),
        ),
    ]
    .map(|(text, (line, column, severity, message, help))| (text, line, column, severity, message, help))
    {
        let findings = check(text);
        let found = findings.iter().find(|finding| finding.message.contains(message));
        let Some(found) = found else { panic!("{text}\n{message}\n{findings:#?}") };
        assert_eq!((found.line, found.column, found.severity), (line, column, severity), "{text}\n{found:#?}");
        assert!(found.help.as_deref().unwrap_or_default().contains(help), "{text}\n{found:#?}");
        assert_eq!(found.file, "p.cedar");
        let of_its_kind = findings.iter().filter(|finding| finding.severity == severity).count();
        assert_eq!(of_its_kind, 1, "{findings:#?}");
    }
}

#[test]
fn every_policy_of_a_file_is_looked_at() {
    let findings = check(
        "@id(\"a\") permit(principal, action, resource) when { nothing };\n@id(\"b\") permit(principal, action, resource);\n@id(\"c\") permit(principal, action, resource) when { context.rsk < 3 };",
    );
    assert_eq!(findings.iter().map(|finding| finding.line).collect::<Vec<_>>(), [1, 3], "{findings:#?}");
    let shown = findings[1].to_string();
    assert_eq!(shown, "p.cedar:3:53: attribute `rsk` in context not found (did you mean `risk`?)");
    let json = serde_json::to_value(&findings[1]).unwrap();
    assert_eq!(json["severity"], "error");
    assert_eq!((&json["line"], &json["column"]), (&3.into(), &53.into()));
}

#[test]
fn a_file_is_split_where_policies_end_and_nowhere_else() {
    let text = "
// First; with a semicolon.
@id(\"first\") @reason(\"no; end\")
permit(principal, action, resource == App::\"a;b\") // here; either
when { context.request.path like \"/;\\\";*\" };   @id  (  \"second\"  )
forbid(principal, action, resource);

// Nothing follows; really.
";
    let sources = split_file("two.cedar", text).unwrap();
    let names: Vec<String> = sources.iter().map(|source| source.id.to_string()).collect();
    assert_eq!(names, ["first", "second"]);
    assert_eq!((sources[0].line, sources[0].column), (2, 1));
    assert_eq!((sources[1].line, sources[1].column), (5, 48));
    assert!(sources[0].text.starts_with("// First;") && sources[0].text.ends_with("};"));
    assert!(sources[1].text.starts_with("@id") && sources[1].text.ends_with("resource);"));
    assert!(split_file("none.cedar", " // nothing\n").unwrap().is_empty());
}

#[test]
fn the_id_that_counts_is_the_one_that_cedar_reads() {
    // An annotation that only looks like one, in a comment and in a string.
    let text =
        "// @id(\"no\")\n@reason(\"@id(\\\"no\\\")\") @id(\"yes\") permit(principal, action, resource);";
    assert_eq!(split_file("p.cedar", text).unwrap()[0].id.as_str(), "yes");
    assert!(check(text).is_empty());
    let source = PolicySource::new(
        "other".parse().unwrap(),
        "p.cedar",
        "@id(\"yes\") permit(principal, action, resource);",
    );
    let findings = Engine::compile(Revision::new(1), &[source], None).unwrap_err();
    assert_eq!(findings[0].message, "the policy is named `other`, but its `@id` is `yes`");
    let twice =
        PolicySource::new("p".parse().unwrap(), "q.cedar", "@id(\"p\") permit(principal, action, resource);");
    let findings = Engine::compile(Revision::new(1), &[twice.clone(), twice], None).unwrap_err();
    assert_eq!(findings[0].message, "there are two policies with `@id(\"p\")`");
}

#[test]
fn one_wrong_policy_activates_none() {
    let good = "@id(\"a\") permit(principal, action, resource);";
    let before = Engine::compile(Revision::new(1), &split_file("p.cedar", good).unwrap(), None).unwrap();
    let both = format!("{good} @id(\"b\") permit(principal, action, resource) when {{ 1 }};");
    let sources = split_file("p.cedar", &both).unwrap();
    assert!(Engine::compile(Revision::new(2), &sources, Some(&before)).is_err());
    assert_eq!(before.policies().count(), 1);
}

/// A policy that holds these conditions, parsed on a thread with the stack that tokio gives.
fn survives(condition: &str) -> Vec<Finding> {
    let text = format!("@id(\"a\") permit(principal, action, resource) when {{ {condition} }};");
    let thread = std::thread::Builder::new().stack_size(2 * 1024 * 1024);
    thread
        .spawn(move || {
            let sources = split_file("p.cedar", &text).unwrap();
            match Engine::compile(Revision::new(1), &sources, None) {
                Err(findings) => findings,
                Ok(engine) => {
                    let world = crate::scene::small_world();
                    for request in [crate::scene::asks(0, "wiki"), crate::scene::anonymous("wiki")] {
                        let _verdict = engine.evaluate(&world, &request);
                        let _trace = engine.explain(&world, &request);
                        let _remedies = engine.remedies(&world, &request);
                    }
                    engine.findings().to_vec()
                }
            }
        })
        .unwrap()
        .join()
        .unwrap()
}

#[test]
fn deep_and_long_policies_are_refused_and_not_a_way_to_overflow_the_stack() {
    for number in [30, 100, 350, 399, 1000, 100_000] {
        for (open, middle, close) in [
            ("(", "true", ")"),
            ("[", "1", "]"),
            ("{a: ", "1", "}"),
            ("!", "true", ""),
            ("-", "1", ""),
            ("true && ", "true", ""),
            ("true || ", "true", ""),
            ("1 + ", "1", " > 2"),
            ("if true then true else ", "true", ""),
            ("if ", "true", " then true else false"),
            ("", "context", ".a"),
            ("", "context", ".session.amr.contains(\"a\")"),
            ("!(", "true", ")"),
            ("(true && ", "true", ")"),
            ("principal in [Group::\"a\"] && ", "true", ""),
            ("ip(", "\"1.1.1.1\"", ")"),
        ] {
            let condition = format!("{}{middle}{}", open.repeat(number), close.repeat(number));
            let findings = survives(&condition);
            if number >= 1000 {
                let refused = |finding: &Finding| {
                    finding.message.contains("nested more than")
                        || finding.message.contains("operators")
                        || finding.message.contains("longer than")
                };
                assert!(findings.iter().any(refused), "{number} × {open}…{close}: {findings:#?}");
            }
        }
    }
    let long = format!("principal in [{}]", "Group::\"abc\", ".repeat(1000));
    assert!(survives(&long).is_empty());
    let huge = "@id(\"a\") permit(principal, action, resource);\n".repeat(100_000);
    assert!(split_file("p.cedar", &huge).unwrap_err()[0].message.contains("longer than"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,200}") {
        check(&text);
    }

    #[test]
    fn no_policy_like_text_makes_it_panic(
        pieces in proptest::collection::vec(proptest::sample::select(PIECES.to_vec()), 0..40),
    ) {
        check(&pieces.concat());
    }
}

const PIECES: [&str; 40] = [
    "@id(\"a\")",
    "@id(\"b\") ",
    "@",
    "permit",
    "forbid",
    "(",
    ")",
    "principal",
    "action",
    "resource",
    ", ",
    ";",
    "when {",
    "unless {",
    "}",
    "context",
    ".session",
    ".level",
    ".risk",
    " == ",
    " && ",
    " in ",
    "Group::\"a\"",
    "App::\"wiki\"",
    "\"",
    "\\",
    "//",
    "\n",
    "ä",
    "[",
    "]",
    " is ",
    " has ",
    " like ",
    "\"*\"",
    "datetime(\"2026-01-01\")",
    "1",
    "-",
    "!",
    "@id(\"c\") permit(principal, action, resource) when { true };",
];
