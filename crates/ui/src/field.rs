//! A field of a form: label, hint, box, and what is wrong with it in words.

use maud::{Markup, Render, html};

use crate::{Icon, icon};

/// Which keyboard a phone shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InputMode {
    /// Letters.
    Text,
    /// Digits.
    Numeric,
    /// A mail address.
    Email,
}

/// A field with a label. Renders by itself inside a page.
#[derive(Debug, Clone)]
pub struct Field<'a> {
    name: &'a str,
    label: &'a str,
    kind: &'static str,
    value: Option<&'a str>,
    hint: Option<&'a str>,
    problem: Option<&'a str>,
    autocomplete: &'static str,
    mode: Option<InputMode>,
    max_length: Option<u16>,
    width: Width,
    access: Access,
    focus: Focus,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Width {
    Full,
    Code,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Access {
    Write,
    /// May be left empty.
    Offer,
    Read,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Focus {
    Later,
    First,
}

impl<'a> Field<'a> {
    /// A line of text.
    #[must_use]
    pub const fn text(name: &'a str, label: &'a str) -> Self {
        Self {
            name,
            label,
            kind: "text",
            value: None,
            hint: None,
            problem: None,
            autocomplete: "off",
            mode: None,
            max_length: None,
            width: Width::Full,
            access: Access::Write,
            focus: Focus::Later,
        }
    }

    /// A password. What was typed is never sent back.
    #[must_use]
    pub const fn password(name: &'a str, label: &'a str, autocomplete: &'static str) -> Self {
        Self { kind: "password", autocomplete, ..Self::text(name, label) }
    }

    /// A short code of this many digits, from an authenticator.
    #[must_use]
    pub const fn digits(name: &'a str, label: &'a str, count: u16) -> Self {
        Self {
            autocomplete: "one-time-code",
            mode: Some(InputMode::Numeric),
            // People type a gap in the middle, because that is how it is shown.
            max_length: Some(count.saturating_add(1)),
            width: Width::Code,
            ..Self::text(name, label)
        }
    }

    /// What stands in it.
    #[must_use]
    pub const fn value(mut self, value: &'a str) -> Self {
        self.value = Some(value);
        self
    }

    /// What helps to fill it in.
    #[must_use]
    pub const fn hint(mut self, hint: &'a str) -> Self {
        self.hint = Some(hint);
        self
    }

    /// What is wrong with what was sent, if anything. The field then gets the focus.
    #[must_use]
    pub const fn problem(mut self, problem: Option<&'a str>) -> Self {
        self.problem = problem;
        if problem.is_some() {
            self.focus = Focus::First;
        }
        self
    }

    /// What a password manager may fill in (HTML, 4.10.18.7).
    #[must_use]
    pub const fn autocomplete(mut self, autocomplete: &'static str) -> Self {
        self.autocomplete = autocomplete;
        self
    }

    /// Which keyboard a phone shows.
    #[must_use]
    pub const fn mode(mut self, mode: InputMode) -> Self {
        self.mode = Some(mode);
        self
    }

    /// It is there to be read, and for a password manager.
    #[must_use]
    pub const fn read_only(mut self) -> Self {
        self.access = Access::Read;
        self
    }

    /// It may be left empty.
    #[must_use]
    pub const fn optional(mut self) -> Self {
        self.access = Access::Offer;
        self
    }

    /// The page opens with the cursor in it. One field of a page.
    #[must_use]
    pub const fn first(mut self) -> Self {
        self.focus = Focus::First;
        self
    }
}

impl Render for Field<'_> {
    fn render(&self) -> Markup {
        let described = match (self.hint, self.problem) {
            (None, None) => None,
            (Some(_), None) => Some(format!("{}-hint", self.name)),
            (None, Some(_)) => Some(format!("{}-problem", self.name)),
            (Some(_), Some(_)) => Some(format!("{0}-problem {0}-hint", self.name)),
        };
        let mode = self.mode.map(|mode| match mode {
            InputMode::Text => "text",
            InputMode::Numeric => "numeric",
            InputMode::Email => "email",
        });
        html! {
            div .field.wrong[self.problem.is_some()] {
                label for=(self.name) { (self.label) }
                input id=(self.name) name=(self.name) type=(self.kind) value=[self.value] .code[self.width == Width::Code]
                    autocomplete=(self.autocomplete) inputmode=[mode] maxlength=[self.max_length]
                    autocapitalize="none" autocorrect="off" spellcheck="false"
                    required[self.access == Access::Write] readonly[self.access == Access::Read]
                    autofocus[self.focus == Focus::First]
                    aria-describedby=[described] aria-invalid=[self.problem.map(|_| "true")];
                @if let Some(problem) = self.problem {
                    p .problem id={ (self.name) "-problem" } { (icon(Icon::Warning)) span { (problem) } }
                }
                @if let Some(hint) = self.hint {
                    p .hint id={ (self.name) "-hint" } { (hint) }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_said_by_the_field_that_has_it() {
        let field = Field::text("login", "Login name").hint("As in mail").problem(Some("Enter <it>"));
        let html = field.render().into_string();
        assert!(html.contains("aria-describedby=\"login-problem login-hint\" aria-invalid=\"true\""));
        assert!(html.contains("<span>Enter &lt;it&gt;</span>"));
        assert!(html.contains("autofocus"));
    }

    #[test]
    fn a_code_is_typed_on_digits_and_filled_in_by_the_phone() {
        let html = Field::digits("code", "Code", 6).render().into_string();
        assert!(html.contains("autocomplete=\"one-time-code\" inputmode=\"numeric\" maxlength=\"7\""));
    }
}
