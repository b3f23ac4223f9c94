//! What Prometheus reads. No label says whose, for what or where: all of them come from closed lists.

use std::time::Duration;

use bartizan_enforce::{Counters as Enforced, Enforcer, Step};
use bartizan_evidence::Log;
use bartizan_gateway::{Class, Counters, Durations, Handshake, Limit, Order, Plain, UpstreamFailure};
use bartizan_model::DenyReason;

use super::readiness::Check;
use super::text::Kind::{Counter, Gauge};
use super::text::Text;
use super::{Health, Parts, Reload};
use crate::telemetry::Tally;

impl Health {
    /// Everything, in the text format.
    pub(super) fn metrics(&self) -> String {
        let mut text = Text::default();
        let build = [("version", env!("CARGO_PKG_VERSION"))];
        text.family(Gauge, "bartizan_build_info", "1, for the version that runs.").sample(&build, 1);
        ready(&mut text, &self.checks());
        configuration(&mut text, *self.reload.lock());
        if let Some(parts) = self.parts.get() {
            let Parts { enforcer, kept, gateway, telemetry: sent } = parts;
            decisions(&mut text, enforcer.counters());
            point(&mut text, enforcer);
            evidence(&mut text, enforcer, parts.waiting());
            if let Some(kept) = kept {
                entries(&mut text, &kept.log);
            }
            sign_ins(&mut text, enforcer.counters());
            connections(&mut text, gateway.counters());
            certificates(&mut text, gateway.counters());
            requests(&mut text, gateway.counters());
            if let Some(sent) = sent {
                telemetry(&mut text, sent.tally());
            }
        }
        text.into_string()
    }
}

fn ready(text: &mut Text, checks: &[Check]) {
    let help = "1 if what /readyz checks under this name is in order, else 0.";
    let mut family = text.family(Gauge, "bartizan_ready_check", help);
    for check in checks {
        family.sample(&[("check", check.name)], u8::from(check.ok));
    }
}

fn configuration(text: &mut Text, reload: Reload) {
    let help = "1 if the configuration that was read last is in force, 0 if it was refused.";
    text.number(Gauge, "bartizan_config_last_reload_successful", help, u8::from(reload.succeeded));
    let help = "When a configuration came into force for the last time.";
    let name = "bartizan_config_last_reload_success_timestamp_seconds";
    text.number(Gauge, name, help, reload.last.as_secs());
}

fn decisions(text: &mut Text, counters: &Enforced) {
    let help = "Requests for access that were decided, by outcome and reason of the refusal.";
    let mut family = text.family(Counter, "bartizan_enforce_decisions_total", help);
    family.sample(&[("outcome", "permit"), ("reason", "")], counters.permitted());
    for reason in DenyReason::ALL {
        family.sample(&[("outcome", "deny"), ("reason", reason.as_str())], counters.denied(reason));
    }
    let help = "Open requests and streams that were ended because they were no longer permitted, by reason.";
    let mut family = text.family(Counter, "bartizan_enforce_grants_cut_total", help);
    for reason in DenyReason::ALL {
        family.sample(&[("reason", reason.as_str())], counters.cut(reason));
    }
    let help = "Grants that the safety round found open and that should have been cut before: each is a bug.";
    text.number(Counter, "bartizan_enforce_missed_cuts_total", help, counters.missed());
}

fn point(text: &mut Text, enforcer: &Enforcer) {
    let help = "Requests and streams that are open under a grant.";
    text.number(Gauge, "bartizan_enforce_grants_live", help, enforcer.live());
    let help = "The revision of policies and objects that is decided on.";
    text.number(Gauge, "bartizan_enforce_revision", help, enforcer.revision().get());
    let help = "How much longer requests are decided if the control plane does not answer; 0 if none are.";
    let left = enforcer.lease_left().map_or(0.0, |left| left.as_secs_f64());
    text.number(Gauge, "bartizan_enforce_lease_remaining_seconds", help, left);
}

fn evidence(text: &mut Text, enforcer: &Enforcer, waiting: u64) {
    let spool = enforcer.recorder().spool().standing();
    let help = "Records in the spool that the evidence log does not have yet.";
    text.number(Gauge, "bartizan_spool_waiting_records", help, waiting);
    let help = "Bytes of the spool in use or promised; freed in segments of 8 MiB.";
    text.number(Gauge, "bartizan_spool_used_bytes", help, spool.used);
    let help = "Bytes of the spool in use from which on requests are refused.";
    text.number(Gauge, "bartizan_spool_limit_bytes", help, spool.limit);
}

fn entries(text: &mut Text, log: &Log) {
    let size = log.checkpoint().checkpoint.size;
    text.number(Gauge, "bartizan_log_entries", "Entries of the evidence log.", size);
    let help = "Entries of the evidence log that searches do not find yet.";
    text.number(Gauge, "bartizan_log_unindexed_entries", help, size.saturating_sub(log.indexed()));
}

fn sign_ins(text: &mut Text, counters: &Enforced) {
    let help = "Steps of sign-ins (a password, a code, a link), by whether the proof was good.";
    let mut family = text.family(Counter, "bartizan_identity_sign_in_steps_total", help);
    family.sample(&[("outcome", "ok")], counters.sign_in_steps(Step::Ok));
    family.sample(&[("outcome", "failed")], counters.sign_in_steps(Step::Failed));
    let help = "Sessions that began.";
    text.number(Counter, "bartizan_identity_sessions_started_total", help, counters.sessions_begun());
}

fn connections(text: &mut Text, counters: &Counters) {
    let help = "Connections from clients that are open.";
    text.number(Gauge, "bartizan_gateway_connections_open", help, counters.open_connections());
    let help = "Connections that came when there was no room, and were let in for administration only.";
    let name = "bartizan_gateway_connections_crowded_total";
    text.number(Counter, name, help, counters.crowded_connections());
    let help =
        "Connections that were closed at once for want of room, by the limit: of all, or of one source.";
    let mut family = text.family(Counter, "bartizan_gateway_connections_refused_total", help);
    for limit in Limit::ALL {
        family.sample(&[("limit", limit.as_str())], counters.refused_connections(limit));
    }
    let help = "TLS handshakes with clients, by how they came out.";
    let mut family = text.family(Counter, "bartizan_gateway_handshakes_total", help);
    for outcome in Handshake::ALL {
        family.sample(&[("outcome", outcome.as_str())], counters.handshakes(outcome));
    }
}

fn certificates(text: &mut Text, counters: &Counters) {
    let (held, awaited) = counters.public_certificates();
    let help = "Hosts that have a certificate of the public authority, and hosts that wait for one.";
    let mut family = text.family(Gauge, "bartizan_gateway_public_certificates", help);
    family.sample(&[("state", "held")], held);
    family.sample(&[("state", "awaited")], awaited);
    let help = "Orders for certificates of the public authority, by how they came out.";
    let mut family = text.family(Counter, "bartizan_gateway_certificate_orders_total", help);
    for outcome in Order::ALL {
        family.sample(&[("outcome", outcome.as_str())], counters.orders(outcome));
    }
    let help = "Requests over plain HTTP: sent to TLS, asked by an authority, or refused.";
    let mut family = text.family(Counter, "bartizan_gateway_plain_requests_total", help);
    for outcome in Plain::ALL {
        family.sample(&[("outcome", outcome.as_str())], counters.plain(outcome));
    }
}

fn requests(text: &mut Text, counters: &Counters) {
    let help = "Requests, by class of the answer's status; gone: the client did not wait for an answer.";
    let mut family = text.family(Counter, "bartizan_gateway_requests_total", help);
    for class in Class::ALL {
        family.sample(&[("status", class.as_str())], counters.requests(class));
    }
    let help = "From the end of a request's head to the head of its answer, the app's time included.";
    let (at_most, all) = counters.durations().at_most();
    let limits = Durations::LIMITS.map(|limit| Duration::from_millis(limit).as_secs_f64());
    let sum = counters.durations().sum().as_secs_f64();
    let name = "bartizan_gateway_request_duration_seconds";
    text.histogram(name, help, limits.into_iter().zip(at_most), (all, sum));
    let help = "Requests for which the app's server failed, by how.";
    let mut family = text.family(Counter, "bartizan_gateway_upstream_failures_total", help);
    for failure in UpstreamFailure::ALL {
        family.sample(&[("reason", failure.as_str())], counters.upstream_failures(failure));
    }
}

fn telemetry(text: &mut Text, tallies: [Tally; 2]) {
    let help = "Spans and lines of the log that the telemetry collector has taken.";
    let mut family = text.family(Counter, "bartizan_telemetry_sent_total", help);
    for tally in tallies {
        family.sample(&[("signal", tally.signal)], tally.sent);
    }
    let help = "Spans and lines of the log that were not sent: no room in the queue, refused, or not taken for too long.";
    let mut family = text.family(Counter, "bartizan_telemetry_dropped_total", help);
    for tally in tallies {
        family.sample(&[("signal", tally.signal)], tally.dropped);
    }
    let help = "Spans and lines of the log that wait to be sent; at most 2,048 of each.";
    let mut family = text.family(Gauge, "bartizan_telemetry_waiting", help);
    for tally in tallies {
        family.sample(&[("signal", tally.signal)], tally.waiting);
    }
}

#[cfg(test)]
mod tests {
    use super::super::text::reading::read;
    use super::*;

    #[test]
    fn what_is_counted_is_there_under_a_closed_list_of_labels() {
        let mut text = Text::default();
        decisions(&mut text, &Enforced::default());
        sign_ins(&mut text, &Enforced::default());
        connections(&mut text, &Counters::default());
        certificates(&mut text, &Counters::default());
        requests(&mut text, &Counters::default());
        let read = read(&text.into_string());
        assert_eq!(
            read.kinds.keys().map(String::as_str).collect::<Vec<_>>(),
            [
                "bartizan_enforce_decisions_total",
                "bartizan_enforce_grants_cut_total",
                "bartizan_enforce_missed_cuts_total",
                "bartizan_gateway_certificate_orders_total",
                "bartizan_gateway_connections_crowded_total",
                "bartizan_gateway_connections_open",
                "bartizan_gateway_connections_refused_total",
                "bartizan_gateway_handshakes_total",
                "bartizan_gateway_plain_requests_total",
                "bartizan_gateway_public_certificates",
                "bartizan_gateway_request_duration_seconds",
                "bartizan_gateway_requests_total",
                "bartizan_gateway_upstream_failures_total",
                "bartizan_identity_sessions_started_total",
                "bartizan_identity_sign_in_steps_total",
            ]
        );
        for (name, kind) in &read.kinds {
            assert_eq!(name.ends_with("_total"), kind == "counter", "{name}");
        }
        let denied = [("outcome", "deny"), ("reason", "denied_by_policy")];
        assert_eq!(read.value("bartizan_enforce_decisions_total", &denied).to_string(), "0");
        let all = read.value("bartizan_gateway_request_duration_seconds_bucket", &[("le", "+Inf")]);
        assert_eq!(all.to_string(), "0");
    }

    #[test]
    fn a_deployment_that_is_starting_is_told_to_be_so() {
        let read = read(&Health::new().metrics());
        assert_eq!(read.value("bartizan_ready_check", &[("check", "start")]).to_string(), "0");
        let version = [("version", env!("CARGO_PKG_VERSION"))];
        assert_eq!(read.value("bartizan_build_info", &version).to_string(), "1");
    }
}
