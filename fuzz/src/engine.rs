//! What libFuzzer calls: the two C functions that a target has, made by [`target!`](crate::target).

/// A panic ends the process at once, so that libFuzzer keeps the input, even where the code under
/// test would catch it.
pub fn panics_abort() {
    let told = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        told(panic);
        std::process::abort();
    }));
}

/// Makes a binary in which libFuzzer hands every input to a function.
#[macro_export]
macro_rules! target {
    ($check:path) => {
        #[unsafe(no_mangle)]
        extern "C" fn LLVMFuzzerInitialize(_: *const i32, _: *const *const *const u8) -> i32 {
            $crate::engine::panics_abort();
            0
        }

        #[unsafe(no_mangle)]
        extern "C" fn LLVMFuzzerTestOneInput(data: *const u8, size: usize) -> i32 {
            // Sound: libFuzzer hands over a buffer of its own of that size, until this returns.
            $check(unsafe { std::slice::from_raw_parts(data, size) });
            0
        }
    };
}
