//! Where the commands of the book are run: a folder of its own, a deployment in it, and a shell.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::told::Met;
use crate::cookies::Browser;
use crate::demo::binary;
use crate::http::{Client, block_on};
use crate::ports::free_port;
use crate::running::{serve_with, terminate};

/// How the book calls the deployment, and where its files are.
const DOMAIN: &str = "access.example.com";
const PASSWORD: &str = "vier Tassen Kaffee im Regen";

/// A machine, as far as the book needs one.
pub(crate) struct World {
    dir: tempfile::TempDir,
    /// What is written in the book, and what it is here: replaced one after the other.
    places: Vec<(String, String)>,
    environment: BTreeMap<String, String>,
    /// What the book wrote for what it was this time.
    pub(crate) met: Met,
    port: u16,
    served: Option<Child>,
    others: Vec<Child>,
    /// The code of the link that `init` printed.
    link: Option<String>,
    /// The demo, and the options that it printed.
    demo: Option<(Child, String)>,
}

/// What came of a command.
pub(crate) struct Ran {
    pub(crate) code: i32,
    /// What it printed and said, in the names of the book.
    pub(crate) said: String,
}

impl World {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let port = free_port();
        let here = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
        // What a place is called here must not look like another of the book.
        let own = |name: &str| (name.to_owned(), here(&flat(name)));
        let place = |book: &str, here: String| (book.to_owned(), here);
        let places = vec![
            place("target/release/bartizan", "bartizan".into()),
            place("runuser -u bartizan -- ", String::new()),
            place("/etc/bartizan/bartizan.toml", here("bartizan/bartizan.toml")),
            own("/var/lib/bartizan-gateway"),
            own("/var/lib/bartizan.old"),
            place("/var/lib/bartizan", here("bartizan/data")),
            own("/var/backups"),
            place("0.0.0.0:8444", format!("127.0.0.1:{}", free_port())),
            place("0.0.0.0:443", format!("127.0.0.1:{}", free_port())),
            place("127.0.0.1:9464", format!("127.0.0.1:{}", free_port())),
            place("127.0.0.1:3000", format!("127.0.0.1:{}", free_port())),
            place(&format!("{DOMAIN}:8443"), format!("bartizan.localhost:{port}")),
            place(DOMAIN, "bartizan.localhost".into()),
        ];
        std::fs::create_dir(dir.path().join(flat("/var/backups"))).unwrap();
        Self {
            dir,
            places,
            environment: BTreeMap::new(),
            met: Met::new(),
            port,
            served: None,
            others: Vec::new(),
            link: None,
            demo: None,
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Where the demo, or what is made by `init`, listens.
    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    /// While a chapter is about another machine, its folders are others.
    pub(crate) fn on_another_machine(&mut self, name: &str, work: impl FnOnce(&mut Self)) {
        let before = self.places.clone();
        for folder in ["/etc/bartizan", "/var/lib/bartizan"] {
            let here = self.path(&format!("{name}{}", flat(folder))).to_str().unwrap().to_owned();
            self.places.insert(0, (folder.to_owned(), here));
        }
        work(self);
        self.places = before;
    }

    /// What the book writes, as it is here.
    pub(crate) fn here(&self, text: &str) -> String {
        self.places.iter().fold(text.to_owned(), |text, (book, here)| text.replace(book, here))
    }

    /// What was printed here, as the book would write it.
    fn in_book(&self, text: &str) -> String {
        let long_first = {
            let mut places: Vec<&(String, String)> =
                self.places.iter().filter(|(_, here)| here.len() > 8).collect();
            places.sort_by_key(|(_, here)| std::cmp::Reverse(here.len()));
            places
        };
        let text = long_first.iter().fold(text.to_owned(), |text, (book, here)| text.replace(here, book));
        text.replace(&format!("{}/", self.dir.path().display()), "")
    }

    /// Saves a file as the book says.
    pub(crate) fn save(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, self.here(text)).unwrap();
    }

    /// Does what a line says; nothing is printed by what goes on running.
    pub(crate) fn run(&mut self, line: &str) -> Ran {
        let told = self.told_before(line);
        let command = self.here(&told);
        let nothing = || Ran { code: 0, said: String::new() };
        if let Some(said) = command.strip_prefix("export ") {
            let (name, value) = said.split_once('=').unwrap();
            self.environment.insert(name.to_owned(), value.to_owned());
            return nothing();
        }
        match command.split_whitespace().collect::<Vec<_>>().as_slice() {
            ["systemctl", "stop", "bartizan"] => terminate(self.served.take().unwrap()),
            ["systemctl", "start", "bartizan"] => self.serve("bartizan/bartizan.toml"),
            ["bartizan", "serve", "--config", config] => self.serve(config),
            ["bartizan", "gateway", ..] => self.gateway(&command),
            ["python3", "-m", "http.server", port, ..] => self.app(port, &command),
            ["cargo", "demo"] => return self.demo(""),
            ["cargo", "demo", "--", ..] => return self.demo(command.split_once(" -- ").unwrap().1),
            ["bartizan", "init", ..] => return self.init(&command),
            _ => return self.shell(&command),
        }
        nothing()
    }

    /// The line with what was printed this time for what the book showed, and the demo's options for `…`.
    fn told_before(&self, line: &str) -> String {
        let word = |word: &str| {
            if word == "…" {
                return self.options().to_owned();
            }
            let known = match word.strip_suffix('…') {
                Some(begin) => self.met.iter().find(|(book, _)| book.starts_with(begin)),
                None => self.met.get_key_value(word),
            };
            known.map_or_else(|| word.to_owned(), |(_, here)| here.clone())
        };
        line.split(' ').map(word).collect::<Vec<_>>().join(" ")
    }

    fn prepared(&self, command: &str) -> Command {
        let mut shell = Command::new("sh");
        let path = std::env::var("PATH").unwrap();
        shell
            .args(["-c", &format!("{{ {command}\n}} 2>&1")])
            .current_dir(self.dir.path())
            .env("PATH", format!("{}:{path}", binary().parent().unwrap().display()))
            .env("TMPDIR", self.dir.path())
            .envs(&self.environment)
            .stdin(Stdio::null());
        shell
    }

    fn shell(&self, command: &str) -> Ran {
        let output = self.prepared(command).output().unwrap();
        let said = self.in_book(&String::from_utf8_lossy(&output.stdout));
        Ran { code: output.status.code().unwrap(), said }
    }

    /// Makes the deployment on ports of its own.
    fn init(&mut self, command: &str) -> Ran {
        let listen = if command.contains("--listen") {
            String::new()
        } else {
            format!(" --listen 127.0.0.1:{}", self.port)
        };
        let ran = self.shell(&format!("{command}{listen}"));
        let config = self.path("bartizan/bartizan.toml");
        if self.link.is_none() && config.exists() {
            let text = std::fs::read_to_string(&config).unwrap();
            let health = self.here("127.0.0.1:9464");
            let points = self.here("0.0.0.0:8444");
            let text = text.replace("127.0.0.1:9464", &health);
            std::fs::write(&config, format!("{text}\n[points]\naddress = \"{points}\"\n")).unwrap();
            let link = ran.said.split("/claim?t=").nth(1).unwrap();
            self.link = Some(link.split_whitespace().next().unwrap().to_owned());
        }
        ran
    }

    /// Serves, and does what ada does then: opens the link, and makes a token for the commands.
    fn serve(&mut self, config: &str) {
        self.end_demo();
        let log = std::fs::File::create(self.path("log")).unwrap();
        let (child, _) = serve_with(&self.path(config), log.into());
        self.served = Some(child);
        let token = self.path("ada.token");
        if !token.exists() {
            let code = self.link.as_deref().expect("a link was printed");
            let mut browser = Browser::new(self.client());
            let made = block_on(async {
                browser.claim(code, PASSWORD).await;
                browser.token("console").await
            });
            std::fs::write(token, made).unwrap();
        }
    }

    fn client(&self) -> Client {
        Client::of(&std::fs::read(self.path("bartizan/data/ca.pem")).unwrap(), self.port)
    }

    /// Signs in to an app as somebody who has been invited with this link; what is there then.
    pub(crate) fn open(&self, link: &str, app: &str) -> u16 {
        let code = link.split("t=").nth(1).unwrap().trim();
        let mut browser = Browser::new(self.client());
        block_on(async {
            browser.claim(code, PASSWORD).await;
            browser.go(app, "/").await.answer.status
        })
    }

    fn gateway(&mut self, command: &str) {
        let mut child =
            self.prepared(&format!("exec {command} --json")).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        self.others.push(child);
        assert!(serde_json::from_str::<Value>(&line).is_ok(), "the gateway does not serve: {line}");
        // Until it has said how it is.
        let deadline = Instant::now() + Duration::from_secs(20);
        while self.shell("bartizan point list --json").said.contains("null") {
            assert!(Instant::now() < deadline, "nothing is heard of the gateway");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// An app: what stands in the book for a server of one's own.
    fn app(&mut self, port: &str, command: &str) {
        // The port stands by itself in the line.
        let here = self.here("127.0.0.1:3000").rsplit_once(':').unwrap().1.to_owned();
        let command = command.replace(port, &here);
        let mut app = self.prepared(&format!("exec {}", command.trim_end_matches(" &")));
        self.others.push(app.stdout(Stdio::null()).spawn().unwrap());
        let deadline = Instant::now() + Duration::from_secs(20);
        while std::net::TcpStream::connect(format!("127.0.0.1:{here}")).is_err() {
            assert!(Instant::now() < deadline, "the app does not start");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The demo in the place of another, until it has said all that it says.
    fn demo(&mut self, more: &str) -> Ran {
        self.end_demo();
        let dir = tempfile::tempdir_in(self.dir.path()).unwrap().keep();
        let command =
            format!("exec bartizan demo --listen 127.0.0.1:{} --dir {} {more}", self.port, dir.display());
        let mut child = self.prepared(&command).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let said: Vec<String> = lines.take_while(|line| !line.contains("Ctrl-C")).collect();
        let said = said.join("\n");
        let options = said.split("--server").nth(1).unwrap_or_else(|| panic!("the demo says: {said}"));
        let options = options.split(" why").next().unwrap();
        self.demo = Some((child, format!("--server{options}")));
        Ran { code: 0, said }
    }

    /// Ends the demo, as Ctrl-C does.
    fn end_demo(&mut self) {
        if let Some((mut child, _)) = self.demo.take() {
            let id = child.id().to_string();
            assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
            assert!(child.wait().unwrap().success());
        }
    }

    fn options(&self) -> &str {
        &self.demo.as_ref().expect("the options are those that a demo has printed").1
    }

    /// The value of one of the options that the demo has printed.
    pub(crate) fn option(&self, name: &str) -> PathBuf {
        let rest = self.options().split(name).nth(1).unwrap();
        PathBuf::from(rest.split_whitespace().next().unwrap())
    }

    /// What a request of this person is answered with in the demo, and its id.
    pub(crate) fn ask_demo(&self, person: &str, app: &str) -> (u16, String) {
        let file = self.option("--token-file").with_file_name(format!("{person}.token"));
        let token = std::fs::read_to_string(file).unwrap();
        let client = Client::of(&std::fs::read(self.option("--ca")).unwrap(), self.port);
        let answer = block_on(client.get(app, "/", Some(token.trim())));
        (answer.status, answer.request_id().to_owned())
    }
}

/// A path as one name.
fn flat(path: &str) -> String {
    path.replace('/', "-")
}

impl Drop for World {
    fn drop(&mut self) {
        let demo = self.demo.iter_mut().map(|(child, _)| child);
        for child in self.served.iter_mut().chain(&mut self.others).chain(demo) {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
