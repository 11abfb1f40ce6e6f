//! A stock that is read before a payment and written after it.

use loopscope::{SharedValue, gather, sleep};

use super::ms;

async fn pay() {
    sleep(ms(10)).await; // WRONG: race
}

async fn buy(stock: SharedValue) {
    let left = stock.get();
    if left > 0 {
        pay().await; // WRONG: race
        stock.set(left - 1);
    }
}

async fn buy_once_paid(stock: SharedValue) {
    if stock.get() > 0 {
        pay().await;
        stock.set(stock.get() - 1);
    }
}

pub(crate) async fn wrong() {
    let stock = SharedValue::new("stock", 5);
    gather((0..3).map(|_| buy(stock.clone()))).await;
}

/// The value is read again after the payment.
pub(crate) async fn right() {
    let stock = SharedValue::new("stock", 5);
    gather((0..3).map(|_| buy_once_paid(stock.clone()))).await;
}
