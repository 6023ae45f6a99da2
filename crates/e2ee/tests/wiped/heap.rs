//! An allocator that looks at what is given back to it.

#![expect(unsafe_code, reason = "there is no other way to see freed memory")]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    slice,
};

/// So much of a secret is looked for.
const PIECE: usize = 16;

#[global_allocator]
static HEAP: Heap = Heap;

/// The system's allocator. Growing is left to the trait's own way, a new block and the old one given
/// back, so that what is left behind by it is seen, too.
struct Heap;

#[derive(Clone, Copy)]
struct Watch {
    pieces: [[u8; PIECE]; 4],
    count: usize,
    found: usize,
}

thread_local! {
    static WATCH: Cell<Option<Watch>> = const { Cell::new(None) };
}

/// How many blocks of this thread still held the first bytes of one of the secrets when `act` gave
/// them back. At most 4 secrets, of 16 bytes or more.
pub fn left_behind(secrets: &[Vec<u8>], act: impl FnOnce()) -> usize {
    let mut pieces = [[0; PIECE]; 4];
    for (piece, secret) in pieces.iter_mut().zip(secrets) {
        piece.copy_from_slice(&secret[..PIECE]);
    }
    assert!((1..=pieces.len()).contains(&secrets.len()));
    WATCH.set(Some(Watch {
        pieces,
        count: secrets.len(),
        found: 0,
    }));
    act();
    WATCH.take().map_or(0, |watch| watch.found)
}

fn look(block: &[u8]) {
    // A thread that ends has none any more.
    let _ = WATCH.try_with(|watch| {
        let Some(mut watched) = watch.get() else {
            return;
        };
        let pieces = &watched.pieces[..watched.count];
        if block
            .windows(PIECE)
            .any(|window| pieces.iter().any(|piece| piece == window))
        {
            watched.found += 1;
            watch.set(Some(watched));
        }
    });
}

// SAFETY: blocks come from the system's allocator and go back to it with the layout they came with.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // Zeros, so that the whole of a block can be read when it comes back.
        // SAFETY: the caller's promises are the same.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the block has this size, is still ours and nobody else's any more.
        look(unsafe { slice::from_raw_parts(block, layout.size()) });
        // SAFETY: the caller's promises are the same.
        unsafe { System.dealloc(block, layout) }
    }
}
