use bartizan_identity::{FirstProof, PasswordProof};
use bartizan_model::UserId;

// The person is compared, so that only libraries of one build fit here, as in the program that must not compile.
pub fn given(user: UserId, proof: PasswordProof) -> Option<FirstProof> {
    if proof.user() == user { Some(FirstProof::from(proof)) } else { None }
}
