//! What our fixed encodings share: fields taken off the front, and secrets that print nothing.

/// The next `N` bytes, taken off the front; `None` when there are fewer.
pub(crate) fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (head, tail) = rest.split_first_chunk::<N>()?;
    *rest = tail;
    Some(*head)
}

/// A `Debug` that prints the name of the type and nothing of what it holds.
macro_rules! blank_debug {
    ($($name:ident),+ $(,)?) => {
        $(
            impl ::std::fmt::Debug for $name {
                fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                    f.write_str(concat!(stringify!($name), "(…)"))
                }
            }
        )+
    };
}
pub(crate) use blank_debug;
