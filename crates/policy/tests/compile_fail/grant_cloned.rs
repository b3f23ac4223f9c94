use bartizan_policy::Grant;

pub fn use_twice(real: Grant) {
    let _copy = real.clone(); //~ E0599
}
