//! The sign-in of this terminal: how it comes about, and how it is kept.

mod device;
mod kept;
mod loopback;
mod provider;

pub(crate) use device::on_another_device;
pub(crate) use kept::{Folder, Kept};
pub(crate) use loopback::{Browser, in_the_browser};
pub(crate) use provider::Provider;
