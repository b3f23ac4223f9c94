//! The edge: what reaches an app is what was decided on, whoever wrote the request and whatever stands in front.

mod fronts;
mod http2;
mod recorder;
mod tools;
mod vectors;

use std::collections::HashMap;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::task::JoinSet;

use self::recorder::{Recorder, field};
use self::vectors::{Expect, Vector, Vectors};
use crate::demo::Demo;
use crate::http::{Client, block_on};

/// A demo whose app `mine` is a recorder.
struct Edge {
    demo: Demo,
    client: Client,
    recorder: Recorder,
    _tasks: JoinSet<()>,
    _dir: tempfile::TempDir,
}

impl Edge {
    async fn start() -> Self {
        let (recorder, port, tasks) = Recorder::start().await;
        let dir = tempfile::tempdir().unwrap();
        let demo = Demo::start_in(dir.path(), &["--upstream", &format!("http://127.0.0.1:{port}")]);
        let client = Client::new(&demo);
        Self { demo, client, recorder, _tasks: tasks, _dir: dir }
    }

    fn vectors(&self, token: &str) -> Vec<Vector> {
        Vectors::new(&self.client.host("mine"), token).all()
    }

    /// What was decided on, by request id: method, host and path of each permission; once it is all in the log.
    fn decided(&self, is_all: impl Fn(&HashMap<String, Value>) -> bool) -> HashMap<String, Value> {
        let args = ["log", "search", "--json", "--app", "mine", "--kind", "decision", "--limit", "5000"];
        for _ in 0..100 {
            let out = String::from_utf8(self.demo.cli(&args).stdout).unwrap();
            let events = out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
            let permits = events.filter(|event| event["outcome"] == "permit" && event["request"].is_object());
            let found: HashMap<String, Value> = permits
                .map(|event| (event["request_id"].as_str().unwrap().to_owned(), event["request"].clone()))
                .collect();
            if is_all(&found) {
                return found;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("the decisions are not in the log");
    }
}

/// An answer as it came.
#[derive(Debug, Default)]
struct Answer {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn reason(&self) -> String {
        let document: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        document["reason"].as_str().unwrap_or_default().to_owned()
    }

    fn request_id(&self) -> String {
        field(&self.head, "bartizan-request-id").unwrap_or_default()
    }
}

/// Sends bytes, and reads the first answer that comes; one with status 0 if there is none.
async fn ask(mut stream: impl AsyncRead + AsyncWrite + Unpin, bytes: &[u8], head_only: bool) -> Answer {
    let _refused = stream.write_all(bytes).await;
    let read = async {
        let mut all = Vec::new();
        loop {
            if let Some(end) = all.windows(4).position(|window| window == b"\r\n\r\n") {
                let head = String::from_utf8_lossy(&all[..end + 4]).into_owned();
                let length = field(&head, "content-length").map_or(0, |text| text.parse().unwrap());
                let status = head.split(' ').nth(1).unwrap().parse().unwrap();
                if all.len() >= end + 4 + length || head_only {
                    return Answer { status, head, body: all.split_off(end + 4) };
                }
            }
            if !matches!(stream.read_buf(&mut all).await, Ok(1..)) {
                return Answer::default();
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(10), read).await.unwrap_or_default()
}

/// Sends every vector, some at once, each on a connection of its own.
async fn send_all<S, F>(vectors: &[Vector], connect: impl Fn() -> F) -> Vec<Answer>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    F: Future<Output = S> + Send + 'static,
{
    let mut answers: Vec<Answer> = vectors.iter().map(|_| Answer::default()).collect();
    let mut asking = JoinSet::new();
    for (number, vector) in vectors.iter().enumerate() {
        let (bytes, stream) = (vector.bytes.clone(), connect());
        asking.spawn(async move {
            let head_only = bytes.starts_with(b"HEAD ");
            (number, ask(stream.await, &bytes, head_only).await)
        });
        if asking.len() >= 8 {
            let (number, answer) = asking.join_next().await.unwrap().unwrap();
            answers[number] = answer;
        }
    }
    while let Some(done) = asking.join_next().await {
        let (number, answer) = done.unwrap();
        answers[number] = answer;
    }
    answers
}

/// What the app got, by the number of the vector.
fn reached(recorder: &Recorder) -> HashMap<usize, String> {
    assert_eq!(recorder.unread(), Vec::<Vec<u8>>::new(), "bytes that are no request reached the app");
    by_vector(recorder.heads())
}

/// Heads, by the number of the vector.
fn by_vector(heads: Vec<String>) -> HashMap<usize, String> {
    let mut reached = HashMap::new();
    for head in heads {
        let number = field(&head, "x-vector").unwrap_or_else(|| panic!("nobody's request: {head}"));
        assert!(reached.insert(number.parse().unwrap(), head).is_none(), "vector {number} came twice");
    }
    reached
}

/// That a request which reached the app is the one that was decided on, and says nothing that only we may say.
fn is_as_decided(name: &str, head: &str, decided: &Value) {
    let mut line = head.lines().next().unwrap().split(' ');
    let (method, target) = (line.next().unwrap(), line.next().unwrap());
    let path = target.split('?').next().unwrap();
    assert_eq!(decided["method"], method, "{name}");
    assert_eq!(decided["path"].as_str().unwrap(), plain(path), "{name}");
    assert!(field(head, "host").unwrap().starts_with(decided["host"].as_str().unwrap()), "{name}: {head}");
    let below = head.split_once("\r\n").unwrap().1;
    assert!(!below.contains("forged"), "{name}: {head}");
    assert!(!head.contains("bzn_") && !below.to_lowercase().contains("bartizan-token"), "{name}: {head}");
    for ours in ["x-forwarded-for", "x-forwarded-proto", "bartizan-user", "bartizan-assertion"] {
        let count = below.to_lowercase().lines().filter(|line| line.starts_with(&format!("{ours}:"))).count();
        assert_eq!(count, 1, "{name}: {ours} in {head}");
    }
}

/// Decoding as a server would do it.
fn plain(path: &str) -> String {
    let (mut bytes, mut out) = (path.bytes(), Vec::new());
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let digits = [bytes.next().unwrap(), bytes.next().unwrap()];
            out.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
        } else {
            out.push(byte);
        }
    }
    String::from_utf8(out).unwrap()
}

#[test]
fn over_http1_each_request_is_refused_or_reaches_the_app_as_it_was_decided_on() {
    block_on(async {
        let edge = Edge::start().await;
        let vectors = edge.vectors(&edge.demo.token("bob"));
        assert!(vectors.len() >= 300, "{} vectors", vectors.len());
        let client = edge.client.clone();
        let connect = || {
            let client = client.clone();
            async move { client.tls("mine", b"http/1.1").await }
        };
        let answers = send_all(&vectors, connect).await;
        let (reached, mut expected) = (reached(&edge.recorder), 0);
        let permitted = answers.iter().filter(|answer| answer.status == 200).map(Answer::request_id);
        let permitted: Vec<String> = permitted.collect();
        let decided = edge.decided(|found| permitted.iter().all(|id| found.contains_key(id)));
        for (number, (vector, answer)) in vectors.iter().zip(&answers).enumerate() {
            let name = &vector.name;
            match &vector.expect {
                Expect::Refused(reason) => {
                    assert!((400..500).contains(&answer.status), "{name}: {answer:?}");
                    assert!(answer.reason().starts_with(reason), "{name}: {} ({answer:?})", answer.reason());
                    // Of a body that turns out to be broken, what was before is on its way.
                    let begun = reason.starts_with("bad_request.body");
                    assert!(begun || !reached.contains_key(&number), "{name} reached the app");
                }
                Expect::Reaches(target) => {
                    expected += 1;
                    assert_eq!(answer.status, 200, "{name}: {answer:?}");
                    let head = reached.get(&number).unwrap_or_else(|| panic!("{name} did not reach the app"));
                    assert_eq!(head.split(' ').nth(1).unwrap(), target, "{name}");
                    is_as_decided(name, head, &decided[&answer.request_id()]);
                }
            }
        }
        println!("MEASURED {} vectors over HTTP/1.1, {expected} of them reach the app", vectors.len());
    });
}

#[test]
fn of_a_stranger_no_byte_reaches_the_app() {
    block_on(async {
        let edge = Edge::start().await;
        let vectors = edge.vectors("");
        let client = edge.client.clone();
        let connect = || {
            let client = client.clone();
            async move { client.tls("mine", b"http/1.1").await }
        };
        let answers = send_all(&vectors, connect).await;
        for (vector, answer) in vectors.iter().zip(&answers) {
            assert!((400..500).contains(&answer.status), "{}: {answer:?}", vector.name);
        }
        // Those about credentials bring one: the only ones that may get in.
        let heads = edge.recorder.heads();
        assert!(heads.iter().all(|head| head.starts_with("GET /c ")), "{heads:?}");
        assert!(heads.is_empty() && edge.recorder.unread().is_empty(), "{heads:?}");
    });
}
