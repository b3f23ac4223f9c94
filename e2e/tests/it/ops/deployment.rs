//! A deployment on disk, and the commands that are given about it.

use std::path::{Path, PathBuf};
use std::process::{Child, Command};

use serde_json::Value;
use sqlx::{Connection as _, Row as _, SqliteConnection};

use crate::demo::Demo;
use crate::http::Client;
pub(super) use crate::running::bartizan;

/// Runs a command; what it printed as JSON. It must have gone well.
pub(super) fn told(args: &[&str]) -> Value {
    let (code, out, err) = bartizan(&[args, &["--json"]].concat());
    assert_eq!(code, 0, "{args:?}: {err}");
    serde_json::from_str(&out).unwrap()
}

/// A configuration for the data directory of a demo.
pub(super) fn config_for(data: &Path, listen: &str, file: &Path) -> String {
    let text = format!(
        "domain = \"bartizan.localhost\"\ndata_dir = {data:?}\n[[listener]]\naddress = \"{listen}\"\n\
         serves = [\"apps\", \"auth\", \"console\"]\n"
    );
    std::fs::write(file, text).unwrap();
    file.to_str().unwrap().to_owned()
}

/// A deployment that is served from a data directory, killed when dropped.
pub(super) struct Served {
    child: Child,
    pub(super) client: Client,
    console: String,
    ca: PathBuf,
    files: tempfile::TempDir,
}

impl Served {
    pub(super) fn start(config: &str, data: &Path) -> Self {
        let (child, ready) = crate::running::serve(Path::new(config));
        let port = ready["listen"].as_str().unwrap().rsplit_once(':').unwrap().1.parse().unwrap();
        let ca = data.join("ca.pem");
        let client = Client::of(&std::fs::read(&ca).unwrap(), port);
        let console = ready["console"].as_str().unwrap().to_owned();
        Self { child, client, console, ca, files: tempfile::tempdir().unwrap() }
    }

    /// Runs a command against it with this token.
    pub(super) fn cli(&self, token: &str, args: &[&str]) -> (i32, String, String) {
        let file = self.files.path().join("token");
        std::fs::write(&file, token).unwrap();
        let (file, ca) = (file.to_str().unwrap(), self.ca.to_str().unwrap());
        bartizan(&[&["--server", &self.console, "--ca", ca, "--token-file", file], args].concat())
    }

    pub(super) fn stop(mut self) {
        assert!(
            Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap().success()
        );
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A key pair for backups: the file of the private key, and the public key.
pub(super) fn keys(folder: &Path) -> (String, String) {
    let file = folder.join("backup.key").to_str().unwrap().to_owned();
    let made = told(&["backup", "key", "--to", &file]);
    (file, made["recipient"].as_str().unwrap().to_owned())
}

/// A demo that writes to a folder, and a configuration with which others look at it.
pub(super) fn demo_in(folder: &Path) -> (Demo, PathBuf, String) {
    let data = folder.join("data");
    let demo = Demo::start_in(&data, &[]);
    let config = config_for(&data, "127.0.0.1:0", &folder.join("bartizan.toml"));
    (demo, data, config)
}

/// All that a database says of these kinds up to a revision, as rows of text.
pub(super) async fn state(database: &Path, revision: u64) -> Vec<String> {
    let url = format!("sqlite://{}", database.display());
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    let rows = sqlx::query(
        "SELECT revision || ' ' || kind || ' ' || name || ' ' || author || ' ' || time || ' ' || coalesce(spec, '-') \
         FROM changes WHERE revision <= ? AND kind IN ('app', 'group', 'policy', 'user', 'sealing-key') ORDER BY revision",
    )
    .bind(i64::try_from(revision).unwrap())
    .fetch_all(&mut connection)
    .await
    .unwrap();
    rows.into_iter().map(|row| row.get::<String, _>(0)).collect()
}
