//! The expected output of each lesson, and the number that each variant shows.

/// A lesson's two variants.
pub(crate) struct Case {
    pub(crate) lesson: u8,
    pub(crate) wrong: Way,
    pub(crate) right: Way,
}

/// The expected run of a variant.
pub(crate) struct Way {
    /// The lines, each with its time in milliseconds.
    pub(crate) lines: &'static [(u64, &'static str)],
    /// The time of its end, in milliseconds.
    pub(crate) total: u64,
    /// The number that the lesson measures.
    pub(crate) shows: &'static str,
}

const fn way(lines: &'static [(u64, &'static str)], total: u64, shows: &'static str) -> Way {
    Way {
        lines,
        total,
        shows,
    }
}

const fn case(lesson: u8, wrong: Way, right: Way) -> Case {
    Case {
        lesson,
        wrong,
        right,
    }
}

pub(crate) const CASES: &[Case] = &[
    case(
        1,
        way(&[(1000, "a is fetched"), (3000, "b is fetched")], 3000, "1"),
        way(&[(1000, "a is fetched"), (2000, "b is fetched")], 2000, "2"),
    ),
    case(
        2,
        way(
            &[
                (2000, "c1 answered"),
                (2100, "c2 answered"),
                (2200, "c3 answered"),
            ],
            3000,
            "2.200 s",
        ),
        way(
            &[
                (100, "c2 answered"),
                (100, "c3 answered"),
                (2000, "c1 answered"),
            ],
            3000,
            "0.000 s",
        ),
    ),
    case(
        3,
        way(&[(0, "goodbye")], 0, "never polled"),
        way(
            &[(0, "saving"), (1000, "saved"), (1000, "goodbye")],
            1000,
            "polled to its end",
        ),
    ),
    case(
        4,
        way(&[(0, "main: job was spawned"), (0, "job begins")], 0, "1"),
        way(&[(0, "job begins"), (0, "main: job was spawned")], 0, "0"),
    ),
    case(
        5,
        way(
            &[
                (0, "hog 0"),
                (0, "hog 1"),
                (0, "hog 2"),
                (0, "ui 0"),
                (0, "ui 1"),
                (0, "ui 2"),
            ],
            0,
            "3",
        ),
        way(
            &[
                (0, "hog 0"),
                (0, "ui 0"),
                (0, "hog 1"),
                (0, "ui 1"),
                (0, "hog 2"),
                (0, "ui 2"),
            ],
            0,
            "1",
        ),
    ),
    case(
        6,
        way(
            &[(0, "beat"), (1500, "beat"), (2000, "beat"), (2500, "beat")],
            2500,
            "1.000 s",
        ),
        way(
            &[(0, "beat"), (500, "beat"), (1000, "beat"), (1500, "beat")],
            1500,
            "0.000 s",
        ),
    ),
    case(
        7,
        way(
            &[
                (100, "a 1/5"),
                (200, "a 2/5"),
                (300, "a 3/5"),
                (400, "a 4/5"),
                (500, "a 5/5"),
                (600, "b 1/5"),
                (700, "b 2/5"),
                (800, "b 3/5"),
                (900, "b 4/5"),
                (1000, "b 5/5"),
            ],
            1000,
            "1.000 s",
        ),
        way(
            &[
                (100, "a 1/5"),
                (200, "b 1/5"),
                (300, "a 2/5"),
                (400, "b 2/5"),
                (500, "a 3/5"),
                (600, "b 3/5"),
                (700, "a 4/5"),
                (800, "b 4/5"),
                (900, "a 5/5"),
                (1000, "b 5/5"),
            ],
            1000,
            "1.000 s",
        ),
    ),
    case(
        8,
        way(&[(1000, "awake")], 1000, "0.700 s"),
        way(&[(400, "awake")], 1000, "0.100 s"),
    ),
    case(
        9,
        way(
            &[
                (1000, "fast finished"),
                (2000, "medium finished"),
                (3000, "slow finished"),
                (3000, "handled slow"),
                (3000, "handled fast"),
                (3000, "handled medium"),
            ],
            3000,
            "2.000 s",
        ),
        way(
            &[
                (1000, "fast finished"),
                (1000, "handled fast"),
                (2000, "medium finished"),
                (2000, "handled medium"),
                (3000, "slow finished"),
                (3000, "handled slow"),
            ],
            3000,
            "0.000 s",
        ),
    ),
    case(
        10,
        way(
            &[
                (1000, "caught: disk full"),
                (2000, "X writes its part"),
                (3000, "main continues"),
            ],
            3000,
            "1.000 s",
        ),
        way(
            &[(1000, "caught: disk full"), (3000, "main continues")],
            3000,
            "0.000 s",
        ),
    ),
    case(
        11,
        way(&[(3000, "finished happily")], 3000, "1"),
        way(&[(1000, "the indexer failed")], 1000, "0"),
    ),
    case(
        12,
        way(&[(100, "main is done")], 100, "1"),
        way(&[(100, "main is done"), (2000, "mail sent")], 2000, "0"),
    ),
    case(
        13,
        way(
            &[(1000, "beat 1"), (1500, "main lets go")],
            3500,
            "3 (cancelled)",
        ),
        way(
            &[
                (1000, "beat 1"),
                (1500, "main lets go"),
                (2000, "beat 2"),
                (3000, "beat 3"),
            ],
            3500,
            "4 (done)",
        ),
    ),
    case(
        14,
        way(
            &[
                (1000, "main uses the desk again"),
                (1000, "clean-up begins"),
                (2000, "clean-up ends"),
            ],
            2000,
            "1",
        ),
        way(
            &[
                (1000, "clean-up begins"),
                (2000, "clean-up ends"),
                (2000, "main uses the desk again"),
            ],
            2000,
            "0",
        ),
    ),
    case(
        15,
        way(&[(3500, "returned")], 3500, "1.000 s"),
        way(&[(2500, "timed out")], 2500, "0.000 s"),
    ),
    case(
        16,
        way(&[(100, "balance: 110")], 100, "balance 110"),
        way(&[(300, "balance: 130")], 300, "balance 130"),
    ),
    case(
        17,
        way(
            &[
                (1000, "download 1"),
                (1000, "download 2"),
                (1000, "download 3"),
                (1000, "download 4"),
                (1000, "download 5"),
                (1000, "download 6"),
            ],
            1000,
            "6",
        ),
        way(
            &[
                (1000, "download 1"),
                (1000, "download 2"),
                (2000, "download 3"),
                (2000, "download 4"),
                (3000, "download 5"),
                (3000, "download 6"),
            ],
            3000,
            "2",
        ),
    ),
    case(
        18,
        way(&[(0, "main holds the lock")], 0, "1"),
        way(&[(0, "main holds the lock"), (0, "balance: 110")], 0, "0"),
    ),
    case(
        19,
        way(
            &[(800, "producer is done"), (4000, "consumer is done")],
            4000,
            "6",
        ),
        way(
            &[(2600, "producer is done"), (4000, "consumer is done")],
            4000,
            "2",
        ),
    ),
    case(
        20,
        way(&[(0, "first: schedules second"), (0, "second")], 0, "2"),
        way(&[(0, "first: schedules second"), (0, "second")], 0, "1"),
    ),
    case(
        21,
        way(
            &[
                (200, "not yet"),
                (400, "not yet"),
                (600, "not yet"),
                (800, "not yet"),
                (800, "0 delivered, 0 left"),
            ],
            800,
            "4 taken, 0 delivered",
        ),
        way(
            &[
                (200, "not yet"),
                (300, "delivered"),
                (500, "not yet"),
                (600, "delivered"),
                (600, "2 delivered, 2 left"),
            ],
            600,
            "2 taken, 2 delivered",
        ),
    ),
    case(
        22,
        way(&[(1000, "done")], 1000, "103 polls, 102 wakes"),
        way(&[(1000, "done")], 1000, "2 polls, 1 wake"),
    ),
];
