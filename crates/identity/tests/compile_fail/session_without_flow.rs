use bartizan_identity::{Factors, PasskeyProof, SignIns, Visit};

pub async fn begin(sign_ins: SignIns, factors: Factors, proof: PasskeyProof, visit: Visit) {
    let _ = sign_ins.begin(&factors, &proof, &visit).await; //~ E0624
}
