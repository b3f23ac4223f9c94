//! `bartizan doctor`.

use serde_json::{Value, json};

use super::config::{coded, folder_of};
use super::folder;
use crate::args::{Doctor, Global};
use crate::config::Config;
use crate::doctor::{Severity, examine};
use crate::output::{Ended, Failure, PROBLEMS, data};

pub(super) async fn run(global: &Global, doctor: &Doctor) -> Ended {
    let (name, text) = folder::read_file(&doctor.config)?;
    let config = match Config::read(&name, &text, folder_of(&doctor.config)) {
        Ok(config) => config,
        Err(findings) => {
            if global.is_json() {
                data(&Value::from(findings.iter().map(coded).collect::<Vec<_>>()).to_string())?;
            } else {
                folder::print_findings(global, &findings, &vec![(name, text)])?;
            }
            return Err(Failure::new(
                PROBLEMS,
                "the configuration is not in order; nothing else was looked at",
            ));
        }
    };
    let examination = examine(&config).await;
    let complaints = &examination.complaints;
    if global.is_json() {
        data(&json!(complaints).to_string())?;
    } else {
        data("ok       configuration")?;
        for (check, count) in &examination.checks {
            if *count == 0 {
                data(&format!("ok       {check}"))?;
            }
        }
        for complaint in complaints {
            let severity = match complaint.severity {
                Severity::Error => "error  ",
                Severity::Warning => "warning",
            };
            let (code, message, mend) = (complaint.code, &complaint.message, &complaint.mend);
            data(&format!("{severity}  {code}: {message}\n         mend: {mend}"))?;
        }
    }
    match complaints.len() {
        0 => Ok(()),
        1 => Err(Failure::new(PROBLEMS, "1 problem")),
        count => Err(Failure::new(PROBLEMS, format!("{count} problems"))),
    }
}
