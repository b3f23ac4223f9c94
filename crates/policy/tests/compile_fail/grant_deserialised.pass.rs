fn read<T: serde::de::DeserializeOwned>() {}

pub fn deserialise() {
    read::<bartizan_policy::Delta>();
}
