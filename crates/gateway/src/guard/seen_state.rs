//! What a limiter knows of its callers, where others can see it: a limiter itself tells what is left only
//! by counting one more call.

use std::{fmt, hash::Hash, sync::Arc};

use governor::{
    nanos::Nanos,
    state::{
        StateStore,
        keyed::{HashMapStateStore, ShrinkableKeyedStateStore},
    },
};

/// Of each caller, when its allowance is whole again. Clones see the same.
pub(super) struct SeenState<K: Hash + Eq + Clone>(Arc<HashMapStateStore<K>>);

impl<K: Hash + Eq + Clone> Clone for SeenState<K> {
    fn clone(&self) -> SeenState<K> {
        SeenState(self.0.clone())
    }
}

impl<K: Hash + Eq + Clone> Default for SeenState<K> {
    fn default() -> SeenState<K> {
        SeenState(Arc::default())
    }
}

impl<K: Hash + Eq + Clone> fmt::Debug for SeenState<K> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SeenState({} callers)", self.0.len())
    }
}

impl<K: Hash + Eq + Clone> StateStore for SeenState<K> {
    type Key = K;

    fn measure_and_replace<T, F, E>(&self, key: &K, decide: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        self.0.measure_and_replace(key, decide)
    }
}

impl<K: Hash + Eq + Clone> ShrinkableKeyedStateStore<K> for SeenState<K> {
    fn retain_recent(&self, drop_below: Nanos) {
        self.0.retain_recent(drop_below);
    }

    fn shrink_to_fit(&self) {
        self.0.shrink_to_fit();
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
