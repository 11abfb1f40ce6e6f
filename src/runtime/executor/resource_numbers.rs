//! The numbers of the resources of a loop.

/// Assigns the numbers of channels, locks and other resources. The number of a dropped resource is
/// assigned again.
#[derive(Debug, Default)]
pub(super) struct ResourceNumbers {
    next: u32,
    free: Vec<u32>,
}

impl ResourceNumbers {
    pub(super) fn take(&mut self) -> u32 {
        self.free.pop().unwrap_or_else(|| {
            self.next += 1;
            self.next - 1
        })
    }

    pub(super) fn give_back(&mut self, number: u32) {
        self.free.push(number);
    }
}
