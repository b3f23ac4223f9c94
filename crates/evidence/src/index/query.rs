//! What is searched for.

use bartizan_model::{DecisionId, EventId, EventKind, Outcome, RequestId, SessionId, Timestamp};
use sqlx::{QueryBuilder, Sqlite};

use super::schema::{BLOCK, COLUMNS, EVERYDAY, number};

/// Which events are wanted: those to which everything that is set applies.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query {
    /// The subject's id.
    pub user: Option<String>,
    /// The app.
    pub app: Option<String>,
    /// The kind.
    pub kind: Option<EventKind>,
    /// The outcome.
    pub outcome: Option<Outcome>,
    /// The reason.
    pub reason: Option<String>,
    /// The session.
    pub session: Option<SessionId>,
    /// The request.
    pub request: Option<RequestId>,
    /// The decision.
    pub decision: Option<DecisionId>,
    /// The event itself.
    pub event: Option<EventId>,
    /// Not earlier than this.
    pub since: Option<Timestamp>,
    /// Earlier than this.
    pub until: Option<Timestamp>,
    /// Nothing about our own hosts and our administration.
    pub without_own: bool,
    /// Only entries of the log from this one on, to wait for what comes.
    pub from: Option<u64>,
    /// Only entries of the log before this one, to page backwards.
    pub before: Option<u64>,
    /// How many at most; 100 if it is not said.
    pub limit: Option<u32>,
}

impl Query {
    /// The statement, newest first.
    pub(super) fn select(&self) -> QueryBuilder<Sqlite> {
        let mut select = QueryBuilder::new(format!("SELECT {COLUMNS} FROM event {} WHERE 1", self.way()));
        if self.is_notable() {
            select.push(" AND notable");
        }
        if self.without_own {
            select.push(" AND NOT own");
        }
        let mut text = |column: &str, value: Option<String>| {
            if let Some(value) = value {
                select.push(format_args!(" AND {column} = ")).push_bind(value);
            }
        };
        text("subject", self.user.clone());
        text("app", self.app.clone());
        text("kind", self.kind.map(|kind| kind.as_str().to_owned()));
        text("outcome", self.outcome.map(|outcome| outcome.as_str().to_owned()));
        text("reason", self.reason.clone());
        let mut id = |column: &str, value: Option<&[u8; 16]>| {
            if let Some(value) = value {
                select.push(format_args!(" AND {column} = ")).push_bind(value.to_vec());
            }
        };
        id("session", self.session.as_ref().map(SessionId::as_bytes));
        id("request", self.request.as_ref().map(RequestId::as_bytes));
        id("decision", self.decision.as_ref().map(DecisionId::as_bytes));
        id("id", self.event.as_ref().map(EventId::as_bytes));
        self.bounds(&mut select);
        select.push(" ORDER BY log_index DESC LIMIT ").push_bind(i64::from(self.limit.unwrap_or(LIMIT)));
        select
    }

    /// The index that leads to the fewest events that are not wanted. SQLite would have to guess: how often a value occurs
    /// is nothing that it keeps account of.
    fn way(&self) -> &'static str {
        match self {
            Self { event: Some(_), .. } => "INDEXED BY event_id",
            Self { decision: Some(_), .. } => "INDEXED BY event_decision",
            Self { request: Some(_), .. } => "INDEXED BY event_request",
            Self { session: Some(_), .. } => "INDEXED BY event_session",
            Self { user: Some(_), .. } if self.is_notable() => "INDEXED BY notable_subject",
            Self { user: Some(_), .. } => "INDEXED BY event_subject",
            Self { app: Some(_), .. } if self.is_notable() => "INDEXED BY notable_app",
            Self { app: Some(_), .. } => "INDEXED BY event_app",
            Self { reason: Some(_), .. } => "INDEXED BY notable_reason",
            Self { outcome: Some(_), .. } if self.is_notable() => "INDEXED BY notable_outcome",
            Self { kind: Some(_), .. } if self.is_notable() => "INDEXED BY notable_kind",
            Self { kind: Some(_), without_own: true, .. } => "INDEXED BY event_others",
            _ => "NOT INDEXED",
        }
    }

    /// Whether only notable events can match.
    fn is_notable(&self) -> bool {
        let everyday = |(kind, outcome): &(EventKind, Outcome)| {
            self.kind.is_none_or(|wanted| wanted == *kind)
                && self.outcome.is_none_or(|wanted| wanted == *outcome)
        };
        self.reason.is_some() || !EVERYDAY.iter().any(everyday)
    }

    /// Bounds of time, exactly, and the bounds of the log index that follow from them: before the first block that ends late
    /// enough, and after the last that begins early enough, lies nothing that is wanted.
    fn bounds(&self, select: &mut QueryBuilder<Sqlite>) {
        if let Some(since) = self.since.map(Timestamp::as_micros) {
            select.push(" AND time >= ").push_bind(since);
            select.push(format_args!(
                " AND log_index >= {BLOCK} * (SELECT min(block) FROM span WHERE greatest >= "
            ));
            select.push_bind(since).push(")");
        }
        if let Some(from) = self.from {
            select.push(" AND log_index >= ").push_bind(number(from));
        }
        let before = self.before.map_or(i64::MAX, number);
        if let Some(until) = self.until.map(Timestamp::as_micros) {
            select.push(" AND time < ").push_bind(until);
            // SQLite uses one upper bound, so there is one.
            select.push(" AND log_index < min(").push_bind(before);
            select.push(format_args!(", {BLOCK} + {BLOCK} * (SELECT max(block) FROM span WHERE least < "));
            select.push_bind(until).push("))");
        } else if self.before.is_some() {
            select.push(" AND log_index < ").push_bind(before);
        }
    }
}

/// How many events are found when nothing else is asked for.
const LIMIT: u32 = 100;
