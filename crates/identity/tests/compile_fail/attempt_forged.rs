use bartizan_identity::Attempt;

pub fn forged(mut attempt: Attempt, other: Attempt) -> Attempt {
    attempt.stage = other.stage; //~ E0616
    attempt
}
