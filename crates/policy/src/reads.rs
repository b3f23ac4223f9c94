//! What a policy reads of the context, and at which instants that can change its outcome: found by looking at its
//! text, once, when it is compiled.
//!
//! The look is cautious. What it does not understand counts as a read of everything and as a clock that is watched
//! all the time.

use std::collections::BTreeSet;

use cedar_policy::pst::{BinaryOp, Clause, Expr, Literal, UnaryOp, Var};

/// One attribute of the context.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Attribute {
    Level,
    Age,
    MfaAge,
    Amr,
    Known,
    Compliant,
    Managed,
    Risk,
    Method,
    Host,
    Path,
    Source,
    Now,
    Epoch,
    Hour,
    Weekday,
}

impl Attribute {
    pub(crate) const ALL: [Self; 16] = [
        Self::Level,
        Self::Age,
        Self::MfaAge,
        Self::Amr,
        Self::Known,
        Self::Compliant,
        Self::Managed,
        Self::Risk,
        Self::Method,
        Self::Host,
        Self::Path,
        Self::Source,
        Self::Now,
        Self::Epoch,
        Self::Hour,
        Self::Weekday,
    ];

    /// The record that it is in, and its name there; `risk` is in none.
    pub(crate) const fn path(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::Level => ("session", Some("level")),
            Self::Age => ("session", Some("age")),
            Self::MfaAge => ("session", Some("mfa_age")),
            Self::Amr => ("session", Some("amr")),
            Self::Known => ("device", Some("known")),
            Self::Compliant => ("device", Some("compliant")),
            Self::Managed => ("device", Some("managed")),
            Self::Risk => ("risk", None),
            Self::Method => ("request", Some("method")),
            Self::Host => ("request", Some("host")),
            Self::Path => ("request", Some("path")),
            Self::Source => ("request", Some("source")),
            Self::Now => ("time", Some("now")),
            Self::Epoch => ("time", Some("epoch")),
            Self::Hour => ("time", Some("hour")),
            Self::Weekday => ("time", Some("weekday")),
        }
    }

    /// The name as policies and events spell it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Level => "session.level",
            Self::Age => "session.age",
            Self::MfaAge => "session.mfa_age",
            Self::Amr => "session.amr",
            Self::Known => "device.known",
            Self::Compliant => "device.compliant",
            Self::Managed => "device.managed",
            Self::Risk => "risk",
            Self::Method => "request.method",
            Self::Host => "request.host",
            Self::Path => "request.path",
            Self::Source => "request.source",
            Self::Now => "time.now",
            Self::Epoch => "time.epoch",
            Self::Hour => "time.hour",
            Self::Weekday => "time.weekday",
        }
    }
}

/// A set of attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Reads(u16);

impl Reads {
    pub(crate) const ALL: Self = Self(u16::MAX);

    pub(crate) const fn of(attributes: &[Attribute]) -> Self {
        let mut set = 0;
        let mut rest = attributes;
        while let [first, tail @ ..] = rest {
            set |= 1 << *first as u16;
            rest = tail;
        }
        Self(set)
    }

    pub(crate) const fn contains(self, attribute: Attribute) -> bool {
        self.0 & Self::of(&[attribute]).0 != 0
    }

    pub(crate) const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(crate) const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = Attribute> {
        Attribute::ALL.into_iter().filter(move |attribute| self.contains(*attribute))
    }
}

/// When a policy's outcome can change by the mere passing of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Flip {
    /// When `session.age` becomes this.
    Age(i64),
    /// When `session.mfa_age` becomes this.
    MfaAge(i64),
    /// When `time.epoch` becomes this.
    Epoch(i64),
    /// When `time.now` becomes this (milliseconds since the epoch).
    NowMillis(i64),
    /// With the hour.
    Hour,
    /// At midnight.
    Midnight,
    /// At any time.
    AnyTime,
}

/// What a policy reads.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Analysis {
    pub(crate) reads: Reads,
    pub(crate) flips: BTreeSet<Flip>,
}

impl Analysis {
    /// That of a policy of which nothing is understood.
    pub(crate) fn everything() -> Self {
        Self { reads: Reads::ALL, flips: BTreeSet::from([Flip::AnyTime]) }
    }

    /// Looks at the conditions of a policy. `datetime` gives the milliseconds since the epoch that the literal
    /// `datetime("...")` means.
    pub(crate) fn of_clauses<'a>(
        clauses: impl IntoIterator<Item = &'a Clause>,
        datetime: &dyn Fn(&str) -> Option<i64>,
    ) -> Self {
        let mut look = Look { found: Self::default(), datetime };
        for clause in clauses {
            match clause {
                Clause::When(expr) | Clause::Unless(expr) => look.at(expr),
            }
        }
        look.found
    }

    /// Looks at one expression.
    pub(crate) fn of_expr(expr: &Expr, datetime: &dyn Fn(&str) -> Option<i64>) -> Self {
        let mut look = Look { found: Self::default(), datetime };
        look.at(expr);
        look.found
    }
}

struct Look<'d> {
    found: Analysis,
    datetime: &'d dyn Fn(&str) -> Option<i64>,
}

impl Look<'_> {
    fn at(&mut self, expr: &Expr) {
        match expr {
            Expr::Literal(_) | Expr::Slot(_) => {}
            Expr::Var(Var::Context) => self.found = Analysis::everything(),
            Expr::Var(Var::Principal | Var::Action | Var::Resource) => {}
            Expr::UnaryOp { expr, .. } | Expr::Like { expr, .. } => self.at(expr),
            Expr::BinaryOp { op, left, right } => {
                if !self.comparison(*op, left, right) {
                    self.at(left);
                    self.at(right);
                }
            }
            Expr::GetAttr { expr: of, .. } => match context_path(expr) {
                Some(path) => self.read(&path),
                None => self.at(of),
            },
            Expr::HasAttr { expr: of, attrs } => match context_path(of) {
                // Whether an attribute is there never changes, but it must be there to be found.
                Some(mut path) => {
                    path.extend(attrs.iter().map(|attr| attr.as_str()));
                    self.found.reads = self.found.reads.union(named(&path));
                }
                None => self.at(of),
            },
            Expr::Is { expr, in_expr, .. } => {
                self.at(expr);
                if let Some(within) = in_expr {
                    self.at(within);
                }
            }
            Expr::IfThenElse { cond, then_expr, else_expr } => {
                self.at(cond);
                self.at(then_expr);
                self.at(else_expr);
            }
            Expr::Set(items) => items.iter().for_each(|item| self.at(item)),
            Expr::Record(fields) => fields.values().for_each(|field| self.at(field)),
            // What a later Cedar adds is not understood.
            _ => self.found = Analysis::everything(),
        }
    }

    /// A read of this path of the context as a value.
    fn read(&mut self, path: &[&str]) {
        let reads = named(path);
        self.found.reads = self.found.reads.union(reads);
        for attribute in reads.iter() {
            let flip = match attribute {
                Attribute::Hour => Flip::Hour,
                Attribute::Weekday => Flip::Midnight,
                Attribute::Age | Attribute::MfaAge | Attribute::Now | Attribute::Epoch => Flip::AnyTime,
                Attribute::Level
                | Attribute::Amr
                | Attribute::Known
                | Attribute::Compliant
                | Attribute::Managed
                | Attribute::Risk
                | Attribute::Method
                | Attribute::Host
                | Attribute::Path
                | Attribute::Source => continue,
            };
            self.found.flips.insert(flip);
        }
    }

    /// A comparison of a clock with a constant, which flips at known instants. False if it is anything else.
    fn comparison(&mut self, op: BinaryOp, left: &Expr, right: &Expr) -> bool {
        let found = match (clock(left), clock(right)) {
            (Some(attribute), None) => self.constant(attribute, right).map(|value| (attribute, value, op)),
            (None, Some(attribute)) => self.constant(attribute, left).and_then(|value| {
                let mirrored = match op {
                    BinaryOp::Less => BinaryOp::Greater,
                    BinaryOp::LessEq => BinaryOp::GreaterEq,
                    BinaryOp::Greater => BinaryOp::Less,
                    BinaryOp::GreaterEq => BinaryOp::LessEq,
                    BinaryOp::Eq | BinaryOp::NotEq => op,
                    _ => return None,
                };
                Some((attribute, value, mirrored))
            }),
            _ => None,
        };
        let Some((attribute, value, op)) = found else { return false };
        // Clocks only go up, by steps of one. So `< v` and `>= v` change when the clock becomes v, `<= v` and `> v`
        // when it becomes v + 1, `== v` and `!= v` at both.
        let (at, after) = match op {
            BinaryOp::Less | BinaryOp::GreaterEq => (Some(value), None),
            BinaryOp::LessEq | BinaryOp::Greater => (None, value.checked_add(1)),
            BinaryOp::Eq | BinaryOp::NotEq => (Some(value), value.checked_add(1)),
            _ => return false,
        };
        let flip = |value| match attribute {
            Attribute::Age => Flip::Age(value),
            Attribute::MfaAge => Flip::MfaAge(value),
            Attribute::Epoch => Flip::Epoch(value),
            Attribute::Now => Flip::NowMillis(value),
            Attribute::Hour => Flip::Hour,
            Attribute::Weekday => Flip::Midnight,
            Attribute::Level
            | Attribute::Amr
            | Attribute::Known
            | Attribute::Compliant
            | Attribute::Managed
            | Attribute::Risk
            | Attribute::Method
            | Attribute::Host
            | Attribute::Path
            | Attribute::Source => Flip::AnyTime,
        };
        self.found.reads = self.found.reads.union(Reads::of(&[attribute]));
        self.found.flips.extend(at.into_iter().chain(after).map(flip));
        true
    }

    /// The constant that a clock is compared with.
    fn constant(&self, attribute: Attribute, expr: &Expr) -> Option<i64> {
        match (attribute, expr) {
            (Attribute::Now, Expr::UnaryOp { op: UnaryOp::Datetime, expr }) => match expr.as_ref() {
                Expr::Literal(Literal::String(text)) => (self.datetime)(text),
                _ => None,
            },
            (Attribute::Now, _) => None,
            (_, Expr::Literal(Literal::Long(value))) => Some(*value),
            (_, Expr::UnaryOp { op: UnaryOp::Neg, expr }) => match expr.as_ref() {
                Expr::Literal(Literal::Long(value)) => value.checked_neg(),
                _ => None,
            },
            _ => None,
        }
    }
}

/// The attribute that an expression is, if it is one: `context.session.age`, `context.risk`.
pub(crate) fn attribute_of(expr: &Expr) -> Option<Attribute> {
    let path = context_path(expr)?;
    Attribute::ALL.into_iter().find(|attribute| match attribute.path() {
        (record, Some(field)) => path == [record, field],
        (name, None) => path == [name],
    })
}

/// The clock that is read, if the expression is one.
fn clock(expr: &Expr) -> Option<Attribute> {
    const CLOCKS: Reads = Reads::of(&[
        Attribute::Age,
        Attribute::MfaAge,
        Attribute::Epoch,
        Attribute::Now,
        Attribute::Hour,
        Attribute::Weekday,
    ]);
    attribute_of(expr).filter(|attribute| CLOCKS.contains(*attribute))
}

/// The names by which an expression goes into the context: `context.session.age` is `session`, `age`; `context`
/// itself has none.
fn context_path(expr: &Expr) -> Option<Vec<&str>> {
    let mut names = Vec::new();
    let mut at = expr;
    loop {
        match at {
            Expr::GetAttr { expr, attr } => {
                names.push(attr.as_str());
                at = expr;
            }
            Expr::Var(Var::Context) => {
                names.reverse();
                return Some(names);
            }
            _ => return None,
        }
    }
}

/// The attributes that a path names: one, or all of a record.
fn named(path: &[&str]) -> Reads {
    let attributes: Vec<Attribute> = Attribute::ALL
        .into_iter()
        .filter(|attribute| {
            let (record, field) = attribute.path();
            match (path, field) {
                ([first, second, ..], Some(field)) => *first == record && *second == field,
                ([first, ..], _) => *first == record,
                ([], _) => true,
            }
        })
        .collect();
    Reads::of(&attributes)
}

#[cfg(test)]
mod tests {
    use cedar_policy::Policy;

    use super::*;
    use crate::compile::datetime_millis;

    fn look(condition: &str) -> Analysis {
        let text = format!("permit(principal, action, resource) when {{ {condition} }};");
        let tree = Policy::parse(None, text).unwrap().to_pst().unwrap();
        Analysis::of_clauses(tree.body().clauses(), &datetime_millis)
    }

    #[test]
    fn what_is_read_is_found_and_nothing_else() {
        use Attribute::{Age, Compliant, Known, Level, Managed, Path, Risk};
        for (condition, reads) in [
            ("true", &[][..]),
            ("principal in Group::\"a\" && resource is App", &[]),
            ("context.risk < 3", &[Risk]),
            ("context.session.level == \"strong\" || context.request.path like \"/*\"", &[Level, Path]),
            (
                "if context.device.known then context.session.age < 3 else {a: context.risk}.a < 3",
                &[Known, Age, Risk],
            ),
            ("context has risk && context.session has level", &[Risk, Level]),
            ("context has session.age", &[Age]),
            ("context.device == context.device", &[Known, Compliant, Managed]),
            ("context has device", &[Known, Compliant, Managed]),
            ("context == context", &Attribute::ALL),
            ("{a: context}.a.risk < 3", &Attribute::ALL),
        ] {
            assert_eq!(look(condition).reads, Reads::of(reads), "{condition}");
        }
    }

    #[test]
    fn each_way_to_read_a_clock_is_told_apart() {
        use Flip::{Age, AnyTime, Epoch, Hour, MfaAge, Midnight, NowMillis};
        for (condition, flips) in [
            ("context.risk < 3", &[][..]),
            ("context.session.age < 60", &[Age(60)]),
            ("60 <= context.session.age", &[Age(60)]),
            ("context.session.mfa_age > 60", &[MfaAge(61)]),
            ("context.session.mfa_age > 9223372036854775807", &[]),
            ("context.time.epoch == -5", &[Epoch(-5), Epoch(-4)]),
            ("context.time.now >= datetime(\"1970-01-02T00:00:00.001Z\")", &[NowMillis(86_400_001)]),
            ("context.time.now >= datetime(\"1970-01-01T01:00:00+0100\")", &[NowMillis(0)]),
            ("context.time.now >= datetime(\"1970-01-01\").offset(duration(\"1d\"))", &[AnyTime]),
            ("context.time.hour >= 8 && context.time.hour < 18", &[Hour]),
            ("[1, 7].contains(context.time.weekday)", &[Midnight]),
            ("context.session.age < context.risk", &[AnyTime]),
            ("context.session.age * 2 < 10", &[AnyTime]),
            ("context.session == context.session", &[AnyTime]),
            ("context has session.age", &[]),
        ] {
            assert_eq!(look(condition).flips, BTreeSet::from_iter(flips.iter().copied()), "{condition}");
        }
    }

    #[test]
    fn names_and_paths_agree() {
        for attribute in Attribute::ALL {
            let (record, field) = attribute.path();
            let name = field.map_or_else(|| record.to_owned(), |field| format!("{record}.{field}"));
            assert_eq!(attribute.name(), name);
            assert_eq!(Reads::of(&[attribute]).iter().collect::<Vec<_>>(), [attribute]);
        }
    }
}
