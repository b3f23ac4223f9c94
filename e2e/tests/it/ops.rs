//! What an operator does: keeps a deployment, brings it back, mends it, and has it survive what happens to machines.

mod backup;
mod deployment;
mod doctor;
mod kill;
mod logs;
mod package;
mod recover;
mod shell;
mod support;
mod telemetry;
mod upgrade;
