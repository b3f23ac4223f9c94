//! The pages of `auth.<domain>`. Each file is one page: a `View` with all that it shows, and `page`, a pure function
//! from the view and its reader to the document and the policy under which it is served.

pub(crate) mod account;
pub(crate) mod claim;
pub(crate) mod confirm_again;
pub(crate) mod consent;
pub(crate) mod device;
pub(crate) mod link;
pub(crate) mod link_unusable;
pub(crate) mod passkey_new;
pub(crate) mod passkey_of;
pub(crate) mod password_new;
pub(crate) mod problem;
pub(crate) mod recovery_code;
pub(crate) mod refusal;
pub(crate) mod second_factor;
pub(crate) mod sign_in;
pub(crate) mod sign_out_confirm;
pub(crate) mod signed_out;
pub(crate) mod token;

use bartizan_ui::{
    Asking, Emphasis, Home, HomePlace, Language, Page, PasskeyForm, Tone, Words, form, languages, notice,
    passkey_form, person_layout,
};
use maud::{Markup, html};

use crate::flow::PasskeyAsk;
use crate::texts::CATALOG;

/// Who reads a page.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader {
    /// The texts in their language.
    pub(crate) words: Words,
}

impl Reader {
    /// Somebody who reads this language.
    pub(crate) fn of(language: Language) -> Self {
        Self { words: CATALOG.words(language) }
    }

    pub(crate) const fn language(self) -> Language {
        self.words.language()
    }

    /// The document around a page where a person does something. `here` is where the same page is had in another
    /// language; what is shown once only is had nowhere.
    fn person_page(self, here: Option<&str>, title: &str, content: &Markup) -> Page {
        Page::new(title, person_layout(content, &self.foot(here))).language(self.language())
    }

    /// The same around a page where a person looks after what is theirs.
    fn account_page(self, homes: Homes<'_>, here: Option<&str>, title: &str, content: &Markup) -> Page {
        let Homes { portal, account } = homes;
        let home = Home { language: self.language(), portal, account, here: HomePlace::Account };
        Page::new(title, home.markup(content, &self.foot(here))).language(self.language())
    }

    fn foot(self, here: Option<&str>) -> Markup {
        here.map_or_else(|| html! {}, |here| languages(self.language(), here))
    }

    /// The title of a tab, which says first that something is wrong: that is what is heard first.
    fn title(self, heading: &str, problem: Option<&str>) -> String {
        match problem {
            Some(_) => self.words.with("not-yet", &[("title", heading.into())]),
            None => heading.to_owned(),
        }
    }

    /// What helps who cannot go on, as pairs of a case and what to do in it.
    fn ways_out(self, ways: &[(&'static str, &'static str)]) -> Markup {
        let words = self.words;
        let list = html! {
            dl { @for (case, what) in ways { dt { (words.say(case)) } dd { (words.say(what)) } } }
        };
        bartizan_ui::disclosure(&words.say("having-trouble"), &list)
    }
}

/// Where the pages are on which a person looks after what is theirs: origins, of which none is that of the page.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Homes<'a> {
    /// Of what they may open.
    pub(crate) portal: &'a str,
    /// Of their sign-ins.
    pub(crate) account: &'a str,
}

/// Where the form of a page posts, what proves that it is ours, and where the answer may lead.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Form<'a> {
    /// The address that it posts to.
    pub(crate) action: &'a str,
    /// The token that comes back with it.
    pub(crate) csrf: &'a str,
    /// The origins to which the answer may redirect, such as that of the app being opened.
    pub(crate) onward: &'a [&'a str],
}

impl Form<'_> {
    /// The form around its fields.
    fn holding(&self, content: &Markup) -> Markup {
        form(self.action, self.csrf, content)
    }

    /// The document around the content of a page that this form is on: it posts to where the page is.
    fn page(&self, reader: Reader, title: &str, content: &Markup) -> Page {
        reader.person_page(Some(self.action), title, content).posts(self.onward.iter().copied())
    }
}

/// A way by a passkey, beside another on the same page.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Passkey<'a> {
    /// The address that it posts to.
    pub(crate) action: &'a str,
    /// What the browser is asked for.
    pub(crate) ask: &'a PasskeyAsk,
}

impl Passkey<'_> {
    /// The form, with the token of the page's own. `again` is where the page is had anew.
    fn form(self, reader: Reader, csrf: &str, shape: Shape<'_>, more: &Markup) -> Markup {
        let words = reader.words;
        let known = words.say("passkey-known");
        let asks = PasskeyForm {
            action: self.action,
            csrf,
            options: &self.ask.options,
            seconds: self.ask.seconds,
            again: shape.again,
            when: shape.when,
            button: &words.say(shape.button),
            emphasis: shape.emphasis,
            problem: &words.say("passkey-unused"),
            known: Some(&known),
        };
        passkey_form(asks, more)
    }
}

/// A way to prove who one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// What is typed: a password, or a code.
    Typed,
    /// A passkey.
    Passkey,
    /// An identity provider of somebody else.
    Provider,
}

/// What is wrong with what was not typed. There is no field under which it could stand.
fn not_taken(problem: Option<&str>, tried: Way) -> Markup {
    let problem = problem.filter(|_| tried != Way::Typed);
    html! { @if let Some(problem) = problem { (notice(Tone::Failure, &html! { (problem) })) } }
}

/// How a form for a passkey looks.
#[derive(Debug, Clone, Copy)]
struct Shape<'a> {
    button: &'static str,
    emphasis: Emphasis,
    when: Asking,
    again: Option<&'a str>,
}

/// What stands between two ways. Without a script there is one only.
fn or(reader: Reader) -> Markup {
    html! { p .or hidden data-needs-script { span { (reader.words.say("or")) } } }
}

#[cfg(test)]
mod tests;
