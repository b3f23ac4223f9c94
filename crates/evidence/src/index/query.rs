//! What is searched for.

use bartizan_model::{DecisionId, EventId, EventKind, Outcome, RequestId, SessionId, Timestamp};
use sqlx::{QueryBuilder, Sqlite};

use super::schema::{COLUMNS, number};

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
    /// Only entries of the log before this one, to page backwards.
    pub before: Option<u64>,
    /// How many at most; 100 if it is not said.
    pub limit: Option<u32>,
}

impl Query {
    /// The statement, newest first.
    pub(super) fn select(&self) -> QueryBuilder<Sqlite> {
        let mut select = QueryBuilder::new(format!("SELECT {COLUMNS} FROM event WHERE 1"));
        let mut text = |column: &str, value: Option<String>| {
            if let Some(value) = value {
                select.push(format_args!(" AND {column} = ")).push_bind(value);
            }
        };
        text("subject", self.user.clone());
        text("resource_type", self.app.is_some().then(|| String::from("App")));
        text("resource", self.app.clone());
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
        let mut bound = |condition: &str, value: Option<i64>| {
            if let Some(value) = value {
                select.push(format_args!(" AND {condition} ")).push_bind(value);
            }
        };
        bound("time >=", self.since.map(Timestamp::as_micros));
        bound("time <", self.until.map(Timestamp::as_micros));
        bound("log_index <", self.before.map(number));
        select.push(" ORDER BY log_index DESC LIMIT ").push_bind(i64::from(self.limit.unwrap_or(LIMIT)));
        select
    }
}

/// How many events are found when nothing else is asked for.
const LIMIT: u32 = 100;
