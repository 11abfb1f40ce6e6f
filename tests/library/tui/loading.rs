//! A file that is shown while it is being read.

use loopscope::{
    insight::longest_poll,
    replay::Replay,
    trace::file::Damage,
    tui::{FileProgress, Message, PaneSlot, SourceStatus},
};

use super::driver::{Driver, concurrent};

/// The first chunk of a file, and the rest of it.
fn file_being_read() -> (Driver, Vec<u8>, SourceStatus) {
    let mut log = concurrent().log().clone();
    let rest = log.bytes.split_off(40);
    let status = SourceStatus {
        reading: Some(FileProgress {
            events: concurrent().end().0,
        }),
        ..SourceStatus::default()
    };
    let mut driver = Driver::coloured((120, 40));
    driver.tell(Message::Launched {
        slot: PaneSlot::Only,
        result: Ok(Box::new(Replay::new(log))),
        status: Some(status),
    });
    (driver, rest, status)
}

#[test]
fn a_position_not_yet_read_is_reached_later() {
    let end = concurrent().end().0;
    for (keys, there) in [(":30\n", 30), ("G", end), (":tick 4\n", 0)] {
        let (mut driver, rest, status) = file_being_read();
        assert!(driver.picture().contains(" %"), "{}", driver.picture());
        assert!(driver.picture().contains(&format!("event 1/{end}")));
        driver.press(keys);
        assert_eq!(driver.at(), 1);
        assert!(driver.picture().contains("has not been read yet"));
        driver.tell(Message::Data {
            pane: 0,
            bytes: rest,
            status,
        });
        driver.tell(Message::Data {
            pane: 0,
            bytes: Vec::new(),
            status: SourceStatus {
                ended: true,
                ..SourceStatus::default()
            },
        });
        if there > 0 {
            assert_eq!(driver.at(), there);
        } else {
            assert!(driver.at() > 1, "at the tick");
        }
        assert!(!driver.picture().contains("has not been read yet"));
        assert!(!driver.picture().contains(" %"));
    }
}

#[test]
fn a_missing_position_is_reported_at_the_end() {
    let (mut driver, rest, _) = file_being_read();
    driver.press(":9999\n");
    driver.tell(Message::Data {
        pane: 0,
        bytes: rest,
        status: SourceStatus {
            ended: true,
            ..SourceStatus::default()
        },
    });
    assert!(driver.picture().contains("there is no event 9999"));
}

#[test]
fn damage_is_reported_when_the_file_is_read() {
    let (mut driver, rest, _) = file_being_read();
    driver.tell(Message::Data {
        pane: 0,
        bytes: rest,
        status: SourceStatus {
            ended: true,
            damage: Some(Damage {
                missing: 7,
                places: 1,
                unfinished: true,
                left_out: 0,
            }),
            ..SourceStatus::default()
        },
    });
    assert!(
        driver
            .picture()
            .contains("7 events are missing; it was not finished")
    );
}

/// The longest poll of the first part need not be the longest of all.
#[test]
fn the_longest_poll_is_searched_in_the_whole_file() {
    let (mut driver, rest, status) = file_being_read();
    driver.press(":longest\n");
    assert_eq!(driver.at(), 1);
    assert!(driver.picture().contains("has not been read yet"));
    driver.tell(Message::Data {
        pane: 0,
        bytes: rest,
        status,
    });
    assert_eq!(driver.at(), 1, "there may be more to come");
    driver.tell(Message::Data {
        pane: 0,
        bytes: Vec::new(),
        status: SourceStatus {
            ended: true,
            ..SourceStatus::default()
        },
    });
    let due = longest_poll(&concurrent()).unwrap();
    assert_eq!(driver.at(), due.end.0);
}
