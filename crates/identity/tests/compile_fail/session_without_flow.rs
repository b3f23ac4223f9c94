use bartizan_identity::{FirstProof, SecondProof, SignIns, Visit};

pub async fn begin(sign_ins: SignIns, first: FirstProof, second: SecondProof, visit: Visit) {
    let _ = sign_ins.begin(&first, &second, &visit).await; //~ E0624
}
