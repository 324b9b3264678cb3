//! Many things at once, answers in their order, and never more than a few of them in memory.

use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

/// Does `work` on each item with so many threads, and hands the results to `each` in the order of
/// the items, until it breaks. The items are asked for only as fast as they are worked on.
pub(super) fn in_order<T: Send, R: Send>(
    items: impl Iterator<Item = T> + Send,
    workers: usize,
    work: impl Fn(T) -> R + Sync,
    mut each: impl FnMut(R) -> ControlFlow<()>,
) {
    // The jobs that wait, and behind them the places in the order of those that are done.
    let (jobs, queue) = sync_channel::<(T, SyncSender<R>)>(workers);
    let (places, order) = sync_channel::<Receiver<R>>(workers.saturating_mul(AHEAD));
    let queue = Arc::new(Mutex::new(queue));
    let work = &work;
    std::thread::scope(|scope| {
        for _ in 0..workers {
            let queue = Arc::clone(&queue);
            scope.spawn(move || {
                while let Some((item, answer)) = next(&queue) {
                    // Nobody waits any more when the answers were broken off.
                    drop(answer.send(work(item)));
                }
            });
        }
        drop(queue);
        scope.spawn(move || {
            for item in items {
                let (answer, place) = sync_channel(1);
                if places.send(place).is_err() || jobs.send((item, answer)).is_err() {
                    break;
                }
            }
        });
        for result in order.iter().filter_map(|place| place.recv().ok()) {
            if each(result).is_break() {
                break;
            }
        }
        drop(order);
    });
}

fn next<J>(queue: &Mutex<Receiver<J>>) -> Option<J> {
    queue.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

/// How many results may wait for the one before them, for each worker.
const AHEAD: usize = 4;

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn the_order_is_kept_and_few_are_in_flight() {
        let (begun, printed, most) =
            (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
        let items = (0..2000_usize).inspect(|_| {
            let ahead = begun.fetch_add(1, Ordering::SeqCst) + 1 - printed.load(Ordering::SeqCst);
            most.fetch_max(ahead, Ordering::SeqCst);
        });
        let mut seen = Vec::new();
        let work = |item: usize| {
            // The first of each ten take longest.
            (0..(10 - item % 10) * 500).for_each(|_| std::hint::spin_loop());
            item
        };
        in_order(items, 4, work, |item| {
            seen.push(item);
            printed.fetch_add(1, Ordering::SeqCst);
            ControlFlow::Continue(())
        });
        assert_eq!(seen, (0..2000).collect::<Vec<_>>());
        // Those that wait in the order, one that waits to be put there, and one that is printed.
        assert!(most.into_inner() <= 4 * AHEAD + 2);
    }

    #[test]
    fn breaking_off_ends_everything() {
        let begun = AtomicUsize::new(0);
        let items = (0..).inspect(|_| {
            begun.fetch_add(1, Ordering::SeqCst);
        });
        let mut seen = 0;
        in_order(
            items,
            3,
            |item: u64| item,
            |_| {
                seen += 1;
                if seen == 10 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            },
        );
        assert!(seen == 10 && begun.into_inner() < 100);
    }
}
