use bartizan_gateway::Proxies;

use super::*;

const WHOLE: &str = "domain = \"access.example.com\"\ndata_dir = \"/var/lib/bartizan\"\n\
    [[listener]]\naddress = \"0.0.0.0:8443\"\nserves = [\"apps\", \"auth\"]\npublic_port = 443\n\
    trusted_proxies = [\"10.0.0.0/29\", \"10.9.9.9\"]\nproxy_protocol = true\n\
    [[listener]]\naddress = \"127.0.0.1:9443\"\nserves = [\"console\"]\n[tls]\nauthority = \"own\"\n\
    [health]\naddress = \"127.0.0.1:9464\"\n[redirect]\naddress = \"0.0.0.0:80\"\n\
    [log]\nformat = \"json\"\nlevel = \"info,bartizan_gateway=debug\"\n";

fn read(text: &str) -> Result<Config, Vec<String>> {
    Config::read("b.toml", text, Path::new("/etc/bartizan"))
        .map_err(|findings| findings.iter().map(ToString::to_string).collect())
}

#[test]
fn a_whole_configuration_and_a_short_one() {
    assert_eq!(
        read(WHOLE).unwrap(),
        Config {
            domain: String::from("access.example.com"),
            data_dir: PathBuf::from("/var/lib/bartizan"),
            listeners: vec![
                Listener {
                    address: "0.0.0.0:8443".parse().unwrap(),
                    serves: [Service::Apps, Service::Auth].into(),
                    public_port: 443,
                    proxies: Proxies::new(
                        ["10.0.0.0/29", "10.9.9.9/32"].map(|net| net.parse().unwrap()),
                        true
                    ),
                },
                Listener {
                    address: "127.0.0.1:9443".parse().unwrap(),
                    serves: [Service::Console].into(),
                    public_port: 9443,
                    proxies: Proxies::default(),
                },
            ],
            health: Some("127.0.0.1:9464".parse().unwrap()),
            redirect: Some("0.0.0.0:80".parse().unwrap()),
            tls: Tls { acme: None, hsts: true, certificates: Vec::new() },
            log: Logging { format: Format::Json, level: String::from("info,bartizan_gateway=debug") },
            telemetry: None,
            points: None,
        }
    );
    let whole = read(WHOLE).unwrap();
    assert_eq!([Service::Apps, Service::Auth, Service::Console].map(|s| whole.port_of(s)), [443, 443, 9443]);
    let short = "domain = \"a.internal\"\n[[listener]]\naddress = \"[::]:9443\"\nserves = [\"console\", \"auth\", \"apps\"]\n";
    let short = read(short).unwrap();
    assert_eq!(short.port_of(Service::Apps), 9443);
    assert_eq!((short.health, short.log), (None, Logging::default()));
    assert_eq!(short.data_dir, PathBuf::from("/etc/bartizan/data"));
}

#[test]
fn a_log_has_a_form_and_levels_that_there_are() {
    let text =
        "domain = \"x.y\"\n[[listener]]\naddress = \"0.0.0.0:1\"\nserves = [\"apps\", \"auth\"]\n[log]\n";
    for (line, wrong) in [
        ("format = \"jsn\"", "`format` cannot be `jsn` (did you mean `json`?)"),
        ("level = \"wran\"", "`wran` is neither a level nor MODULE=LEVEL"),
        ("levle = \"warn\"", "unknown key `levle` in [log] (did you mean `level`?)"),
    ] {
        let found = read(&format!("{text}{line}\n")).unwrap_err();
        assert!(found.len() == 1 && found[0].contains(wrong), "{found:?}");
    }
}

#[test]
fn everything_wrong_is_found_at_once() {
    let text = "domian = \"x.y\"\n\n[[listener]]\nadress = \"0.0.0.0:1\"\nserves = [\"app\", \"auth\"]\n\
        [[listener]]\naddress = \"0.0.0.0:2\"\npublic_port = 70000\nserves = [\"apps\"]\n";
    assert_eq!(
        read(text).unwrap_err(),
        [
            "b.toml:1:1: there is no `domain` (domain = \"access.example.com\": own hosts are auth. and console. below it)",
            "b.toml:1:1: unknown key `domian` (did you mean `domain`?)",
            "b.toml:3:1: this listener has no `address`",
            "b.toml:4:1: unknown key `adress` in [[listener]] (did you mean `address`?)",
            "b.toml:5:11: nothing here is called `app` (did you mean `apps`?)",
            "b.toml:8:15: `public_port` is a number from 1 to 65535",
        ]
    );
    assert_eq!(read("").unwrap_err().len(), 2);
}

#[test]
fn plain_http_has_a_port_of_its_own() {
    for (redirect, expected) in [
        ("address = \"0.0.0.0:1\"", "the listener on 0.0.0.0:1 speaks TLS there"),
        ("address = \"80\"", "`80` is not an address to listen on"),
        ("port = 80", "[redirect] has no `address`"),
    ] {
        let start =
            "domain = \"a.b\"\n[[listener]]\naddress = \"0.0.0.0:1\"\nserves = [\"auth\"]\n[redirect]\n";
        let found = read(&format!("{start}{redirect}\n")).unwrap_err().concat();
        assert!(found.contains(expected), "{redirect}: {found}");
    }
}

#[test]
fn nobody_is_believed_by_mistake() {
    let listener = |more: &str| {
        let start = "domain = \"a.b\"\n[[listener]]\naddress = \"0.0.0.0:1\"\nserves = [\"auth\"]\n";
        read(&format!("{start}{more}\n")).unwrap_err().concat()
    };
    for (more, expected) in [
        ("trusted_proxies = [\"0.0.0.0/0\"]", "`0.0.0.0/0` is everybody"),
        ("trusted_proxies = [\"::/0\"]", "`::/0` is everybody"),
        ("trusted_proxies = [\"10.0.0.1/8\"]", "`10.0.0.1/8` has bits behind its prefix"),
        ("trusted_proxies = [\"10.0.0.0/33\"]", "is not a network"),
        ("trusted_proxies = [\"proxy.internal\"]", "is not a network"),
        ("trusted_proxies = \"10.0.0.1\"", "must be a list of texts"),
        ("proxy_protocol = true", "there is no `trusted_proxies`"),
    ] {
        let found = listener(more);
        assert!(found.contains(expected), "{more}: {found}");
    }
}

#[test]
fn what_cannot_be_is_refused_and_not_ignored() {
    let with = |from: &str, to: &str| read(&WHOLE.replace(from, to)).unwrap_err();
    for (from, to, expected) in [
        ("\"apps\", \"auth\"", "\"apps\"", "nobody could sign in: no listener serves `auth`"),
        ("[\"console\"]", "[]", "this listener serves nothing"),
        ("127.0.0.1:9443", "0.0.0.0:8443", "two listeners have the address `0.0.0.0:8443`"),
        ("\"own\"", "\"letsencrypt\"", "`authority` cannot be `letsencrypt`"),
        ("authority", "authorities", "unknown key `authorities` in [tls]"),
        ("\"own\"", "\"acme\"", "its terms of service are not agreed to"),
        ("0.0.0.0:8443", "8443", "is not an address"),
        ("access.example.com", "Access.example.com", "is not a domain"),
        ("access.example.com", "10.0.0.1", "is not a domain"),
        ("access.example.com", "internal", "is not a domain"),
        ("443\n", "\"443\"\n", "a whole number"),
        ("127.0.0.1:9464", "0.0.0.0:9464", "0.0.0.0 is not loopback"),
        ("127.0.0.1:9464", "10.0.0.5:9464", "10.0.0.5 is not loopback"),
        ("127.0.0.1:9464", "[::]:9464", ":: is not loopback"),
        ("127.0.0.1:9464", "localhost:9464", "is not an address to listen on"),
        ("127.0.0.1:9464", "127.0.0.1:8443", "the listener on 0.0.0.0:8443 has this port"),
        ("127.0.0.1:9464", "127.0.0.1:9443", "the listener on 127.0.0.1:9443 has this port"),
        ("address = \"127.0.0.1:9464\"", "", "[health] has no `address`"),
        (
            "address = \"127.0.0.1:9464\"",
            "adress = \"127.0.0.1:9464\"\naddress = \"[::1]:0\"",
            "did you mean `address`?",
        ),
    ] {
        let found = with(from, to);
        assert!(found.len() == 1 && found[0].contains(expected), "{to}: {found:?}");
    }
}

#[test]
fn certificates_and_authorities_of_others() {
    let with = |more: &str| read(&WHOLE.replace("authority = \"own\"\n", more));
    let config = with(
        "hsts = false\n[[tls.certificate]]\nchain = \"tls/fullchain.pem\"\nkey = \"/run/key.pem\"\n\
         [[tls.certificate]]\nchain = \"a\"\nkey = \"b\"\n",
    )
    .unwrap();
    assert!(!config.tls.hsts && config.tls.acme.is_none());
    let first = &config.tls.certificates[0];
    assert_eq!(first.chain.path, PathBuf::from("/etc/bartizan/tls/fullchain.pem"));
    assert_eq!((first.key.path.as_path(), first.key.place.line), (Path::new("/run/key.pem"), 16));
    assert_eq!(config.tls.certificates.len(), 2);

    let acme = "authority = \"acme\"\n[tls.acme]\nterms_agreed = true\n";
    let config = with(acme).unwrap();
    let expected = Acme {
        directory: String::from("https://acme-v02.api.letsencrypt.org/directory"),
        contact: Vec::new(),
        ca: None,
    };
    assert_eq!(config.tls.acme, Some(expected));
    let more = "directory = \"https://acme.internal:14000/dir\"\ncontact = [\"mailto:ops@example.com\"]\nca = \"root.pem\"\n";
    let config = with(&format!("{acme}{more}")).unwrap().tls.acme.unwrap();
    assert_eq!(config.contact, ["mailto:ops@example.com"]);
    assert_eq!(config.ca.unwrap().path, PathBuf::from("/etc/bartizan/root.pem"));

    for (more, expected) in [
        ("[[tls.certificate]]\nchain = \"a\"\n".to_owned(), "this certificate has no `key`"),
        (
            "[[tls.certificate]]\nchain = \"a\"\nkey = \"b\"\nkeys = \"c\"\n".to_owned(),
            "unknown key `keys` in [[tls.certificate]] (did you mean `key`?)",
        ),
        (acme.replace("true", "false"), "b.toml:15:16: its terms of service are not agreed to"),
        (acme.replace("authority = \"acme\"\n", ""), "no public authority is asked"),
        (format!("{acme}directory = \"http://acme.internal/dir\"\n"), "is not the directory of an authority"),
        (
            format!("{acme}directory = \"https://u:p@acme.internal/dir\"\n"),
            "is not the directory of an authority",
        ),
        (format!("{acme}contact = [\"ops@example.com\"]\n"), "`ops@example.com` is not a contact"),
        (format!("{acme}contact = [\"mailto:ops\"]\n"), "`mailto:ops` is not a contact"),
        (format!("{acme}email = \"x\"\n"), "unknown key `email` in [tls.acme]"),
    ] {
        let found = with(&more).unwrap_err();
        assert!(found.len() == 1 && found[0].contains(expected), "{more}: {found:?}");
    }
    let alone =
        WHOLE.replace("authority = \"own\"\n", acme).replace("[redirect]\naddress = \"0.0.0.0:80\"\n", "");
    let found = read(&alone).unwrap_err();
    assert!(found.len() == 1 && found[0].contains("there is no [redirect]"), "{found:?}");
}

#[test]
fn health_is_for_this_machine_and_the_finding_says_where_and_what_to_do() {
    let found = read(&WHOLE.replace("127.0.0.1:9464", "192.0.2.7:9464")).unwrap_err();
    assert_eq!(
        found,
        [
            "b.toml:15:11: health and metrics are plain HTTP for this machine only, and 192.0.2.7 is not loopback (write 127.0.0.1:9464; a \
          collector elsewhere reads it through an agent or a proxy on this machine)"
        ]
    );
    for address in ["127.0.0.9:1", "[::1]:9464", "[::ffff:127.0.0.1]:9464", "127.0.0.1:0"] {
        let config = read(&WHOLE.replace("127.0.0.1:9464", address)).unwrap();
        assert_eq!(config.health, Some(address.parse().unwrap()));
    }
}

#[test]
fn changed_copies_are_read_without_a_panic_and_every_finding_has_a_place() {
    let random = bartizan_testkit::SeededEntropy::new(0xc0_f1);
    let mut refused = 0;
    for _ in 0..3000 {
        let mut text: Vec<char> = WHOLE.chars().collect();
        for _ in 0..=random.below(3) {
            let from = random.below(text.len());
            let to = from + random.below((text.len() - from).min(20));
            let piece: Vec<char> = text.drain(from..to).collect();
            match random.below(4) {
                0 => {}
                1 => drop(text.splice(from..from, [piece.clone(), piece].concat())),
                2 => text.insert(from, ['"', '[', ']', '=', '\n', '\u{1f980}', '\0', '.'][random.below(8)]),
                _ => drop(text.splice(0..0, piece)),
            }
        }
        let text: String = text.into_iter().collect();
        if let Err(findings) = Config::read("b.toml", &text, Path::new("/")) {
            refused += 1;
            assert!(!findings.is_empty(), "refused for no reason: {text}");
            assert!(findings.iter().all(|finding| finding.line > 0 && finding.column > 0));
        }
    }
    assert!(refused > 1000, "{refused}");
}
