//! Whole-system tests: the real binary, real ports, real clients. They are in `tests/it`.
