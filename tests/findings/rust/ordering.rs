//! Answers that come through a channel, and are paired with the questions by their positions.

use loopscope::{channel, gather, println, sleep, spawn};

use super::ms;

async fn ask(question: u64) -> u64 {
    sleep(ms(60 / question)).await;
    question * 10
}

pub(crate) async fn wrong() {
    let (answers, results) = channel::named("answers", 8);
    let questions = [1, 2, 3, 4];
    let mut asked = Vec::new();
    for question in questions {
        let answers = answers.clone();
        asked.push(spawn(async move {
            let _ = answers.send(ask(question).await).await;
        }));
    }
    for question in questions {
        let answer = results.recv().await; // WRONG: ordering
        println!("{question}: {answer:?}");
    }
    for task in asked {
        task.await;
    }
}

pub(crate) async fn right() {
    let questions = [1, 2, 3, 4];
    let answers = gather(questions.map(ask)).await;
    for (question, answer) in questions.iter().zip(answers) {
        println!("{question}: {answer}");
    }
}
