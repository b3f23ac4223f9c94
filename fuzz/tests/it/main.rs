//! The corpus, and some thousand changed copies of it, through each parser.

use bartizan_testkit::SeededEntropy;
use fuzz::{TARGETS, mutate, seeds};

#[test]
fn every_input_of_the_corpus_is_read_without_a_panic() {
    for (name, target) in TARGETS {
        let seeds = seeds(name).unwrap();
        assert!(seeds.len() > 1, "the target {name} has no corpus");
        for (file, bytes) in seeds {
            let done = std::panic::catch_unwind(|| target(&bytes));
            assert!(done.is_ok(), "{name}: {}", file.display());
        }
    }
}

#[test]
fn changed_copies_of_the_corpus_are_read_without_a_panic() {
    for (name, target) in TARGETS {
        let random = SeededEntropy::new(0xf0_22);
        let seeds = seeds(name).unwrap();
        for round in 0..400 {
            let (file, input) = &seeds[random.below(seeds.len())];
            let input = mutate(input, &seeds[random.below(seeds.len())].1, &random);
            let done = std::panic::catch_unwind(|| target(&input));
            assert!(done.is_ok(), "{name}: round {round}, from {}: {input:?}", file.display());
        }
    }
}
