//! Columns, read row by row by the parquet crate's own reader.

use bytes::Bytes;
use loopscope::{export, replay::Replay};
use parquet::{
    file::reader::{FileReader, SerializedFileReader},
    record::{Row, RowAccessor},
};

use super::{runs, written};

fn rows(file: Vec<u8>) -> Vec<Row> {
    let reader = SerializedFileReader::new(Bytes::from(file)).unwrap();
    let rows = reader.get_row_iter(None).unwrap();
    rows.map(Result::unwrap).collect()
}

#[test]
fn every_event_is_a_row() {
    for replay in runs() {
        let rows = rows(written(|to| export::parquet_events(&replay, to)));
        assert_eq!(rows.len(), replay.end().0 as usize);
        let positions: Vec<i64> = rows.iter().map(|row| row.get_long(0).unwrap()).collect();
        assert_eq!(
            positions,
            (1..=i64::from(replay.end().0)).collect::<Vec<_>>()
        );
        let kind = |row: &Row| row.get_string(3).unwrap().clone();
        let polls = rows
            .iter()
            .filter(|row| kind(row) == "poll_end" || kind(row) == "callback_end");
        assert_eq!(polls.count(), replay.index().head().cursor.polls as usize);
        let last = rows.last().unwrap();
        assert_eq!(
            last.get_long(1).unwrap().unsigned_abs(),
            replay.index().head().now().0
        );
        assert_eq!(
            last.get_int(2).unwrap().unsigned_abs(),
            replay.index().head().tick()
        );
    }
}

#[test]
fn spans_cover_the_life_of_every_task() {
    for replay in runs() {
        let rows = rows(written(|to| export::parquet_spans(&replay, to)));
        let head = replay.index().head();
        for (task, row) in head.tasks.iter() {
            let spans = rows
                .iter()
                .filter(|span| span.get_int(0).unwrap() == task.0.cast_signed());
            let mut sums = [0, 0, 0];
            for span in spans {
                let took = span.get_long(4).unwrap() - span.get_long(3).unwrap();
                let place = match span.get_string(2).unwrap().as_str() {
                    "running" => 0,
                    "ready" => 1,
                    _ => 2,
                };
                sums[place] += took.unsigned_abs();
            }
            assert_eq!(sums, row.times(head.now()), "{}", name(&replay));
        }
    }
}

fn name(replay: &Replay) -> &str {
    &replay.log().meta.scenario
}
