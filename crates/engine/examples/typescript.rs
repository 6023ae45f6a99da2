//! Prints the TypeScript side of the engine's interface.

fn main() {
    print!("{}", engine::typescript::render());
}
