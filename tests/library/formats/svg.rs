//! The timeline as a picture, read by an XML parser.

use loopscope::{
    export,
    import::{ImportFormat, TraceBuilder},
    replay::{Axis, Replay},
    trace::{Event, LocationId, Meta, Moment, TaskEvent, TaskId},
};

use super::{read, run, runs, written};

fn picture(replay: &Replay, axis: Axis) -> String {
    String::from_utf8(written(|to| export::svg(replay, axis, to))).unwrap()
}

#[test]
fn every_run_is_a_picture_with_its_tasks_inside_of_it() {
    for replay in runs() {
        for axis in [Axis::Time, Axis::Poll] {
            let text = picture(&replay, axis);
            let document = roxmltree::Document::parse(&text).unwrap();
            let root = document.root_element();
            let side = |name: &str| root.attribute(name).unwrap().parse::<u32>().unwrap();
            let (width, height) = (side("width"), side("height"));
            let rows = root.children().filter(|node| node.has_tag_name("g"));
            assert_eq!(rows.count(), replay.tables().tasks().len().min(200));
            let bars = root
                .descendants()
                .filter(|node| node.attribute("x").is_some());
            for bar in bars.filter(|node| node.has_tag_name("rect")) {
                let number = |name: &str| bar.attribute(name).unwrap().parse::<u32>().unwrap();
                assert!(number("x") + number("width") <= width);
                assert!(number("y") + number("height") <= height);
            }
        }
    }
}

#[test]
fn bars_are_as_long_as_what_they_stand_for() {
    let text = picture(&run("say_after", "concurrent"), Axis::Time);
    let document = roxmltree::Document::parse(&text).unwrap();
    let groups: Vec<_> = document
        .descendants()
        .filter(|node| node.has_tag_name("g"))
        .collect();
    let asleep = |group: &roxmltree::Node<'_, '_>| -> u32 {
        let bars = group
            .children()
            .filter(|node| node.attribute("class") == Some("tmr"));
        bars.map(|bar| bar.attribute("width").unwrap().parse::<u32>().unwrap())
            .sum()
    };
    // Of two seconds one task sleeps for one, the other for both.
    let widths: Vec<u32> = groups.iter().map(asleep).collect();
    assert_eq!(widths[0], 0);
    assert!(
        widths[1].abs_diff(500) < 5 && widths[2].abs_diff(1000) < 5,
        "{widths:?}"
    );
}

#[test]
fn names_are_no_markup_and_many_tasks_are_counted() {
    let mut to = TraceBuilder::new();
    for task in 0..300 {
        let name = to.name("<b> & \"c\" 'd'");
        let at = LocationId::UNKNOWN;
        let spawn = Event::Task(TaskEvent::Spawn {
            task: TaskId(task),
            name,
            at,
            parent: None,
        });
        to.event(Moment(u64::from(task)), &spawn).unwrap();
    }
    let replay = Replay::new(to.finish(Meta::default()));
    let text = picture(&replay, Axis::Time);
    let document = roxmltree::Document::parse(&text).unwrap();
    let texts: Vec<&str> = document
        .descendants()
        .filter_map(|node| node.text())
        .collect();
    assert!(texts.contains(&"#7 <b> & \"c\" 'd'"));
    assert!(texts.contains(&"… and 100 more tasks"));
}

#[test]
fn what_is_not_known_is_not_in_the_legend() {
    let file = b"[{\"ph\":\"X\",\"ts\":1,\"dur\":2,\"name\":\"a\",\"tid\":1,\"pid\":1}]";
    let replay = Replay::new(read(ImportFormat::Chrome, file).unwrap().log);
    let text = picture(&replay, Axis::Time);
    assert!(text.contains("waiting or ready") && !text.contains(">ready<"));
}
