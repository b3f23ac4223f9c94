use bartizan_policy::{Grant, Touched};

pub fn from_nothing() -> (Option<Grant>, Touched) {
    (Some(Grant::default()), Touched::default()) //~ E0599
}
