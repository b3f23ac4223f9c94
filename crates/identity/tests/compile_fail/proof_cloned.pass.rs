use bartizan_identity::SecondProof;

pub fn both(proof: SecondProof, other: SecondProof) -> (SecondProof, SecondProof) {
    (other, proof)
}
