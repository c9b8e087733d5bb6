//! The snapshot quota: how full it is, and when it will be.
