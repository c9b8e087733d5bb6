//! What the wire tests share: a peer that somebody else wrote, and a deployment of snapkeep on it.
//!
//! [`Emulator`] is an emulated AWS account behind a port, furnished and counted by boto3 ([`Fleet`]),
//! so that nothing of ours checks itself. [`Server`] is a real database with sample data in it.
//! [`Deployment`] calls the five shipped handlers on the account, as their schedules would, with the
//! instant as an argument. The tests in `tests/` say what must come of it.
//!
//! `SNAPKEEP_TEST_PYTHON` names the Python with the packages of `requirements.txt` (`./test` makes
//! it, and installs the databases). `SNAPKEEP_TEST_ENDPOINT` names another emulator to run on than
//! the one that is started here; it must understand the controls of `emulator/moto_controls.py`.

mod deployment;
mod emulator;
mod fleet;
mod process;
mod script;
mod servers;

pub use deployment::Deployment;
pub use emulator::Emulator;
pub use fleet::{Count, Fleet, Message, Region, Snapshot};
pub use script::Script;
pub use servers::{Certificate, Kind, Server};
