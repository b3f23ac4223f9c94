use bartizan_policy::Severity;

use super::*;

fn findings(files: &[(&str, &str)]) -> Vec<String> {
    let files: Vec<(String, String)> =
        files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    let (_, findings) = Files::read_what_is_right(&files);
    assert!(findings.iter().all(|finding| finding.severity == Severity::Error));
    findings.iter().map(ToString::to_string).collect()
}

fn objects(text: &str) -> Vec<String> {
    findings(&[("a.toml", text)])
}

#[test]
fn what_is_right_has_no_findings() {
    let files = [
        (
            "all.toml",
            "[[app]]\nname = \"wiki\"\nhost = \"wiki.example.com\"\nupstream = \"https://10.0.0.1\"\naudit = \"strict\"\n\
             pass_host = false\ngroups = [\"staff\"]\nrelax = [\"encoded_slash\"]\nmethods = [\"PURGE\"]\nmax_body = 1_000\nlease = 3_600\n[[group]]\nname = \"staff\"\nmembers = [\"bob\", \"group:it\", \"user:eve\"]\n\
             [[user]]\nname = \"bob\"\ndisplay = \"Bob\"\nmail = \"bob@example.com\"\nadmin = true\ndisabled = false\n",
        ),
        (
            "client.toml",
            "[[client]]\nname = \"grafana\"\ntitle = \"Grafana\"\nredirect_uris = [\"https://g.example.com/cb\", \"http://127.0.0.1/cb\"]\n\
             post_logout_redirect_uris = [\"https://g.example.com/\"]\nbackchannel_logout_uri = \"https://g.example.com/out\"\ngrants = [\"authorization_code\"]\nauth = \"none\"\n\
             id_token_alg = \"RS256\"\nrequire_par = true\nrequire_dpop = true\n\
             consent = true\ngroups = [\"staff\"]\nscopes = [\"profile\"]\naudiences = [\"https://api.example.com\"]\nexchanges_from = [\"web\"]\ndisabled = false\n",
        ),
        ("p.cedar", "@id(\"p\") permit (principal, action, resource == App::\"wiki\");"),
        ("p.test.toml", "this is read by somebody else"),
    ];
    assert_eq!(findings(&files), Vec::<String>::new());
}

#[test]
fn everything_wrong_is_found_at_its_place_with_what_would_mend_it() {
    let text = "[[app]]\nname = \"wiki\"\nusptream = \"https://a\"\nhost = \"Wiki.example.com\"\naudit = \"strikt\"\n\n\
                [[ap]]\nname = 'x'\n\n[[user]]\nname = \"bob\"\nadmin = \"yes\"\n  maill = 1\n";
    assert_eq!(
        objects(text),
        [
            "a.toml:3:1: unknown key `usptream` in [[app]] (did you mean `upstream`?)",
            "a.toml:4:8: `Wiki.example.com` is not a host name (write `wiki.example.com`: lower case, without scheme, port or path)",
            "a.toml:5:9: `audit` cannot be `strikt` (did you mean `strict`?)",
            "a.toml:7:3: unknown key `ap` (did you mean `app`?)",
            "a.toml:12:9: `admin` must be true or false, and this is a string",
            "a.toml:13:3: unknown key `maill` in [[user]] (did you mean `mail`?)",
        ]
    );
}

#[test]
fn each_rule_for_one_client_has_its_finding() {
    let client = |line: &str| objects(&format!("[[client]]\nname = \"c\"\n{line}\n"));
    for (line, expected) in [
        ("redirect_uris = [\"http://c.example.com/cb\"]", "leads nowhere safe"),
        ("redirect_uris = [\"https://*.example.com/cb\"]", "leads nowhere safe"),
        ("redirect_uris = [\"javascript:alert(1)\"]", "leads nowhere safe"),
        ("redirect_uris = [\"https://c.example.com/#x\"]", "a fragment"),
        ("backchannel_logout_uri = \"http://g.example.com/out\"", "leads nowhere safe"),
        ("backchannel_logout_uri = \"org.example.app:/out\"", "nothing to post to"),
        ("grants = [\"implicit\"]", "`grants` cannot hold `implicit`"),
        ("grants = [\"refresh_tokens\"]", "did you mean `refresh_token`"),
        ("auth = \"secret\"", "`auth` cannot be `secret`"),
        ("id_token_alg = \"none\"", "`id_token_alg` cannot be `none`"),
        ("id_token_alg = \"HS256\"", "`id_token_alg` cannot be `HS256`"),
        ("scopes = [\"a b\"]", "`scopes` cannot hold `a b`"),
        ("audiences = [\"api\"]", "`audiences` cannot hold `api`"),
        ("exchanges_from = [\"No Client\"]", "`exchanges_from`"),
        ("exchanges_from = [\"bartizan-cli\"]", "for the console alone"),
        ("groups = [\"No Group\"]", "`groups`"),
        ("jwks = \"x\"", "is not JSON"),
        ("jwks = \"{}\"", "has no `keys`"),
        ("jwks = '{\"keys\": [{\"kty\": \"EC\", \"d\": \"x\"}]}'", "private or a symmetric key"),
        ("jwks = '{\"keys\": [{\"kty\": \"oct\", \"k\": \"x\"}]}'", "private or a symmetric key"),
        ("secret = \"x\"", "unknown key `secret`"),
        ("[[client.trust]]\nissuer = \"https://i.example\"", "it has no `claims`"),
        ("[[client.trust]]\nissuer = \"https://i.example\"\nclaims = {}", "it has no `claims`"),
        ("[[client.trust]]\nissuer = \"https://i.example\"\nclaims = { a = 1 }", "a table of texts"),
        ("[[client.trust]]\nclaims = { sub = \"x\" }", "it has no `issuer`"),
        ("[[client.trust]]\nissuer = \"http://i.example\"\nclaims = { sub = \"x\" }", "leads nowhere safe"),
        (
            "[[client.trust]]\nissuer = \"org.example:/x\"\nclaims = { sub = \"x\" }",
            "the address of an issuer",
        ),
        (
            "[[client.trust]]\nissuer = \"https://i.example\"\nclaim = { sub = \"x\" }\nclaims = { sub = \"x\" }",
            "[[client.trust]]",
        ),
    ] {
        let found = client(line);
        assert!(found.len() == 1 && found[0].contains(expected), "{line}: {found:?}");
    }
}

#[test]
fn each_rule_for_one_app_has_its_finding() {
    let app = |line: &str| objects(&format!("[[app]]\nname = \"a\"\n{line}\n"));
    for (line, expected) in [
        ("host = \"https://a.example.com/x\"", "write `a.example.com`"),
        ("host = \"a.example.com:8443\"", "write `a.example.com`"),
        ("host = \"10.0.0.1\"", "is not a host name"),
        ("host = \"\"", "is not a host name"),
        ("upstream = \"10.0.0.1\"", "is not an upstream"),
        ("upstream = \"http://a/b\"", "is not an upstream"),
        ("ca = \"nonsense\"", "holds no certificate"),
        ("client_cert = \"x\"", "not supported yet"),
        ("relax = [\"encoded_slash\", \"dots\"]", "`relax` cannot hold `dots`"),
        ("relax = \"encoded_slash\"", "must be a list of texts"),
        ("methods = [\"purge\"]", "`purge` is no method that can pass"),
        ("methods = [\"CONNECT\"]", "never pass"),
        ("max_body = -1", "a whole number that is not negative"),
        ("lease = 4", "`lease` cannot be 4 (it is 5 to 3600, in seconds)"),
        ("lease = 3601", "it is 5 to 3600"),
        ("lease = 18446744073709551615", "it is 5 to 3600"),
        ("lease = 7.5", "a whole number that is not negative"),
        ("lease = \"30s\"", "a whole number that is not negative"),
        ("groups = [\"A B\"]", "is not a name"),
        ("groups = \"staff\"", "a list of texts"),
        ("upstream_plaintext = \"yes\"", "accepted, refused"),
        ("policy = \"x\"", "the keys are name, host, upstream"),
    ] {
        let found = app(line);
        assert!(found.len() == 1 && found[0].contains(expected), "{line}: {found:?}");
    }
    assert!(app("host = \"a_b-c.example.com\"").is_empty());
}

#[test]
fn our_own_names_are_reserved() {
    for name in ["auth", "portal", "console"] {
        let found = objects(&format!("[[app]]\nname = \"{name}\"\n"));
        assert!(found.len() == 1 && found[0].starts_with("a.toml:2:8: the app name"), "{found:?}");
    }
    assert!(objects("[[app]]\nname = \"authors\"\n").is_empty());
}

#[test]
fn what_is_declared_twice_is_found_across_files() {
    let found = findings(&[
        ("a.toml", "[[app]]\nname = \"wiki\"\n"),
        ("b.toml", "\n[[app]]\nname = \"wiki\"\n[[user]]\nname = \"BOB\"\n[[user]]\nname = \"bob\"\n"),
        ("c.cedar", "@id(\"p\") permit (principal, action, resource);"),
        ("d.cedar", "// twice\n@id(\"p\") forbid (principal, action, resource);"),
        ("e.txt", ""),
    ]);
    assert_eq!(
        found,
        [
            "b.toml:3:8: there are two declarations of app `wiki` (the other one is in a.toml, line 2)",
            "b.toml:7:8: there are two declarations of user `bob` (the other one is in b.toml, line 5)",
            "d.cedar:1:1: there are two policies with `@id(\"p\")` (the other one is in c.cedar, line 1)",
            "e.txt:1:1: this is not an object file (objects are in `.toml` files, policies in `.cedar` files)",
        ]
    );
}

#[test]
fn a_text_that_is_not_toml_is_found_where_it_stops_to_be() {
    let found = objects("[[app]]\nname = wiki\n[[user]]\nname = \"bob\"\nnmae = 1\n");
    assert!(found[0].starts_with("a.toml:2:8: this is not TOML"), "{found:?}");
    assert!(found.iter().any(|found| found.starts_with("a.toml:5:1: unknown key `nmae`")), "{found:?}");
    assert!(objects("[[app]]\nhost = \"a.example.com\"\n")[0].contains("this app has no `name`"));
}

#[test]
fn columns_count_characters_and_not_bytes() {
    let found = objects("user = [{ display = \"Zoë\", name = 1 }]\n");
    assert!(found[0].starts_with("a.toml:1:35: `name` must be"), "{found:?}");
}

#[test]
fn a_member_is_a_person_or_a_group() {
    for (member, wrong) in
        [("bob", false), ("user:bob", false), ("group:it", false), ("team:it", true), ("group:I T", true)]
    {
        let found = objects(&format!("[[group]]\nname = \"g\"\nmembers = [\"{member}\"]\n"));
        assert_eq!(!found.is_empty(), wrong, "{member}: {found:?}");
    }
}
