//! Who was denied how often, looked up among the newest denials when somebody asks. No account is kept of it: what is
//! counted by person is of that person, and erased with their events.

use bartizan_model::Timestamp;
use sqlx::SqlitePool;

use super::schema::BLOCK;

/// How often people were denied what they asked for. What a sign-in, or a stronger one, would have turned is no denial
/// here.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Denied {
    /// Since when all denials were counted: later than asked for if there were more than are looked at.
    pub since: Timestamp,
    /// Each person who was denied something.
    pub people: Vec<DeniedPerson>,
}

/// How often one person was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeniedPerson {
    /// Their id.
    pub id: String,
    /// Since the recent moment.
    pub recent: u64,
    /// Before it.
    pub before: u64,
}

/// How many denials are looked at: some ten milliseconds' worth.
pub(super) const MOST: i64 = 10_000;

const COUNT: &str = "
WITH newest AS (
  SELECT time, subject, reason FROM event INDEXED BY notable_outcome
  WHERE notable AND outcome = 'deny' AND kind = 'decision' AND time >= ?1
  AND log_index >= ?2 * (SELECT min(block) FROM span WHERE greatest >= ?1)
  ORDER BY log_index DESC LIMIT ?3
)
SELECT subject, sum(time >= ?4), sum(time < ?4), (SELECT count(*) FROM newest), (SELECT min(time) FROM newest)
FROM newest WHERE subject IS NOT NULL AND subject <> 'anonymous'
AND coalesce(reason, '') NOT IN ('sign_in_required', 'step_up_required', 'session_ended')
GROUP BY subject ORDER BY 2 DESC, 1
";

pub(super) async fn count(
    pool: &SqlitePool,
    since: Timestamp,
    recent: Timestamp,
) -> Result<Denied, sqlx::Error> {
    let rows: Vec<(String, i64, i64, i64, Option<i64>)> = sqlx::query_as(COUNT)
        .bind(since.as_micros())
        .bind(i64::try_from(BLOCK).unwrap_or(i64::MAX))
        .bind(MOST)
        .bind(recent.as_micros())
        .fetch_all(pool)
        .await?;
    let full = rows.first().filter(|(_, _, _, looked_at, _)| *looked_at >= MOST);
    let oldest = full.and_then(|(.., oldest)| *oldest).map_or(since, Timestamp::from_micros);
    let number = |count| u64::try_from(count).unwrap_or(0);
    let people = rows.into_iter().map(|(id, recent, before, ..)| DeniedPerson {
        id,
        recent: number(recent),
        before: number(before),
    });
    Ok(Denied { since: oldest, people: people.collect() })
}
