//! The process gives up what it does not need, before it has threads and long before anybody can speak to it.
//!
//! Two mechanisms of the kernel, neither of which needs rights or can be taken back: Landlock (`files`) leaves it the data
//! directory and a few files to read, and nothing to execute; seccomp (`calls`) refuses the system calls that it never makes
//! and that a break-in would: running programs, tracing others, mounting, loading code into the kernel, new namespaces. A
//! kernel without them serves all the same: what is missing is logged, and the doctor says it.

mod calls;
mod files;

pub(crate) use self::files::Files;

/// What the kernel does not confine.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Missing {
    /// Files: why not.
    pub(crate) files: Option<String>,
    /// System calls: why not.
    pub(crate) calls: Option<String>,
}

/// Confines this process to these files, and to the calls that it makes.
pub(crate) fn enter(files: &Files) -> Missing {
    // The one needs calls that the other would not refuse, but the other way round it would need to read nothing more.
    let missing = Missing { files: files.confine().err(), calls: calls::confine().err() };
    match (&missing.files, &missing.calls) {
        (None, None) => tracing::info!("confined: to its files by Landlock, to its system calls by seccomp"),
        (files, calls) => tracing::info!(
            files = files.as_deref().unwrap_or("confined"),
            calls = calls.as_deref().unwrap_or("confined"),
            "the kernel does not confine all of what it could"
        ),
    }
    missing
}

/// What this kernel would not confine; this process stays as it is.
pub(crate) fn missing() -> Missing {
    Missing { files: files::supported().err(), calls: calls::supported().err() }
}

#[cfg(test)]
mod tests;
