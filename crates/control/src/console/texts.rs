//! What the console says, in the languages that it is written in.

use std::sync::LazyLock;

use bartizan_ui::{Catalog, Texts};

const TEXTS: Texts = Texts {
    english: include_str!("../../words/en.ftl"),
    german: include_str!("../../words/de.ftl"),
    french: include_str!("../../words/fr.ftl"),
    spanish: include_str!("../../words/es.ftl"),
};

/// The texts. A pure function of constants, computed once.
pub(crate) static CATALOG: LazyLock<Catalog> = LazyLock::new(|| Catalog::new(&TEXTS));

#[cfg(test)]
mod tests {
    use std::path::Path;

    use bartizan_ui::lint;

    use super::TEXTS;

    #[test]
    fn every_text_is_there_in_every_language_and_used() {
        let code = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        assert_eq!(lint::words(&TEXTS, &code), Vec::<String>::new());
    }
}
