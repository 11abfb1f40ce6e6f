// A transaction is a scope: BEGIN on the way in, COMMIT or ROLLBACK on every way out. Look at the
// pool: the connection is taken before BEGIN and returned on every way out. A guard returns it when
// it is dropped, also when the task is cancelled in the middle.

use std::{rc::Rc, time::Duration};

use loopscope::{FutureExt, gather, lock::Semaphore, println, scope, sleep};

/// A database with two tables, and two connections to it.
struct Database {
    connections: Semaphore,
}

impl Database {
    fn new() -> Rc<Database> {
        Rc::new(Database {
            connections: Semaphore::named("connections", 2),
        })
    }
}

/// The table does not exist.
struct LookupError(String);

async fn execute(statement: &str) {
    sleep(Duration::from_millis(100)).await;
    println!("{statement}");
}

async fn insert(table: &str) -> Result<(), LookupError> {
    execute(&format!("INSERT INTO {table} VALUES (1, 2, 3)")).await;
    match table {
        "mytable" | "a" | "b" => Ok(()),
        _ => Err(LookupError(format!("no such table: {table}"))),
    }
}

async fn in_transaction(
    database: &Database,
    work: impl AsyncFnOnce() -> Result<(), LookupError>,
) -> Result<(), LookupError> {
    let _connection = database.connections.acquire().await;
    let _transaction = scope("transaction"); // left on every way out
    execute("BEGIN").await;
    let worked = work().await;
    execute(if worked.is_ok() { "COMMIT" } else { "ROLLBACK" }).await;
    worked
}

async fn insert_into(table: &'static str, database: Rc<Database>) {
    let inserted = in_transaction(&database, async || insert(table).await).await;
    if let Err(LookupError(message)) = inserted {
        println!("LookupError: {message}");
    }
}

async fn commit() {
    insert_into("mytable", Database::new()).await;
}

async fn rollback() {
    insert_into("nowhere", Database::new()).await;
}

async fn concurrent() {
    let database = Database::new();
    let insert = |table| {
        let database = Rc::clone(&database);
        insert_into(table, database).task_named(&format!("insert {table}"))
    };
    gather(["a", "b"].map(insert)).await;
}

loopscope::scenario! {
    name: "transaction",
    title: "A scope: BEGIN, then COMMIT or ROLLBACK on every way out",
    twin: true,
    pairs: true,
    variants: [
        commit() "without an error",
        rollback() "an error inside: the changes are rolled back",
        concurrent() "two transactions at once, each on its own connection",
    ],
    params: [],
}
