//! What the document says of types that are defined elsewhere. Tests compare them with what those types are written as.

use utoipa::ToSchema;

/// Why a call was refused or failed.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only described")]
pub(crate) struct Problem {
    /// `urn:bartizan:problem:` and the reason.
    r#type: String,
    /// What happened, in a few words.
    title: String,
    /// The HTTP status.
    status: u16,
    /// What happened to this request, and what to do.
    detail: String,
    /// The stable reason.
    reason: String,
    /// The request.
    request_id: String,
    /// Who asked, if that is known.
    #[schema(required = true)]
    subject: Option<Subject>,
    /// What was asked for, if that is known.
    #[schema(required = true)]
    resource: Option<Resource>,
    /// The ways out.
    remedies: Vec<Remedy>,
    /// What is wrong with what was sent, and where.
    #[schema(required = false)]
    findings: Vec<Finding>,
}

/// One way out of a denial.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only described")]
pub(crate) struct Remedy {
    kind: RemedyKind,
    /// What to do, in words for the person.
    text: String,
    /// Where to do it.
    url: Option<String>,
}

#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "only described")]
pub(crate) enum RemedyKind {
    SignIn,
    StepUp,
    Reauthenticate,
    EnrolDevice,
    MendDevice,
    RequestAccess,
    SwitchAccount,
    Wait,
}

/// Who asked or acted.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only described")]
pub(crate) struct Subject {
    /// `User` or `Anonymous`.
    r#type: String,
    id: String,
    /// The login name, where names are shown and as long as it is known.
    name: Option<String>,
}

/// What was asked for.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only described")]
pub(crate) struct Resource {
    /// `App` or `Admin`.
    r#type: String,
    name: String,
}

/// One thing that is wrong with a policy or an object file, or could be better.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only described")]
pub(crate) struct Finding {
    file: String,
    /// The line in the file, from 1.
    line: u32,
    /// The character in the line, from 1.
    column: u32,
    severity: Severity,
    message: String,
    /// What would mend it.
    #[schema(required = true)]
    help: Option<String>,
}

#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "only described")]
pub(crate) enum Severity {
    Error,
    Warning,
    Advice,
}

/// The answer to a question, and each policy about it.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only described")]
pub(crate) struct Trace {
    outcome: Outcome,
    /// Why it is no, if it is.
    #[schema(required = true)]
    reason: Option<String>,
    /// The revision that was decided on.
    revision: u64,
    /// Policies about the resource: those that decided first, then those that came nearest; at most 50.
    policies: Vec<TracedPolicy>,
}

/// One policy, and how it came out.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only described")]
pub(crate) struct TracedPolicy {
    id: String,
    effect: PolicyEffect,
    /// Whether it applies: every condition holds.
    satisfied: bool,
    /// What it is for, in the words of its `@reason`.
    about: Option<String>,
    /// Its conditions, in the order of its text.
    conditions: Vec<Condition>,
}

#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "only described")]
pub(crate) enum PolicyEffect {
    Permit,
    Forbid,
}

/// One condition of a policy.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only described")]
pub(crate) struct Condition {
    /// The condition as the policy has it.
    text: String,
    /// The values that it met.
    value: String,
    holds: bool,
}

/// How something came out.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "only described")]
pub(crate) enum Outcome {
    Permit,
    Deny,
    Cut,
    Ok,
    Failed,
}

/// What happened.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only described")]
pub(crate) enum EventKind {
    #[schema(rename = "decision")]
    Decision,
    #[schema(rename = "grant.end")]
    GrantEnd,
    #[schema(rename = "signin.step")]
    SigninStep,
    #[schema(rename = "session.start")]
    SessionStart,
    #[schema(rename = "session.end")]
    SessionEnd,
    #[schema(rename = "admin.change")]
    AdminChange,
    #[schema(rename = "system.start")]
    SystemStart,
    #[schema(rename = "system.restore")]
    SystemRestore,
}

/// An HTTP request that was decided on.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only described")]
pub(crate) struct RequestOfEvent {
    method: String,
    host: String,
    /// The path, without query; none once the person was erased.
    #[schema(required = true)]
    path: Option<String>,
}

/// An object that was changed.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only described")]
pub(crate) struct ObjectOfEvent {
    kind: String,
    name: String,
    /// What was done to it.
    change: String,
}

/// Whether a person may act.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "only described")]
pub(crate) enum UserState {
    Active,
    Disabled,
}

/// What a status says of a call.
pub(super) fn status(status: u16) -> &'static str {
    match status {
        400 => {
            "The request can be read in more than one way, or carries credentials that contradict each other."
        }
        401 => "Nobody is signed in, or a stronger or newer sign-in would do.",
        403 => "Policy does not permit it, or a change by cookie lacks the token of its session.",
        404 => "There is no such thing.",
        409 => "Somebody else changed it meanwhile, or it would lock everybody out.",
        413 => "What was sent is too large.",
        422 => "What was sent is not in order.",
        500 => "Something is broken here; the deployment's own log says what.",
        _ => "The store does not answer, or nothing can be recorded: try again.",
    }
}
