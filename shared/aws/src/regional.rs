//! One client for each region, made when it is first asked for and kept.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use snapkeep_policy::ids::Region;

#[derive(Debug)]
pub(crate) struct Regional<C>(Mutex<BTreeMap<Region, C>>);

impl<C> Default for Regional<C> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<C: Clone> Regional<C> {
    pub(crate) fn get(&self, region: &Region, make: impl FnOnce() -> C) -> C {
        // A poisoned map is still a map of clients: nothing in it can be half done.
        let mut clients = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        clients.entry(region.clone()).or_insert_with(make).clone()
    }
}
