use bartizan_identity::{FirstProof, PasswordProof};
use bartizan_model::UserId;

pub fn given(_user: UserId, proof: PasswordProof) -> FirstProof {
    FirstProof::from(proof)
}
