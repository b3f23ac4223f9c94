use bartizan_identity::SecondProof;

pub fn both(proof: SecondProof) -> (SecondProof, SecondProof) {
    (proof.clone(), proof) //~ E0599
}
