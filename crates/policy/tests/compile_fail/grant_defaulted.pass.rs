use bartizan_policy::{Grant, Touched};

pub fn from_nothing() -> (Option<Grant>, Touched) {
    (None, Touched::default())
}
