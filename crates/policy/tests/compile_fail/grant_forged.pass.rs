use bartizan_policy::Grant;

pub fn forge(real: Grant) -> Grant {
    let decision_id = real.decision_id();
    if decision_id == real.decision_id() { real } else { real }
}
