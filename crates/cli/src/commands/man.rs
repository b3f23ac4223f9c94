//! `bartizan man`: the manual, a page for each command, made of what `--help` says.

use std::path::Path;

use clap_mangen::Man;

use crate::output::Ended;

/// Writes all pages into a folder.
pub(super) fn write(folder: &Path) -> Ended {
    std::fs::create_dir_all(folder)?;
    let mut command = crate::args::command().disable_help_subcommand(true);
    command.build();
    pages(&command, folder)
}

fn pages(command: &clap::Command, folder: &Path) -> Ended {
    for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
        pages(below, folder)?;
    }
    // Its name with those above it, as it is typed and as the file is called.
    let name = command.get_display_name().unwrap_or(command.get_name()).to_owned();
    let source = format!("bartizan {}", env!("CARGO_PKG_VERSION"));
    let page = Man::new(command.clone()).title(name).manual("Bartizan").source(source);
    let mut text = Vec::new();
    page.render(&mut text)?;
    if page.get_filename() == "bartizan.1" {
        text.extend_from_slice(MORE.as_bytes());
    }
    std::fs::write(folder.join(page.get_filename()), text)?;
    Ok(())
}

/// What is said once for all commands.
const MORE: &str = r"
.SH EXIT STATUS
.TP
0
done
.TP
1
failed
.TP
2
not said right
.TP
3
a configuration, policy or object is not valid
.TP
4
not signed in
.TP
5
denied by policy
.TP
6
there is no such thing
.TP
7
somebody else changed it, or refused for safety
.TP
8
the server does not answer
.TP
9
a check found problems
.SH ENVIRONMENT
.TP
BARTIZAN_SERVER, BARTIZAN_CA, BARTIZAN_TOKEN_FILE
what \-\-server, \-\-ca and \-\-token\-file say, for all commands of a shell
.TP
BARTIZAN_LOG
what is logged, such as info or warn,bartizan_gateway=debug
.SH SEE ALSO
.BR bartizan.toml (5)
";
