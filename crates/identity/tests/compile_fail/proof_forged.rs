use bartizan_identity::FirstProof;
use bartizan_model::UserId;

pub fn forged(user: UserId) -> FirstProof {
    FirstProof::kept(user, "pwd", 1, None) //~ E0624
}
