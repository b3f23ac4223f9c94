use bartizan_policy::Minter;

pub fn second(first: Minter) {
    let _second = first;
}
